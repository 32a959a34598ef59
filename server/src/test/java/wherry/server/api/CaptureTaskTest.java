package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.Event;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;

/** What the API takes and refuses of tasks that capture changes; here they never get to run. */
class CaptureTaskTest {
  private static final String VALUE = "InvalidParameterValueException";
  private static final String COMBINATION = "InvalidParameterCombinationException";
  private static final Instant TIME = Instant.parse("2018-03-08T12:12:12Z");
  private static final String AWS_CHECKPOINT =
      "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:mysql-bin-changelog.157832:1876#0#0#*#0#93";

  @TempDir static Path directory;
  private static Service service;
  private static DatabaseMigrationClient client;
  private static String instance;
  private static String target;

  @BeforeAll
  static void start() {
    service = new Service(directory, new FakeConnector());
    client = service.client;
    instance = service.createInstance("i");
    await()
        .until(() ->
            client
                .describeReplicationInstances(r -> {})
                .replicationInstances()
                .getFirst()
                .replicationInstanceStatus()
                .equals("available"));
    target = service.createEndpoint("to", "target");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String create(
      String type, String engine, Consumer<CreateReplicationTaskRequest.Builder> more) {
    String source =
        service.createEndpoint(
            "from-" + System.nanoTime(), "source", engine, FakeConnector.UNREACHABLE);
    return client
        .createReplicationTask(r -> {
          r.replicationTaskIdentifier("task-" + System.nanoTime())
              .migrationType(type)
              .sourceEndpointArn(source)
              .targetEndpointArn(target)
              .replicationInstanceArn(instance)
              .replicationTaskSettings("{\"ErrorBehavior\":{\"RecoverableErrorCount\":0}}")
              .tableMappings(
                  """
                  {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
                    "object-locator":{"schema-name":"%","table-name":"%"}}]}
                  """);
          more.accept(r);
        })
        .replicationTask()
        .replicationTaskArn();
  }

  private static ReplicationTask task(String arn) {
    return client
        .describeReplicationTasks(
            r -> r.filters(Filter.builder().name("replication-task-arn").values(arn).build()))
        .replicationTasks()
        .getFirst();
  }

  /** Starts the task; as its source cannot be reached it fails at once. */
  private static void startAndFail(String arn, String how) {
    client.startReplicationTask(r -> r.replicationTaskArn(arn).startReplicationTaskType(how));
    await().until(() -> task(arn).status().equals("failed"));
  }

  private static void assertFault(String code, String words, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DatabaseMigrationException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code))
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource({
    "cdc, postgres, 4AF/B00000D0",
    "cdc, postgres, checkpoint:V1#1#000004AF/B00000D0#0#0#*#0#0",
    "cdc, mysql, mysql-bin-changelog.000024:373",
    "cdc, mariadb, 2018-03-08T12:12:12",
    "full-load, postgres, ignored there",
    "cdc, mysql, " + AWS_CHECKPOINT
  })
  void a_start_position_is_kept_and_shown_as_it_was_given(
      String type, String engine, String position) {
    String arn = create(type, engine, r -> r.cdcStartPosition(position));

    assertThat(task(arn).cdcStartPosition()).isEqualTo(position);
    assertThat(task(arn).migrationTypeAsString()).isEqualTo(type);
  }

  @Test
  void a_start_time_is_shown_as_a_position_without_zone() {
    String arn = create("cdc", "mysql", r -> r.cdcStartTime(TIME));

    assertThat(task(arn).cdcStartPosition()).isEqualTo("2018-03-08T12:12:12");
  }

  @ParameterizedTest
  @CsvSource({
    "postgres, 2018-03-08T12:12:12, not ordered by time",
    "postgres, mysql-bin.000001:4, no position in the log",
    "postgres, " + AWS_CHECKPOINT + ", no position in the log",
    "mysql, 4AF/B00000D0, no position in the log",
    "postgres, 0-1-4711, no position in the log",
    "mysql, 0-1, no position in the log",
    "mysql, 2018-02-30T00:00:00, no time like",
    "mysql, checkpoint:27, RecoveryCheckpoint"
  })
  void a_start_position_that_the_source_cannot_have_is_refused(
      String engine, String position, String words) {
    assertFault(VALUE, words, () -> create("cdc", engine, r -> r.cdcStartPosition(position)));
  }

