package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentRun;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskIndividualAssessment;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskAssessmentRunRequest;

/** Assessments of tasks as documents; what they find is in AssessmentIT. */
class AssessmentTest {
  private static final String MAPPINGS =
      """
      {"rules":[{"rule-type":"selection","rule-id":"1","rule-action":"include",
       "object-locator":{"schema-name":"app","table-name":"%"}}]}\
      """;

  @TempDir Path directory;
  private final FakeConnector connector = new FakeConnector();
  private Service service;
  private DatabaseMigrationClient client;

  @BeforeEach
  void a_service() {
    service = new Service(directory, connector);
    client = service.client;
  }

  @AfterEach
  void end() {
    connector.answer.countDown();
    service.close();
  }

  private String task(MigrationTypeValue type, String sourceServer) {
    return client
        .createReplicationTask(r ->
            r.replicationTaskIdentifier("t")
                .sourceEndpointArn(service.createEndpoint("s", "source", "postgres", sourceServer))
                .targetEndpointArn(
                    service.createEndpoint("d", "target", "postgres", FakeConnector.UNREACHABLE))
                .replicationInstanceArn(service.createInstance("i"))
                .migrationType(type)
                .tableMappings(MAPPINGS))
        .replicationTask()
        .replicationTaskArn();
  }

  private ReplicationTaskAssessmentRun start(
      String task, String name, Consumer<StartReplicationTaskAssessmentRunRequest.Builder> more) {
    return client
        .startReplicationTaskAssessmentRun(r ->
            r.replicationTaskArn(task)
                .serviceAccessRoleArn("arn:aws:iam::123456789012:role/dms")
                .resultLocationBucket("results")
                .assessmentRunName(name)
                .applyMutation(more))
        .replicationTaskAssessmentRun();
  }

  private ReplicationTaskAssessmentRun run(String arn) {
    return client
        .describeReplicationTaskAssessmentRuns(r ->
            r.filters(
                Filter.builder().name("replication-task-assessment-run-arn").values(arn).build()))
        .replicationTaskAssessmentRuns()
        .get(0);
  }

  private String status(String task) {
    return client
        .describeReplicationTasks(
            r -> r.filters(Filter.builder().name("replication-task-arn").values(task).build()))
        .replicationTasks()
        .get(0)
        .status();
  }

  private static void assertFault(String code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DatabaseMigrationException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void a_run_keeps_its_task_testing_until_it_ends_or_is_cancelled() {
    String task = task(MigrationTypeValue.FULL_LOAD, FakeConnector.SILENT);
    String run = start(task, "first", r -> {}).replicationTaskAssessmentRunArn();

    assertThat(run).contains(":assessment-run:");
    assertThat(status(task)).isEqualTo("testing");
    assertThat(run(run).status()).isEqualTo("running");
    assertThat(run(run).resultLocationBucket()).isEqualTo("results");
    assertFault("InvalidResourceStateFault", "at rest", () -> start(task, "second", r -> {}));
    assertFault(
        "InvalidResourceStateFault",
        "at rest",
        () -> client.startReplicationTaskAssessment(r -> r.replicationTaskArn(task)));
    assertFault(
        "InvalidResourceStateFault",
        "Cancel it first",
        () ->
            client.deleteReplicationTaskAssessmentRun(r -> r.replicationTaskAssessmentRunArn(run)));

    client.cancelReplicationTaskAssessmentRun(r -> r.replicationTaskAssessmentRunArn(run));

    assertThat(status(task)).isEqualTo("ready");
    assertThat(run(run).status()).isEqualTo("cancelled");
    assertThat(run(run).resultStatistic().cancelled()).isEqualTo(6);
    assertFault(
        "InvalidResourceStateFault",
        "is not running",
        () ->
            client.cancelReplicationTaskAssessmentRun(r -> r.replicationTaskAssessmentRunArn(run)));
    client.deleteReplicationTaskAssessmentRun(r -> r.replicationTaskAssessmentRunArn(run));
    assertFault("ResourceNotFoundFault", "No Replication", () -> run(run));
  }

  @Test
  void databases_that_do_not_answer_fail_and_what_could_not_be_asked_is_skipped() {
    String task = task(MigrationTypeValue.FULL_LOAD_AND_CDC, FakeConnector.UNREACHABLE);
    String arn = start(task, "first", r -> {}).replicationTaskAssessmentRunArn();
    await().atMost(Duration.ofMinutes(3)).until(() -> !run(arn).status().equals("running"));

    ReplicationTaskAssessmentRun run = run(arn);
    assertThat(run.status()).isEqualTo("failed");
    assertThat(run.lastFailureMessage()).contains("No route to " + FakeConnector.UNREACHABLE);
    assertThat(run.isLatestTaskAssessmentRun()).isTrue();
    assertThat(run.resultStatistic().failed()).isEqualTo(2);
    assertThat(run.resultStatistic().skipped()).isEqualTo(5);
    assertThat(run.assessmentProgress().individualAssessmentCompletedCount()).isEqualTo(7);
    assertThat(
            client
                .describeReplicationTaskIndividualAssessments(r -> {})
                .replicationTaskIndividualAssessments())
        .filteredOn(individual -> individual.status().equals("failed"))
        .extracting(ReplicationTaskIndividualAssessment::individualAssessmentName)
        .containsExactlyInAnyOrder("wherry-check-source", "wherry-check-target");
    assertThat(status(task)).isEqualTo("ready");
    assertFault(
        "ResourceAlreadyExistsFault", "of the name first", () -> start(task, "first", r -> {}));
    assertThat(status(task)).as("a refused start changes nothing").isEqualTo("ready");
  }

  @Test
  void individual_assessments_are_chosen_by_name() {
    String task = task(MigrationTypeValue.FULL_LOAD, FakeConnector.UNREACHABLE);
    assertThat(
            client
                .describeApplicableIndividualAssessments(r -> r.replicationTaskArn(task))
                .individualAssessmentNames())
        .contains("all-check-source-selection-rules", "wherry-check-rows")
        .doesNotContain("wherry-check-change-capture");
    assertThat(client.describeApplicableIndividualAssessments(r -> {}).individualAssessmentNames())
        .contains("wherry-check-change-capture");
    assertFault(
        "InvalidParameterCombinationException",
        "not both",
        () -> start(task, "a", r -> r.includeOnly("wherry-check-rows").exclude("x")));
    assertFault(
        "InvalidParameterValueException",
        "these are: wherry-check-source, ",
        () -> start(task, "a", r -> r.includeOnly("postgres-check-wallevel")));

    String arn =
        start(task, "a", r -> r.exclude("wherry-check-target", "wherry-check-rows"))
            .replicationTaskAssessmentRunArn();
    assertThat(run(arn).assessmentProgress().individualAssessmentCount()).isEqualTo(4);
  }
}
