package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.connector.ObjectRequest;
import wherry.connector.ObjectSelection;
import wherry.connector.PrepareMode;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;

/** From a server to another of the same kind. */
class ObjectsIT {
  private static final String[] DATABASES = {"shop", "odd `base"};
  private static final List<MySqlFamilyServer> TARGETS = new ArrayList<>();

  @AfterAll
  static void end() {
    TARGETS.forEach(MySqlFamilyServer::close);
  }

  /** A second server beside the one that all tests share. */
  private static MySqlFamilyServer target(Engine engine) {
    Class<?> kind = engine == Engine.MARIADB ? MariaDbServer.class : MySqlServer.class;
    return TARGETS.stream()
        .filter(kind::isInstance)
        .findFirst()
        .orElseGet(() -> {
          MySqlFamilyServer server =
              engine == Engine.MARIADB
                  ? MariaDbServer.start(ServerOptions.standard())
                  : MySqlServer.start(ServerOptions.standard());
          TARGETS.add(server);
          return server;
        });
  }

  private static final ObjectSelection ALL =
      new ObjectSelection() {
        @Override
        public boolean takesSchema(String name) {
          return List.of(DATABASES).contains(name);
        }

        @Override
        public boolean takesTable(TableId table) {
          return takesSchema(table.schema());
        }
      };

  private static ObjectCarrier carrier(
      Engine engine, ObjectSelection selection, PrepareMode preparation, boolean changesFollow) {
    return new MySqlConnector()
        .objects(
            new ObjectRequest(
                engine.endpoint(),
                Engine.endpoint(target(engine)),
                selection,
                preparation,
                true,
                changesFollow,
                2));
  }

