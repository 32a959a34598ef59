package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.mariaDb;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;
import static wherry.acceptance.Migration.wholeSchema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.demo.ServiceProcess;

/**
 * The settings and rules that a full load acts on, each seen in what stands on the target
 * afterwards.
 */
class LoadSettingsIT {
  @TempDir private static Path data;
  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static Migration migration;

  private String sourceDatabase;
  private String targetDatabase;
  private String source;
  private String target;

  @BeforeAll
  static void start_the_service() {
    service = ServiceProcess.start(data, "--compat-dwell", "0s");
    client = service.client();
    migration = new Migration(client);
  }

  @AfterAll
  static void end_the_service() {
    client.close();
    service.close();
  }

  @BeforeEach
  void two_databases() {
    sourceDatabase = newDatabase(postgres());
    targetDatabase = newDatabase(postgres());
    source =
        migration.endpoint(
            ReplicationEndpointTypeValue.SOURCE, "postgres", postgres(), sourceDatabase);
    target =
        migration.endpoint(
            ReplicationEndpointTypeValue.TARGET, "postgres", postgres(), targetDatabase);
  }

  private void onSource(String... statements) {
    postgres().executeIn(sourceDatabase, statements);
  }

  private void onTarget(String... statements) {
    postgres().executeIn(targetDatabase, statements);
  }

  private String load(String mappings, String settings) {
    return load(target, mappings, settings);
  }

  private String load(String to, String mappings, String settings) {
    String task = migration.task(source, to, mappings, settings);
    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(ended.lastFailureMessage()).isNull();
    assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
    return task;
  }

  @Test
  void do_nothing_adds_to_what_is_there_and_keeps_the_rows_whose_keys_are_taken() {
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t SELECT i, 'new' FROM generate_series(1, 20) i");
    onTarget(
        "CREATE SCHEMA copied",
        "CREATE TABLE copied.t (id int PRIMARY KEY, v text)",
        "INSERT INTO copied.t SELECT i, 'old' FROM generate_series(1, 8) i");
    String task =
        load(
            wholeSchema("public", "copied"),
            "{\"FullLoadSettings\":{\"TargetTablePrepMode\":\"DO_NOTHING\"}}");
    assertThat(migration.table(task, "t").fullLoadRows()).isEqualTo(12);
    assertThat(migration.table(task, "t").fullLoadErrorRows()).isEqualTo(8);
    assertThat(
            rows(
                postgres(),
                targetDatabase,
                "SELECT v, count(*) FROM copied.t GROUP BY v ORDER BY v"))
        .containsExactly("new|12", "old|8");
    assertThat(
            value(
                postgres(),
                targetDatabase,
                "SELECT count(*) FROM awsdms_full_load_exceptions WHERE \"ERROR\" LIKE '%23505%'"))
        .isEqualTo("8");
  }

  @Test
  void truncate_before_load_keeps_the_definition_and_drop_and_create_does_not() {
    onSource("CREATE TABLE t (id int PRIMARY KEY, v varchar(10))", "INSERT INTO t VALUES (1, 'a')");
    onTarget(
        "CREATE SCHEMA copied",
        "CREATE TABLE copied.t (v text, id bigint PRIMARY KEY, more int DEFAULT 7)",
        "INSERT INTO copied.t VALUES ('gone', 9)");
    load(
        wholeSchema("public", "copied"),
        "{\"FullLoadSettings\":{\"TargetTablePrepMode\":\"TRUNCATE_BEFORE_LOAD\"}}");
    assertThat(rows(postgres(), targetDatabase, "SELECT id, v, more FROM copied.t"))
        .containsExactly("1|a|7");
    load(wholeSchema("public", "copied"), "{}");
    assertThat(
            value(
                postgres(),
                targetDatabase,
                "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'copied.t'::regclass AND attnum > 0"))
        .isEqualTo("id,v");
  }

