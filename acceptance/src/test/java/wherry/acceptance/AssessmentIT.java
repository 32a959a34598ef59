package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.newName;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentResult;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentRun;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskIndividualAssessment;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.demo.ServiceProcess;

/** The plan of a task through the API's assessments, and the task afterwards. */
class AssessmentIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static Migration migration;

  @BeforeAll
  static void start() {
    service = ServiceProcess.startTemporary();
    client = service.client();
    migration = new Migration(client);
  }

  @AfterAll
  static void stop() {
    client.close();
    service.close();
  }

  private static String task(MigrationTypeValue type, String from, String to, String schema) {
    return migration.task(
        type,
        migration.endpoint(ReplicationEndpointTypeValue.SOURCE, "postgres", postgres(), from),
        migration.endpoint(ReplicationEndpointTypeValue.TARGET, "mariadb", Fixture.mariaDb(), to),
        Migration.wholeSchema("public", schema),
        "{}",
        r -> {});
  }

  @Test
  void an_assessment_run_tells_which_rows_the_task_then_rejects() {
    String from = newDatabase(postgres());
    postgres()
        .executeIn(
            from,
            "CREATE TABLE t (id int PRIMARY KEY, at timestamp)",
            "INSERT INTO t VALUES (1, '2024-02-29'), (2, 'infinity')");
    String schema = newName("assessed");
    String task = task(MigrationTypeValue.FULL_LOAD, from, "", schema);
    String arn =
        client
            .startReplicationTaskAssessmentRun(r ->
                r.replicationTaskArn(task)
                    .serviceAccessRoleArn("arn:aws:iam::123456789012:role/dms")
                    .resultLocationBucket("anything")
                    .assessmentRunName("before"))
            .replicationTaskAssessmentRun()
            .replicationTaskAssessmentRunArn();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> migration.describe(task).status().equals("ready"));

    ReplicationTaskAssessmentRun run =
        client
            .describeReplicationTaskAssessmentRuns(r -> {})
            .replicationTaskAssessmentRuns()
            .stream()
            .filter(each -> each.replicationTaskAssessmentRunArn().equals(arn))
            .findFirst()
            .orElseThrow();
    assertThat(run.status()).isEqualTo("warning");
    assertThat(run.lastFailureMessage()).contains("id=2").contains("infinity");
    Map<String, String> individual =
        client
            .describeReplicationTaskIndividualAssessments(
                r -> r.filters(Migration.filter("replication-task-arn", task)))
            .replicationTaskIndividualAssessments()
            .stream()
            .collect(
                Collectors.toMap(
                    ReplicationTaskIndividualAssessment::individualAssessmentName,
                    ReplicationTaskIndividualAssessment::status));
    assertThat(individual)
        .containsEntry("wherry-check-rows", "warning")
        .containsEntry("all-check-source-selection-rules", "passed")
        .containsEntry("wherry-check-target", "passed");
    assertThat(rows(Fixture.mariaDb(), "", "SHOW DATABASES")).doesNotContain(schema);

    migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    JsonNode plan = plan(task);
    assertThat(plan.path("tables").path(0).path("rejectedRows").asLong()).isEqualTo(1);
    assertThat(migration.table(task, "t").fullLoadErrorRows()).isEqualTo(1);
    assertThat(migration.table(task, "t").fullLoadRows()).isEqualTo(1);
  }

  private static JsonNode plan(String task) {
    List<ReplicationTaskAssessmentResult> results =
        client
            .describeReplicationTaskAssessmentResults(r -> r.replicationTaskArn(task))
            .replicationTaskAssessmentResults();
    assertThat(results).hasSize(1);
    return JSON.readTree(results.get(0).assessmentResults());
  }

  @Test
  void the_older_form_finds_what_change_capture_lacks_and_the_task_can_be_assessed_again() {
    String from = newDatabase(postgres());
    postgres()
        .executeIn(
            from,
            "CREATE TABLE t (id int PRIMARY KEY, v int)",
            "CREATE USER " + from + "_reader PASSWORD 'x'",
            "GRANT SELECT ON t TO " + from + "_reader");
    String source =
        migration.endpoint(
            ReplicationEndpointTypeValue.SOURCE,
            "postgres",
            postgres(),
            from,
            r -> r.username(from + "_reader").password("x"));
    String target =
        migration.endpoint(ReplicationEndpointTypeValue.TARGET, "mariadb", Fixture.mariaDb(), "");
    String task =
        migration.task(
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            source,
            target,
            Migration.wholeSchema("public", newName("assessed")),
            "{}",
            r -> {});
    for (int attempt = 1; attempt <= 2; attempt++) {
      assertThat(
              client
                  .startReplicationTaskAssessment(r -> r.replicationTaskArn(task))
                  .replicationTask()
                  .status())
          .isEqualTo("testing");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> migration.describe(task).status().equals("ready"));
      assertThat(plan(task).path("findings").toString()).contains("REPLICATION;");
      assertThat(plan(task).path("good").asBoolean()).isFalse();
    }
  }
}
