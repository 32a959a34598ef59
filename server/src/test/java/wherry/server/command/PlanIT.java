package wherry.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.server.command.Plans.single;
import static wherry.server.command.Plans.table;
import static wherry.server.command.Plans.told;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/** What a plan shows, and what it says is missing. */
class PlanIT {
  private static PostgresServer postgres;
  private static MariaDbServer mariadb;

  @TempDir private Path folder;
  private Plans plans;
  private Commands commands;

  @BeforeAll
  static void start() {
    postgres = PostgresServer.start();
    mariadb = MariaDbServer.start();
    postgres.createDatabase("planned");
    postgres.executeIn(
        "planned",
        "CREATE SCHEMA app",
        "CREATE TABLE app.lossy (id integer PRIMARY KEY, name text, secret text, at timestamptz,"
            + " ratio double precision, amount numeric)",
        "INSERT INTO app.lossy SELECT n, 'row ' || n, 'x', now(), n, n FROM generate_series(1, 40) n",
        "UPDATE app.lossy SET at = 'infinity' WHERE id = 7",
        "UPDATE app.lossy SET ratio = 'NaN' WHERE id IN (8, 9)",
        "CREATE TABLE app.plain (a integer, b varchar(10), PRIMARY KEY (a, b))",
        "INSERT INTO app.plain VALUES (1, 'x')",
        "CREATE ROLE reader LOGIN PASSWORD 'sandbox'");
    mariadb.createDatabase("app");
    mariadb.executeIn(
        "app",
        "CREATE TABLE lossy (id int PRIMARY KEY, name varchar(20), secret int, born date, n bigint"
            + " unsigned)",
        "SET sql_mode=''",
        "INSERT INTO lossy VALUES (1, 'a', 1, '2024-01-31', 18446744073709551615), (2, 'b', 1,"
            + " '2024-01-01', 0)",
        "INSERT INTO lossy VALUES (3, 'c', 1, '2024-02-31', 1), (4, CONCAT('d', CHAR(0)), 1,"
            + " '2024-01-01', 1)");
  }

  @AfterAll
  static void stop() {
    postgres.close();
    mariadb.close();
  }

  @BeforeEach
  void files() {
    plans = new Plans(folder);
    commands = plans.commands;
  }

  private static String url(DatabaseServer server) {
    return Plans.url(server, "planned");
  }

  @Test
  void a_plan_names_columns_types_rules_and_what_is_left_out() {
    Commands.Answer answer = plans.plan(url(postgres), url(mariadb));

    assertThat(answer.exitCode()).as("rows would be lost").isEqualTo(1);
    assertThat(answer.out().lines().map(line -> line.replaceAll(" +", " ").strip()))
        .contains(
            "app.lossy -> shop.lossy",
            "selected by rule 1; named by rule 2",
            "secret text -> (left out) (rule 3)",
            "CREATE DATABASE IF NOT EXISTS `shop` CHARACTER SET utf8mb4;",
            "2 tables, about 41 rows and 0.0 MB. Findings: 2 LOSES.")
        .anyMatch(
            line -> line.startsWith("name text -> title longtext") && line.endsWith("(rule 4)"))
        .anyMatch(line -> line.startsWith("CREATE TABLE `shop`.`lossy` ( `id` int"));
    assertThat(answer.out()).doesNotContain("sandbox");
  }

  @Test
  void rights_that_are_missing_are_told_with_the_statement_that_gives_them_and_all_at_once() {
    JsonNode plan =
        plans.planned(
            "postgresql://reader@127.0.0.1:%d/planned".formatted(postgres.port()),
            url(mariadb),
            "--migration-type",
            "full-load-and-cdc");

    List<String> messages = new ArrayList<>();
    plan.path("findings")
        .forEach(finding ->
            messages.add(
                finding.path("effect").asString() + ": " + finding.path("message").asString()));
    assertThat(messages)
        .as(plan.toPrettyString())
        .anyMatch(m -> m.startsWith("FAILS") && m.contains("GRANT SELECT ON ALL TABLES"))
        .anyMatch(m -> m.startsWith("FAILS") && m.contains("ALTER ROLE \"reader\" REPLICATION;"));
  }