  @Test
  void keys_come_after_the_load_and_secondary_indexes_when_they_are_asked_for() {
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY, a int, b text)",
        "CREATE INDEX by_a ON t (a DESC, id)",
        "CREATE UNIQUE INDEX by_b ON t (b)",
        "INSERT INTO t VALUES (1, 1, 'x')");
    String indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'copied'";
    load(wholeSchema("public", "copied"), "{}");
    assertThat(value(postgres(), targetDatabase, indexes)).isEqualTo("1");
    load(
        wholeSchema("public", "copied"),
        "{\"FullLoadSettings\":{\"CreatePkAfterFullLoad\":true},\"WherrySettings\":{\"CreateIndexesAfterFullLoad\":true}}");
    assertThat(value(postgres(), targetDatabase, indexes)).isEqualTo("3");
    assertThat(
            value(
                postgres(),
                targetDatabase,
                "SELECT count(*) FROM pg_constraint WHERE contype = 'p' AND conrelid = 'copied.t'::regclass"))
        .isEqualTo("1");
  }

  @Test
  void a_table_that_cannot_be_loaded_is_in_error_and_the_others_are_loaded() {
    onSource(
        "CREATE TABLE good (id int PRIMARY KEY)",
        "INSERT INTO good VALUES (1)",
        "CREATE TABLE odd (id int PRIMARY KEY, v text)",
        "INSERT INTO odd VALUES (1, 'x')");
    onTarget("CREATE SCHEMA copied", "CREATE TABLE copied.odd (id int PRIMARY KEY)");
    String truncate = "{\"FullLoadSettings\":{\"TargetTablePrepMode\":\"TRUNCATE_BEFORE_LOAD\"}}";
    String task = load(wholeSchema("public", "copied"), truncate);
    assertThat(migration.describe(task).replicationTaskStats().tablesErrored()).isEqualTo(1);
    assertThat(migration.table(task, "odd").tableState()).isEqualTo("Table error");
    assertThat(migration.table(task, "good").tableState()).isEqualTo("Table completed");

    String strict =
        migration.task(
            source,
            target,
            wholeSchema("public", "copied"),
            "{\"FullLoadSettings\":{\"TargetTablePrepMode\":\"TRUNCATE_BEFORE_LOAD\"},\"ErrorBehavior\":{\"TableErrorPolicy\":\"STOP_TASK\"}}");
    ReplicationTask failed = migration.run(strict, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(failed.status()).isEqualTo("failed");
    assertThat(failed.lastFailureMessage()).contains("odd").contains("v").contains("STOP_TASK");

    onTarget("ALTER TABLE copied.odd ADD COLUMN v text");
    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
    assertThat(ended.replicationTaskStats().tablesErrored()).isZero();
    assertThat(rows(postgres(), targetDatabase, "SELECT * FROM copied.odd")).containsExactly("1|x");
  }

  @Test
  void lobs_are_whole_by_default_and_cut_where_the_user_says_so() {
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t VALUES (1, repeat('ä', 50000)), (2, 'short')");
    load(wholeSchema("public", "copied"), "{}");
    assertThat(value(postgres(), targetDatabase, "SELECT max(length(v)) FROM copied.t"))
        .isEqualTo("50000");
    load(wholeSchema("public", "copied"), "{\"TargetMetadata\":{\"LobMaxSize\":1}}");
    assertThat(rows(postgres(), targetDatabase, "SELECT octet_length(v) FROM copied.t ORDER BY id"))
        .containsExactly("1024", "5");
  }

  @Test
  void characters_and_schema_are_as_the_settings_say_in_the_load_and_in_changes()
      throws IOException {
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(20), whole text)",
        "INSERT INTO t VALUES (1, 'a' || chr(8232) || 'ä€', '€'), (2, '€', NULL)");
    String taskData = "{\"DocumentsToInvestigate\":7}";
    String task =
        migration.task(
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            source,
            target,
            """
            {"rules":[{"rule-type":"selection","rule-id":1,"rule-action":"include",
              "object-locator":{"schema-name":"public","table-name":"t"}}]}\
            """,
            """
            {"TargetMetadata":{"TargetSchema":"warehouse"},
             "CharacterSetSettings":{
               "CharacterReplacements":[{"SourceCharacterCodePoint":8232,"TargetCharacterCodePoint":32}],
               "CharacterSetSupport":{"CharacterSet":"ISO-8859-1","ReplaceWithCharacterCodePoint":63}},
             "BeforeImageSettings":{"EnableBeforeImage":true,"FieldName":"before","ColumnFilter":"all"},
             "Logging":{"EnableLogging":true}}\
            """,
            r -> r.taskData(taskData));
    migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() ->
            assertThat(migration.tables(task))
                .singleElement()
                .returns("Table completed", TableStatistics::tableState));
    assertThat(rows(postgres(), targetDatabase, "SELECT * FROM warehouse.t ORDER BY id"))
        .containsExactly("1|a ä?|€", "2|?|null");
    onSource(
        "UPDATE t SET v = chr(8232) || 'b€', whole = 'c€' WHERE id = 2",
        "INSERT INTO t VALUES (3, 'ö€', 'd€')");
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() ->
            assertThat(rows(postgres(), targetDatabase, "SELECT * FROM warehouse.t ORDER BY id"))
                .containsExactly("1|a ä?|€", "2| b?|c€", "3|ö?|d€"));
    migration.stop(task);
    assertThat(migration.describe(task).taskData()).isEqualTo(taskData);
    try (Stream<Path> files = Files.walk(data.resolve("data/logs"))) {
      assertThat(files.filter(file -> Files.isRegularFile(file)))
          .anySatisfy(file ->
              assertThat(file)
                  .content()
                  .contains("no effect yet: BeforeImageSettings.EnableBeforeImage"));
    }
  }

  @Test
  void views_become_tables_and_rules_give_other_names() {
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY, secret text, \"Mixed\" text)",
        "INSERT INTO t VALUES (1, 's', 'm')",
        "CREATE VIEW seen AS SELECT id, \"Mixed\" FROM t");
    String mappings =
        """
        {"rules":[
          {"rule-type":"selection","rule-id":1,"rule-action":"include","object-locator":{"schema-name":"public","table-name":"%","table-type":"all"}},
          {"rule-type":"transformation","rule-id":2,"rule-action":"rename","rule-target":"schema","object-locator":{"schema-name":"public"},"value":"copied"},
          {"rule-type":"transformation","rule-id":3,"rule-action":"add-prefix","rule-target":"table","object-locator":{"schema-name":"public","table-name":"%"},"value":"x_"},
          {"rule-type":"transformation","rule-id":4,"rule-action":"remove-column","rule-target":"column","object-locator":{"schema-name":"public","table-name":"t","column-name":"secret"}},
          {"rule-type":"transformation","rule-id":5,"rule-action":"convert-lowercase","rule-target":"column","object-locator":{"schema-name":"public","table-name":"%","column-name":"%"}}]}\
        """;
    load(mappings, "{}");
    assertThat(rows(postgres(), targetDatabase, "SELECT id, mixed FROM copied.x_t"))
        .containsExactly("1|m");
    assertThat(rows(postgres(), targetDatabase, "SELECT id, mixed FROM copied.x_seen"))
        .containsExactly("1|m");
    assertThat(
            value(
                postgres(),
                targetDatabase,
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'copied.x_t'::regclass AND attname = 'secret'"))
        .isEqualTo("0");
  }

  @Test
  void policies_over_rejected_rows_suspend_the_table_or_stop_the_task() {
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY, v numeric)",
        "INSERT INTO t VALUES (1, 1), (2, 'Infinity')");
    String to = migration.endpoint(ReplicationEndpointTypeValue.TARGET, "mariadb", mariaDb(), "");
    String database = Fixture.newName("copied");
    String suspended =
        load(
            to,
            wholeSchema("public", database),
            "{\"ErrorBehavior\":{\"DataErrorPolicy\":\"SUSPEND_TABLE\"}}");
    assertThat(migration.table(suspended, "t").tableState()).isEqualTo("Table error");

    String stopping =
        migration.task(
            source,
            to,
            wholeSchema("public", database),
            "{\"ErrorBehavior\":{\"DataErrorPolicy\":\"STOP_TASK\"}}");
    ReplicationTask failed =
        migration.run(stopping, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(failed.status()).isEqualTo("failed");
    assertThat(failed.lastFailureMessage())
        .contains("public.t")
        .contains("2")
        .contains("Infinity")
        .contains("DataErrorPolicy is STOP_TASK");
    assertThat(rows(mariaDb(), database, "SELECT count(*) FROM t")).containsExactly("0");
  }

  @Test
  void a_role_without_rights_is_told_what_to_grant() {
    String role = Fixture.newName("reader");
    onSource(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE ROLE " + role + " LOGIN PASSWORD 'secret-of-" + role + "'");
    String weak =
        migration.endpoint(
            ReplicationEndpointTypeValue.SOURCE,
            "postgres",
            postgres(),
            sourceDatabase,
            r -> r.username(role).password("secret-of-" + role));
    String task = migration.task(weak, target, wholeSchema("public", "copied"), "{}");
    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    String told =
        ended.lastFailureMessage() == null
            ? migration.table(task, "t").tableState()
            : ended.lastFailureMessage();
    assertThat(ended.status() + told)
        .contains("failed")
        .contains("GRANT")
        .doesNotContain("secret-of-");
  }
}