  private static void fresh(Engine engine) throws SQLException, IOException {
    clear(engine);
    String name = "objects-" + engine.name().toLowerCase(java.util.Locale.ROOT) + ".sql";
    try (InputStream in = ObjectsIT.class.getResourceAsStream(name);
        Connection connection = engine.server().connect("");
        Statement statement = connection.createStatement()) {
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String sql : script.split(";\n(?=\\S|$)")) {
        statement.execute(sql);
      }
    }
  }

  private static List<ObjectReport> carryAll(Engine engine) throws InterruptedException {
    List<ObjectReport> reports = new ArrayList<>();
    try (ObjectCarrier carrier = carrier(engine, ALL, PrepareMode.DROP_AND_CREATE, false)) {
      reports.addAll(carrier.beforeRows());
      reports.addAll(carrier.afterRows());
    }
    return reports;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void every_kind_of_object_is_on_the_target_as_on_the_source(Engine engine) throws Exception {
    fresh(engine);

    List<ObjectReport> reports = carryAll(engine);

    assertThat(reports).filteredOn(report -> report.outcome() != Outcome.CARRIED).isEmpty();
    assertThat(CatalogText.differences(engine.server(), target(engine), DATABASES)).isEmpty();
    try (ObjectCarrier carrier = carrier(engine, ALL, PrepareMode.DO_NOTHING, true)) {
      assertThat(carrier.computedColumns().get(new TableId("shop", "customers")))
          .containsExactlyInAnyOrder("lowered", "doubled");
    }
  }

  private static final String[] SMALL = {
    "CREATE TABLE parents (id int PRIMARY KEY, v int, KEY v (v))",
    "CREATE TABLE children (n int AUTO_INCREMENT PRIMARY KEY, parent int, t text, KEY t (t(10)), FULLTEXT KEY words (t),"
        + " CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id)) AUTO_INCREMENT=500",
    "CREATE TABLE log (n int AUTO_INCREMENT PRIMARY KEY, what text)",
    "CREATE VIEW v AS SELECT * FROM parents",
    "CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1",
    "CREATE TRIGGER noted AFTER INSERT ON parents FOR EACH ROW INSERT INTO log(what) VALUES ('made')",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01 00:00:00' DO DELETE FROM log"
  };

  /** The owner of some objects is known on both sides. */
  private static void clear(Engine engine) {
    for (MySqlFamilyServer server : List.of(engine.server(), target(engine))) {
      server.execute(
          "CREATE USER IF NOT EXISTS owner@nowhere",
          "GRANT ALL ON *.* TO owner@nowhere",
          "SET foreign_key_checks=0",
          "DROP DATABASE IF EXISTS shop",
          "DROP DATABASE IF EXISTS `odd ``base`");
    }
  }

  private static void freshAndSmall(Engine engine) {
    clear(engine);
    engine.server().execute("CREATE DATABASE shop");
    engine.execute("shop", SMALL);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_step_that_was_stopped_anywhere_is_done_by_the_next_run(Engine engine) throws Exception {
    freshAndSmall(engine);
    target(engine).execute("CREATE DATABASE shop", "CREATE TABLE shop.log (stale int)");

    for (int questions : new int[] {2, 12, 30}) {
      StoppingSelection selection = new StoppingSelection(questions);
      try (ObjectCarrier carrier = carrier(engine, selection, PrepareMode.DROP_AND_CREATE, false)) {
        selection.carrier = carrier;
        carrier.beforeRows();
        carrier.afterRows();
      } catch (InterruptedException e) {
        assertThat(selection.asked).isGreaterThanOrEqualTo(questions);
      }
    }
    carryAll(engine);

    assertThat(CatalogText.differences(engine.server(), target(engine), "shop")).isEmpty();
    try (ObjectCarrier carrier = carrier(engine, ALL, PrepareMode.DO_NOTHING, false)) {
      assertThat(carrier.beforeRows())
          .isNotEmpty()
          .allMatch(report -> report.outcome() == Outcome.PRESENT);
    }
  }

  /** Takes everything, and stops the carrier at a certain question. */
  private static final class StoppingSelection implements ObjectSelection {
    private final int questions;
    private int asked;
    private ObjectCarrier carrier;

    StoppingSelection(int questions) {
      this.questions = questions;
    }

    @Override
    public boolean takesSchema(String name) {
      if (++asked == questions) {
        carrier.stop();
      }
      return ALL.takesSchema(name);
    }

    @Override
    public boolean takesTable(TableId table) {
      return takesSchema(table.schema());
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_would_act_upon_applied_changes_comes_at_the_cutover_and_goes_before_the_next_ones(
      Engine engine) throws Exception {
    freshAndSmall(engine);
    try (ObjectCarrier carrier = carrier(engine, ALL, PrepareMode.DROP_AND_CREATE, true)) {
      carrier.beforeRows();
      carrier.afterRows();

      assertThat(acting(engine)).isZero();

      assertThat(carrier.atCutover())
          .allMatch(report -> report.outcome() == Outcome.CARRIED)
          .extracting(ObjectReport::kind)
          .contains("trigger", "event");
      assertThat(acting(engine)).isEqualTo(2);
      assertThat(CatalogText.differences(engine.server(), target(engine), "shop")).isEmpty();
    }
    try (ObjectCarrier again = carrier(engine, ALL, PrepareMode.DO_NOTHING, true)) {
      again.beforeChanges();
      assertThat(acting(engine)).isZero();
      again.atCutover();
      assertThat(acting(engine)).isEqualTo(2);
    }
  }

  private static long acting(Engine engine) throws SQLException {
    return number(
        target(engine),
        "SELECT (SELECT count(*) FROM information_schema.triggers WHERE trigger_schema='shop')"
            + " + (SELECT count(*) FROM information_schema.events WHERE event_schema='shop')");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void the_first_row_after_the_cutover_gets_a_number_that_is_free(Engine engine) throws Exception {
    freshAndSmall(engine);
    if (engine == Engine.MARIADB) {
      engine.execute("shop", "CREATE SEQUENCE s INCREMENT BY 3", "SELECT nextval(s)");
    }
    carryAll(engine);
    MySqlFamilyServer target = target(engine);
    engine.execute("shop", "INSERT INTO children VALUES (700, NULL, 'x')");
    target.executeIn(
        "shop",
        "INSERT INTO log VALUES (1, 'applied')",
        "UPDATE log SET n = 2000000 WHERE n = 1",
        "INSERT INTO children VALUES (20, NULL, 'x')");

    try (ObjectCarrier carrier = carrier(engine, ALL, PrepareMode.DO_NOTHING, true)) {
      carrier.atCutover();
      carrier.atCutover();
    }

    target.executeIn(
        "shop", "INSERT INTO children(t) VALUES ('new')", "INSERT INTO log(what) VALUES ('new')");
    assertThat(number(target, "SELECT n FROM shop.children WHERE t='new'")).isEqualTo(701);
    assertThat(number(target, "SELECT n FROM shop.log WHERE what='new'")).isEqualTo(2000001);
    if (engine == Engine.MARIADB) {
      assertThat(number(target, "SELECT nextval(shop.s)"))
          .isGreaterThanOrEqualTo(number(engine.server(), "SELECT nextval(shop.s)"));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void an_owner_that_the_target_lacks_stays_the_owner_and_is_told(Engine engine) throws Exception {
    freshAndSmall(engine);
    engine.server().execute("CREATE USER IF NOT EXISTS missing@here, shared@here");
    engine
        .server()
        .execute(
            "GRANT ALL ON shop.* TO missing@here",
            "GRANT SELECT (id) ON shop.parents TO shared@here",
            "GRANT EXECUTE ON FUNCTION shop.f TO shared@here",
            "GRANT SELECT ON *.* TO shared@here");
    target(engine).execute("CREATE USER IF NOT EXISTS shared@here");
    engine.execute(
        "shop",
        "CREATE DEFINER=missing@here VIEW of_missing AS SELECT * FROM parents",
        "CREATE DEFINER=missing@here VIEW and_upon_it AS SELECT * FROM of_missing",
        "CREATE DEFINER=missing@here PROCEDURE p() SELECT 1");

    List<ObjectReport> reports = carryAll(engine);

    assertThat(reports)
        .filteredOn(report -> report.kind().matches("view|procedure"))
        .filteredOn(report -> report.reason().contains("missing"))
        .extracting(ObjectReport::name)
        .contains("shop.of_missing", "shop.p");
    assertThat(reports)
        .filteredOn(report -> report.kind().equals("grant"))
        .extracting(report -> report.outcome() + " " + report.name())
        .contains(
            "LEFT missing@here on `shop`.*",
            "CARRIED shared@here on `shop`.`parents`",
            "CARRIED shared@here on `shop`.`f`")
        .hasSize(3);
    assertThat(
            number(
                target(engine),
                "SELECT count(*) FROM information_schema.views WHERE table_schema='shop' AND definer='missing@here'"))
        .isEqualTo(2);
    assertThat(number(target(engine), "SELECT count(*) FROM mysql.user WHERE user='missing'"))
        .isZero();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_the_user_may_not_see_is_told_and_so_are_the_rights_of_roles(Engine engine)
      throws Exception {
    freshAndSmall(engine);
    engine
        .server()
        .execute(
            "DROP ROLE IF EXISTS shop_reader",
            "CREATE ROLE shop_reader",
            "GRANT SELECT ON shop.* TO shop_reader",
            "DROP USER IF EXISTS seeing_little@'%'",
            "CREATE USER seeing_little@'%' IDENTIFIED BY 'little'",
            "GRANT SELECT ON shop.parents TO seeing_little@'%'");
    List<ObjectReport> survey;
    try (ObjectCarrier carrier =
        new MySqlConnector()
            .objects(
                new ObjectRequest(
                    engine.endpoint("Username", "seeing_little", "Password", "little"),
                    Engine.endpoint(target(engine)),
                    ALL,
                    PrepareMode.DO_NOTHING,
                    true,
                    false,
                    2))) {
      survey = carrier.survey();
    }
    assertThat(survey)
        .filteredOn(report -> report.outcome() == Outcome.LEFT)
        .extracting(report -> report.kind() + " " + report.name())
        .contains("tables shop", "views shop", "routines shop", "triggers shop", "events shop");
    engine.server().execute("DROP USER seeing_little@'%'");

    assertThat(carryAll(engine))
        .filteredOn(report -> report.kind().equals("grant"))
        .extracting(ObjectReport::toString)
        .anyMatch(told ->
            told.contains("shop_reader")
                && told.contains("left, The target has no")
                && told.contains("GRANT SELECT ON `shop`.*"));
    engine.server().execute("DROP ROLE shop_reader");
  }

  private static long number(MySqlFamilyServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_the_other_server_lacks_is_replaced_or_left_and_told(Engine from) throws Exception {
    fresh(from);
    Engine to = from == Engine.MYSQL ? Engine.MARIADB : Engine.MYSQL;
    clear(to);
    List<ObjectReport> reports = new ArrayList<>();
    try (ObjectCarrier carrier =
        new MySqlConnector()
            .objects(
                new ObjectRequest(
                    from.endpoint(),
                    Engine.endpoint(target(to)),
                    ALL,
                    PrepareMode.DROP_AND_CREATE,
                    false,
                    false,
                    2))) {
      reports.addAll(carrier.beforeRows());
      reports.addAll(carrier.afterRows());
    }
    String toMySql = "MySQL does not know";
    String toMariaDb = "MariaDB does not know";
    List<String> told =
        from == Engine.MARIADB
            ? List.of(
                "sequence shop.numbers: left, MySQL has no sequences",
                "table shop.customers: carried, The column uid is char(36)",
                "address is varchar(39)",
                "number has no default, because MySQL has no sequences",
                "Left out: COMPRESSED, which " + toMySql,
                "utf8mb4_uca1400_as_cs; utf8mb4_0900_as_cs stands for it",
                "PERIOD FOR `valid` (`f`, `t`), which " + toMySql,
                "`PAGE_COMPRESSED`=1 is COMPRESSION='zlib'",
                "what rows were before is not carried",
                "index shop.of_periods.id: left, " + toMySql + " WITHOUT OVERLAPS",
                "index shop.long_unique.t: left, error 1170",
                "package body shop.tools: left, MySQL has no packages",
                "because the target does not know all of 'STRICT_TRANS_TABLES")
            : List.of(
                "The column tags is text that is checked to be JSON",
                "Left out: SRID 4326, which " + toMariaDb,
                "index shop.customers.expression: left, " + toMariaDb + " indexes over expressions",
                "check shop.customers.not_yet: left, " + toMariaDb + " NOT ENFORCED",
                "index shop.customers.words: left, error 1128");
    String all = reports.toString();
    assertThat(told).allSatisfy(what -> assertThat(all).contains(what));
    assertThat(reports)
        .filteredOn(report -> report.outcome() == Outcome.LEFT)
        .extracting(ObjectReport::name)
        .containsExactlyInAnyOrderElementsOf(
            from == Engine.MARIADB
                ? List.of(
                    "shop.numbers",
                    "shop.falling",
                    "shop.old_engine",
                    "shop.tools",
                    "shop.tools",
                    "shop.of_periods.id",
                    "shop.long_unique.t")
                : List.of(
                    "shop.customers.expression", "shop.customers.not_yet", "shop.customers.words"));
    String hidden =
        "SELECT (SELECT extra LIKE '%INVISIBLE%' FROM information_schema.columns WHERE table_schema='shop'"
            + " AND column_name='hidden')";
    assertThat(number(target(to), hidden)).isEqualTo(1);
  }
}