  @Test
  void a_plan_of_a_task_that_captures_shows_what_it_makes_in_the_source_and_makes_none_of_it()
      throws Exception {
    JsonNode plan =
        plans.planned(url(postgres), url(mariadb), "--migration-type", "full-load-and-cdc");

    assertThat(plan.path("captureStatements").toString())
        .contains("CREATE PUBLICATION")
        .contains("pg_create_logical_replication_slot");
    assertThat(
            single(
                postgres,
                "planned",
                "SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM"
                    + " pg_replication_slots)"))
        .isEqualTo("0");
  }

  @Test
  void values_that_a_type_rounds_or_cuts_are_told_with_examples_and_masked_ones_never() {
    commands.file(
        "mappings.json",
        """
        {"rules": [
          {"rule-type": "selection", "rule-id": 1, "rule-action": "include",
           "object-locator": {"schema-name": "app", "table-name": "rounded"}},
          {"rule-type": "selection", "rule-id": 6, "rule-action": "include",
           "object-locator": {"schema-name": "app", "table-name": "un_meant"}},
          {"rule-type": "transformation", "rule-id": 2, "rule-target": "column",
           "rule-action": "change-data-type", "data-type": {"type": "int4"},
           "object-locator": {"schema-name": "app", "table-name": "rounded", "column-name": "n%"}},
          {"rule-type": "transformation", "rule-id": 3, "rule-target": "column",
           "rule-action": "data-masking-digits-randomize",
           "object-locator": {"schema-name": "app", "table-name": "rounded", "column-name": "nm"}},
          {"rule-type": "table-settings", "rule-id": 5, "parallel-load": {"type": "none"},
           "object-locator": {"schema-name": "app", "table-name": "not_taken"}},
          {"rule-type": "transformation", "rule-id": 4, "rule-target": "column",
           "rule-action": "change-data-type", "data-type": {"type": "date"},
           "object-locator": {"schema-name": "app", "table-name": "rounded", "column-name": "at"}}]}
        """);
    postgres.executeIn(
        "planned",
        "CREATE TABLE app.rounded (id int PRIMARY KEY, n numeric, nm numeric, at timestamp)",
        "CREATE TABLE app.un_meant (id int PRIMARY KEY)",
        "CREATE TABLE app.unXmeant (id int PRIMARY KEY)",
        "INSERT INTO app.rounded VALUES (1, 1.50, 7.77, '2024-02-29'), (2, 2.00, 7.77,"
            + " '2024-02-29 12:30'), (3, NULL, NULL, NULL)");
    try {
      Commands.Answer answer = plans.plan(url(postgres), url(mariadb));
      assertThat(answer.exitCode()).as("the rule asks for it").isZero();
      assertThat(answer.out())
          .contains(
              "NOTE  1 of 3 values that were tried for column n are rounded or cut by"
                  + " change-data-type: id=1: 1.50 becomes 2.")
          .contains("NOTE  Rule 5 has no effect: the task takes no table app.not_taken")
          .contains("NOTE  Rule 6 takes app.unxmeant, too, for _ in a name is any one character")
          .contains("column at are rounded or cut")
          .contains("CREATE TABLE `app`.`rounded` ( `id` int NOT NULL,\n      `n` int NULL,\n")
          .contains("id=2: 2024-02-29 12:30:00 becomes 2024-02-29.")
          .doesNotContain("7.77");
    } finally {
      postgres.executeIn("planned", "DROP TABLE app.rounded, app.un_meant, app.unXmeant");
    }
  }

  @Test
  void a_filter_that_the_log_cannot_decide_is_told_with_its_remedy() {
    commands.file(
        "mappings.json",
        """
        {"rules": [{"rule-type": "selection", "rule-id": 1, "rule-action": "include",
          "object-locator": {"schema-name": "app", "table-name": "lossy"},
          "filters": [{"filter-type": "source", "column-name": "name",
            "filter-conditions": [{"filter-operator": "eq", "value": "row 1"}]}]}]}
        """);
    JsonNode plan =
        plans.planned(url(postgres), url(mariadb), "--migration-type", "full-load-and-cdc");
    assertThat(told(plan, "app.lossy"))
        .anyMatch(line ->
            line.startsWith("FAILS")
                && line.contains("need the columns [name]")
                && line.contains("Run: ALTER TABLE \"app\".\"lossy\" REPLICA IDENTITY FULL;"));
    assertThat(table(plan, "app.lossy").path("triedRows").asInt()).isEqualTo(1);
  }