  @Test
  void both_ways_to_give_a_start_exclude_each_other_wherever_they_are_given() {
    assertFault(
        COMBINATION,
        "exclude each other",
        () -> create("cdc", "mysql", r -> r.cdcStartTime(TIME).cdcStartPosition("a.000001:4")));
    String arn = create("cdc", "mysql", r -> {});
    assertFault(
        COMBINATION,
        "exclude each other",
        () ->
            client.modifyReplicationTask(
                r -> r.replicationTaskArn(arn).cdcStartTime(TIME).cdcStartPosition("a.000001:4")));
    assertFault(
        COMBINATION,
        "exclude each other",
        () ->
            client.startReplicationTask(r ->
                r.replicationTaskArn(arn)
                    .startReplicationTaskType("start-replication")
                    .cdcStartTime(TIME)
                    .cdcStartPosition("a.000001:4")));
  }

  @Test
  void a_task_that_loads_and_captures_takes_no_start_position() {
    assertFault(
        COMBINATION,
        "takes no CdcStartTime or CdcStartPosition",
        () -> create("full-load-and-cdc", "postgres", r -> r.cdcStartPosition("4AF/B00000D0")));
    String arn = create("full-load-and-cdc", "mysql", r -> {});
    assertFault(
        COMBINATION,
        "takes no CdcStartTime or CdcStartPosition",
        () ->
            client.startReplicationTask(r ->
                r.replicationTaskArn(arn)
                    .startReplicationTaskType("start-replication")
                    .cdcStartTime(TIME)));
    assertThat(task(arn).status()).isEqualTo("ready");
  }

  @Test
  void a_stop_position_is_by_server_time_or_commit_time() {
    String arn =
        create(
            "full-load-and-cdc",
            "postgres",
            r -> r.cdcStopPosition("server_time: 3018-02-09T12:12:12"));

    assertThat(task(arn).cdcStopPosition()).isEqualTo("server_time: 3018-02-09T12:12:12");
    assertFault(
        VALUE,
        "CdcStopPosition must be server_time:",
        () -> client.modifyReplicationTask(r -> r.replicationTaskArn(arn).cdcStopPosition("soon")));
    client.modifyReplicationTask(
        r -> r.replicationTaskArn(arn).cdcStopPosition("commit_time:3018-02-09T12:12:12"));
    assertThat(task(arn).cdcStopPosition()).isEqualTo("commit_time:3018-02-09T12:12:12");
    client.modifyReplicationTask(r -> r.replicationTaskArn(arn).cdcStopPosition(""));
    assertThat(task(arn).cdcStopPosition()).isNull();
  }

  @Test
  void the_migration_type_changes_before_the_first_start_and_never_after() {
    String arn = create("full-load", "postgres", r -> {});

    client.modifyReplicationTask(r -> r.replicationTaskArn(arn).migrationType("cdc"));
    assertThat(task(arn).migrationTypeAsString()).isEqualTo("cdc");
    startAndFail(arn, "start-replication");

    assertFault(
        COMBINATION,
        "only before its first start",
        () ->
            client.modifyReplicationTask(
                r -> r.replicationTaskArn(arn).migrationType("full-load")));
    client.modifyReplicationTask(r -> r.replicationTaskArn(arn).migrationType("cdc"));
  }

  @Test
  void a_start_says_last_where_changes_begin_and_end() {
    String arn =
        create(
            "cdc",
            "postgres",
            r -> r.cdcStartPosition("1/1").cdcStopPosition("server_time:3018-02-09T12:12:12"));
    client.modifyReplicationTask(r -> r.replicationTaskArn(arn).cdcStartPosition("2/2"));
    assertThat(task(arn).cdcStartPosition()).isEqualTo("2/2");

    client.startReplicationTask(r ->
        r.replicationTaskArn(arn)
            .startReplicationTaskType("start-replication")
            .cdcStartPosition("3/3")
            .cdcStopPosition("server_time:3019-02-09T12:12:12"));

    assertThat(task(arn).cdcStartPosition()).isEqualTo("3/3");
    assertThat(task(arn).cdcStopPosition()).isEqualTo("server_time:3019-02-09T12:12:12");
  }

  /** The table "start types × migration types"; what "again" is refused is by this message. */
  @ParameterizedTest(name = "{0}: {1}, run before: {2}, start given: {3}: {4}")
  @CsvSource({
    "full-load, start-replication, false, false, taken",
    "full-load, start-replication, false, true, taken",
    "full-load, start-replication, true, false, valid only for tasks running for the first time",
    "full-load, start-replication, true, true, valid only for tasks running for the first time",
    "full-load, resume-processing, false, false, valid only for tasks that have run before",
    "full-load, resume-processing, true, false, taken",
    "full-load, reload-target, false, false, valid only for tasks that have run before",
    "full-load, reload-target, true, false, taken",
    "full-load-and-cdc, start-replication, false, false, taken",
    "full-load-and-cdc, start-replication, false, true, takes no CdcStartTime",
    "full-load-and-cdc, start-replication, true, false, valid only for tasks running for the first time",
    "full-load-and-cdc, resume-processing, false, false, valid only for tasks that have run before",
    "full-load-and-cdc, resume-processing, true, false, taken",
    "full-load-and-cdc, reload-target, false, false, valid only for tasks that have run before",
    "full-load-and-cdc, reload-target, true, false, taken",
    "cdc, start-replication, false, false, taken",
    "cdc, start-replication, false, true, taken",
    "cdc, start-replication, true, false, valid only for tasks running for the first time",
    "cdc, start-replication, true, true, taken",
    "cdc, resume-processing, false, false, valid only for tasks that have run before",
    "cdc, resume-processing, true, false, taken",
    "cdc, resume-processing, true, true, taken",
    "cdc, reload-target, false, false, valid only for tasks that have run before",
    "cdc, reload-target, true, false, valid only for tasks that load"
  })
  void a_start_fits_the_type_of_the_task_and_what_it_has_done(
      String type, String how, boolean ranBefore, boolean startGiven, String outcome) {
    String arn = create(type, "mysql", r -> {});
    if (ranBefore) {
      startAndFail(arn, "start-replication");
    }
    ThrowingCallable start =
        () ->
            client.startReplicationTask(r -> {
              r.replicationTaskArn(arn).startReplicationTaskType(how);
              if (startGiven) {
                r.cdcStartPosition("binlog.000001:4");
              }
            });

    if (outcome.equals("taken")) {
      org.assertj.core.api.Assertions.assertThatCode(start).doesNotThrowAnyException();
      await().until(() -> task(arn).status().equals("failed"));
    } else {
      assertFault(COMBINATION, outcome, start);
      assertThat(task(arn).status()).isEqualTo(ranBefore ? "failed" : "ready");
    }
  }

  @Test
  void a_task_whose_source_is_gone_is_deleted_and_an_event_tells_what_may_be_left() {
    String arn = create("cdc", "postgres", r -> {});
    String name = task(arn).replicationTaskIdentifier();
    startAndFail(arn, "start-replication");

    client.deleteReplicationTask(r -> r.replicationTaskArn(arn));

    await()
        .untilAsserted(() ->
            assertThatThrownBy(() -> task(arn)).isInstanceOf(ResourceNotFoundException.class));
    assertThat(
            client
                .describeEvents(r ->
                    r.sourceType("replication-task")
                        .sourceIdentifier(name)
                        .eventCategories("failure", "deletion"))
                .events())
        .extracting(Event::message)
        .anySatisfy(message ->
            assertThat(message)
                .contains("Clean-up of task data failed")
                .contains("replication slot")
                .contains(FakeConnector.UNREACHABLE))
        .contains("Replication task deleted.");
  }

  @Test
  void settings_that_would_harm_a_task_that_captures_are_refused() {
    String loopback = "{\"LoopbackPreventionSettings\":{\"EnableLoopbackPrevention\":true}}";
    assertFault(
        VALUE,
        "EnableLoopbackPrevention",
        () -> create("cdc", "mysql", r -> r.replicationTaskSettings(loopback)));
    String arn = create("full-load", "mysql", r -> r.replicationTaskSettings(loopback));
    assertFault(
        VALUE,
        "EnableLoopbackPrevention",
        () -> client.modifyReplicationTask(r -> r.replicationTaskArn(arn).migrationType("cdc")));
    String only = "{\"ValidationSettings\":{\"EnableValidation\":true,\"ValidationOnly\":true}}";
    assertFault(
        VALUE,
        "full-load and cdc only",
        () -> create("full-load-and-cdc", "mysql", r -> r.replicationTaskSettings(only)));
  }
}