  @Test
  void what_cannot_be_reached_typed_or_used_is_told_and_a_password_never() {
    Commands.Answer dead = plans.plan("postgresql://u@127.0.0.1:1/db", url(mariadb));
    assertThat(dead.exitCode()).isEqualTo(1);
    assertThat(dead.out()).contains("FAILS").contains("127.0.0.1:1");

    Commands.Answer secret = plans.plan("postgresql://u:topsecret@127.0.0.1/db", url(mariadb));
    assertThat(secret.exitCode()).isEqualTo(2);
    assertThat(secret.err()).contains("WHERRY_SOURCE_PASSWORD").doesNotContain("topsecret");

    assertThat(plans.plan("postgresql://u@127.0.0.1/db?colour=red", url(mariadb)).err())
        .contains("has a setting colour, which is none");
    assertThat(plans.plan("oracle://u@127.0.0.1/db", url(mariadb)).err())
        .contains("mariadb://user@host");
  }

  @Test
  void a_table_that_is_there_needs_rights_which_the_plan_names() {
    postgres.executeIn(
        "planned",
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.lossy (id integer, title text, born date, n numeric)",
        "CREATE ROLE loader LOGIN PASSWORD 'sandbox'",
        "GRANT USAGE, CREATE ON SCHEMA shop TO loader");
    try {
      String loader = "postgresql://loader@127.0.0.1:%d/planned".formatted(postgres.port());
      commands.file(
          "settings.json",
          "{\"FullLoadSettings\": {\"TargetTablePrepMode\": \"TRUNCATE_BEFORE_LOAD\"}}");
      String settings = folder.resolve("settings.json").toString();

      assertThat(told(plans.planned(url(mariadb), loader, "--settings", settings), "app.lossy"))
          .singleElement()
          .asString()
          .contains("Run: GRANT INSERT, TRUNCATE ON \"shop\".\"lossy\" TO \"loader\";");
      commands.file("settings.json", "{\"ControlTablesSettings\": {\"ControlSchema\": \"books\"}}");
      JsonNode dropping = plans.planned(url(mariadb), loader, "--settings", settings);
      assertThat(told(dropping, "app.lossy"))
          .singleElement()
          .asString()
          .contains("Run: ALTER TABLE \"shop\".\"lossy\" OWNER TO \"loader\";");
      assertThat(told(dropping, ""))
          .as("the control tables have no place")
          .anyMatch(line -> line.contains("CREATE ON SCHEMA \"books\" TO \"loader\""));
    } finally {
      postgres.executeIn(
          "planned", "DROP SCHEMA shop CASCADE", "DROP OWNED BY loader", "DROP ROLE loader");
    }
  }

  @Test
  void where_rows_cannot_be_tried_the_plan_says_why_and_goes_on() {
    mariadb.executeIn(
        "",
        "CREATE USER loader@'127.0.0.1' IDENTIFIED BY 'sandbox'",
        "GRANT ALTER, CREATE, DROP, INDEX, INSERT, UPDATE, DELETE, SELECT ON *.* TO"
            + " loader@'127.0.0.1'");
    JsonNode plan =
        plans.planned(url(postgres), "mariadb://loader@127.0.0.1:%d".formatted(mariadb.port()));

    assertThat(told(plan, "app.lossy"))
        .singleElement()
        .asString()
        .startsWith("NOTE ")
        .contains("GRANT CREATE TEMPORARY TABLES ON `shop`.* TO 'loader';");
    assertThat(table(plan, "app.lossy").path("triedRows").asInt()).isZero();
    assertThat(plan.path("controlStatements").toString())
        .contains("CREATE TABLE IF NOT EXISTS `awsdms_control`.awsdms_load_ledger");
  }
}
