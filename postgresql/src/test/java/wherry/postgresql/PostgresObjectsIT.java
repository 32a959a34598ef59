package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.connector.ObjectRequest;
import wherry.connector.ObjectSelection;
import wherry.connector.PrepareMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;

/** What stands around rows goes from one PostgreSQL to another, and what cannot is told. */
class PostgresObjectsIT {
  private static PostgresServer server;
  private static int number;

  private String source;
  private String target;

  @BeforeAll
  static void a_server_that_a_pg_dump_of_this_machine_can_read() {
    assumeTrue(
        PgDump.isThereFor(14),
        "no pg_dump of version 14 or later is here; install postgresql-client (.ci/install-packages)");
    boolean newest = PgDump.isThereFor(18);
    server =
        PostgresServer.start(
            newest ? PostgresServer.Release.V18 : PostgresServer.Release.V14,
            ServerOptions.standard());
    server.execute("CREATE ROLE reader", "CREATE ROLE loader LOGIN PASSWORD 'loader'");
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void two_databases() {
    number++;
    source = "from" + number;
    target = "to" + number;
    server.createDatabase(source);
    server.createDatabase(target);
  }

  private static String everyObject() throws IOException {
    try (InputStream script = PostgresObjectsIT.class.getResourceAsStream("every_object.sql")) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ObjectSelection schemas(String... names) {
    return new ObjectSelection() {
      @Override
      public boolean takesSchema(String name) {
        return List.of(names).contains(name);
      }

      @Override
      public boolean takesTable(TableId table) {
        return takesSchema(table.schema());
      }
    };
  }

  private static ObjectSelection table(String schema, String name) {
    return new ObjectSelection() {
      @Override
      public boolean takesSchema(String other) {
        return false;
      }

      @Override
      public boolean takesTable(TableId table) {
        return table.equals(new TableId(schema, name));
      }
    };
  }

  private ObjectCarrier carrier(ObjectSelection selection, PrepareMode mode, String... targetMore) {
    return new PostgresConnector()
        .objects(
            new ObjectRequest(
                Databases.endpoint(server, source),
                Databases.endpoint(server, target, targetMore),
                selection,
                mode,
                true,
                true,
                4));
  }

  private List<ObjectReport> carryAll(ObjectSelection selection, PrepareMode mode)
      throws InterruptedException {
    try (ObjectCarrier carrier = carrier(selection, mode)) {
      List<ObjectReport> reports = new ArrayList<>(carrier.beforeRows());
      reports.addAll(carrier.afterRows());
      reports.addAll(carrier.atCutover());
      return reports;
    }
  }

  private static List<ObjectReport> left(List<ObjectReport> reports) {
    return reports.stream().filter(report -> report.outcome() == Outcome.LEFT).toList();
  }

  private List<String> inTarget(String query) {
    return Databases.rows(server, target, query);
  }

  @Test
  void a_database_with_every_kind_of_object_has_the_same_catalogue_on_the_target()
      throws Exception {
    server.executeIn(source, everyObject());

    List<ObjectReport> reports =
        carryAll(schemas("public", "shop", "Odd.Name"), PrepareMode.DROP_AND_CREATE);

    SortedMap<String, Integer> counts = Catalogue.counts(server, source);
    assertThat(counts).allSatisfy((kind, count) -> assertThat(count).as(kind).isPositive());
    assertThat(left(reports)).isEmpty();
    assertThat(Catalogue.difference(server, source, server, target)).isEmpty();
  }

  @Test
  void a_second_time_keeps_what_is_there_and_a_third_replaces_it() throws Exception {
    server.executeIn(source, everyObject());
    ObjectSelection all = schemas("public", "shop", "Odd.Name");
    carryAll(all, PrepareMode.DROP_AND_CREATE);
    server.executeIn(target, "COMMENT ON TABLE shop.orders IS 'older'");

    List<ObjectReport> again = carryAll(all, PrepareMode.DO_NOTHING);
    assertThat(left(again)).isEmpty();
    assertThat(again)
        .contains(ObjectReport.present("table", "shop.orders"))
        .contains(ObjectReport.present("foreign key", "shop.orders orders_parent_fkey"));

    // Default grants of the target apply to whatever is created there, as they always do.
    server.executeIn(
        target,
        "ALTER TABLE shop.orders ADD COLUMN surplus text",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA shop REVOKE SELECT ON TABLES FROM reader");
    List<ObjectReport> replaced = carryAll(all, PrepareMode.DROP_AND_CREATE);
    assertThat(left(replaced)).isEmpty();
    assertThat(Catalogue.difference(server, source, server, target)).isEmpty();
  }

  @Test
  void only_what_the_selection_names_is_ever_dropped() throws Exception {
    server.executeIn(
        source,
        "CREATE TYPE colour AS ENUM ('red')",
        "CREATE TABLE wanted (id int PRIMARY KEY, c colour)",
        "CREATE TABLE other (id int PRIMARY KEY)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    server.executeIn(
        target,
        "CREATE TABLE wanted (id text)",
        "CREATE TABLE other (mine text)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'");

    List<ObjectReport> reports = carryAll(table("public", "wanted"), PrepareMode.DROP_AND_CREATE);

    assertThat(left(reports)).isEmpty();
    assertThat(
            inTarget(
                "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid ="
                    + " 'wanted'::regclass AND attnum > 0 ORDER BY attnum"))
        .containsExactly("integer", "colour");
    assertThat(inTarget("SELECT f()")).containsExactly("2");
    assertThat(
            inTarget(
                "SELECT column_name FROM information_schema.columns WHERE table_name ="
                    + " 'other'"))
        .containsExactly("mine");
  }

  @Test
  void what_others_have_hung_on_a_selected_object_stops_the_migration_before_anything_changes() {
    server.executeIn(source, "CREATE TABLE t (id int)", "CREATE TABLE u (id int)");
    server.executeIn(
        target,
        "CREATE TABLE t (id int)",
        "CREATE TABLE u (id int)",
        "CREATE VIEW mine AS SELECT * FROM t");

    assertThatThrownBy(() -> carryAll(schemas("public"), PrepareMode.DROP_AND_CREATE))
        .isInstanceOf(DmsException.class)
        .hasMessageContaining("view public.mine depends on table public.t")
        .hasMessageContaining("Nothing was dropped");
    assertThat(inTarget("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        .containsExactly("2");
  }

  @Test
  void truncate_empties_the_selected_tables_and_keeps_their_definitions() throws Exception {
    server.executeIn(
        source,
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (id int PRIMARY KEY REFERENCES parent)",
        "CREATE TABLE other (id int)");
    carryAll(schemas("public"), PrepareMode.DROP_AND_CREATE);
    server.executeIn(
        target,
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1)",
        "ALTER TABLE parent ADD COLUMN kept int",
        "CREATE TABLE mine (id int)",
        "INSERT INTO mine VALUES (1)");

    List<ObjectReport> reports = carryAll(schemas("public"), PrepareMode.TRUNCATE_BEFORE_LOAD);

    assertThat(left(reports)).isEmpty();
    assertThat(inTarget("SELECT (SELECT count(kept) FROM parent) + (SELECT count(*) FROM child)"))
        .containsExactly("0");
    assertThat(inTarget("SELECT count(*) FROM mine")).containsExactly("1");
  }

  @Test
  void what_cannot_be_carried_is_left_with_the_reason_and_keeps_nothing_else_back()
      throws Exception {
    server.executeIn(
        source,
        "CREATE ROLE only_here_" + number,
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE elsewhere (id int PRIMARY KEY)",
        "CREATE TABLE points (id int REFERENCES elsewhere)",
        "CREATE PUBLICATION news FOR TABLE t",
        "GRANT SELECT ON t TO reader, only_here_" + number,
        "ALTER DATABASE " + source + " SET search_path = 'app-secret'",
        "COMMENT ON DATABASE " + source + " IS 'mine'",
        "GRANT CONNECT ON DATABASE " + source + " TO reader",
        "SELECT lo_create(4711)");
    ObjectSelection notElsewhere =
        new ObjectSelection() {
          @Override
          public boolean takesSchema(String name) {
            return true;
          }

          @Override
          public boolean takesTable(TableId table) {
            return !table.name().equals("elsewhere");
          }
        };

    List<ObjectReport> reports = carryAll(notElsewhere, PrepareMode.DROP_AND_CREATE);

    assertThat(left(reports))
        .anySatisfy(report -> {
          assertThat(report.kind()).isEqualTo("foreign key");
          assertThat(report.reason()).contains("\"public.elsewhere\" does not exist");
        })
        .anySatisfy(report -> {
          assertThat(report.kind()).isEqualTo("publication");
          assertThat(report.name()).isEqualTo("news");
        })
        .anySatisfy(report -> assertThat(report.kind()).isEqualTo("large objects"))
        .extracting(report -> report.kind() + " " + report.name())
        .contains(
            "database setting search_path",
            "database comment " + source,
            "database grants " + source);
    assertThat(left(reports).toString()).doesNotContain("app-secret");
    assertThat(inTarget("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        .containsExactly("2");
    assertThat(inTarget("SELECT relacl::text FROM pg_class WHERE oid = 't'::regclass").getFirst())
        .contains("reader=r");
  }

  @Test
  void what_the_other_server_lacks_and_what_is_nobody_elses_is_left_with_the_reason()
      throws Exception {
    try (PostgresServer old =
        PostgresServer.start(PostgresServer.Release.V14, ServerOptions.standard())) {
      old.createDatabase("old");
      old.executeIn(
          "old",
          "CREATE EXTENSION adminpack", // Gone since 17.
          "CREATE EXTENSION hstore",
          "CREATE EXTENSION postgres_fdw",
          "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere')",
          "CREATE USER MAPPING FOR postgres SERVER far OPTIONS (password 'top-secret')",
          "CREATE FOREIGN TABLE abroad (id int) SERVER far",
          "CREATE SUBSCRIPTION newspaper CONNECTION 'password=top-secret' PUBLICATION p"
              + " WITH (connect = false, slot_name = NONE)",
          "CREATE TABLE tags (id int PRIMARY KEY, h hstore)",
          "GRANT SELECT ON tags TO PUBLIC");
      List<ObjectReport> reports;
      try (PostgresServer other =
              PostgresServer.start(PostgresServer.Release.V18, ServerOptions.standard());
          ObjectCarrier carrier =
              new PostgresConnector()
                  .objects(
                      new ObjectRequest(
                          Databases.endpoint(old, "old"),
                          Databases.endpoint(other, "postgres"),
                          schemas("public"),
                          PrepareMode.DROP_AND_CREATE,
                          false,
                          false,
                          2))) {
        reports = new ArrayList<>(carrier.beforeRows());
        reports.addAll(carrier.afterRows());
      }
      assertThat(left(reports))
          .extracting(report -> report.kind() + " " + report.name())
          .contains("extension adminpack", "subscription newspaper", "grants public.TABLE tags")
          .anyMatch(told -> told.startsWith("user mapping"));
      assertThat(reports)
          .contains(ObjectReport.carried("foreign table", "public.abroad"))
          .contains(ObjectReport.carried("extension", "hstore"))
          .contains(ObjectReport.carried("table", "public.tags"));
      assertThat(reports.toString())
          .contains("Install the extension's package")
          .doesNotContain("top-secret");
    }
  }

  @Test
  void sequences_move_forward_at_the_cutover_and_never_back() throws Exception {
    server.executeIn(
        source,
        "CREATE TABLE t (id serial PRIMARY KEY, i bigint GENERATED BY DEFAULT AS IDENTITY)",
        "CREATE SEQUENCE down INCREMENT -2");
    try (ObjectCarrier carrier = carrier(schemas("public"), PrepareMode.DROP_AND_CREATE)) {
      carrier.beforeRows();
      carrier.afterRows();
      server.executeIn(
          source,
          "INSERT INTO t SELECT FROM generate_series(1, 1000)",
          "SELECT nextval('down'), nextval('down')");
      server.executeIn(target, "SELECT setval('t_id_seq', 5000)");

      List<ObjectReport> reports = carrier.atCutover();

      assertThat(reports)
          .contains(ObjectReport.present("sequence value", "public.t_id_seq"))
          .contains(ObjectReport.carried("sequence value", "public.t_i_seq"));
    }
    assertThat(
            inTarget(
                "SELECT nextval('t_id_seq') || ' ' || nextval('t_i_seq') || ' ' ||"
                    + " nextval('down')"))
        .containsExactly("5001 1001 -5");
  }

  @Test
  void foreign_keys_and_triggers_wait_for_the_cutover_where_they_would_fire_during_changes()
      throws Exception {
    server.executeIn(
        source,
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (id int PRIMARY KEY REFERENCES parent)",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER fires BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION f()");
    server.executeIn(
        target,
        "GRANT CREATE ON DATABASE " + target + " TO loader",
        "GRANT ALL ON SCHEMA public TO loader");
    String fired =
        "SELECT (SELECT count(*) FROM pg_constraint WHERE contype = 'f') || ' ' || (SELECT"
            + " count(*) FROM pg_trigger WHERE NOT tgisinternal) || ' ' || (SELECT count(*) FROM"
            + " pg_constraint WHERE contype = 'p' AND connamespace = 'public'::regnamespace)";
    try (ObjectCarrier carrier =
        carrier(
            schemas("public"),
            PrepareMode.DROP_AND_CREATE,
            "Username",
            "loader",
            "Password",
            "loader")) {
      carrier.beforeRows();
      carrier.afterRows();
      assertThat(inTarget(fired)).containsExactly("0 0 2");

      carrier.atCutover();
      assertThat(inTarget(fired)).containsExactly("1 1 2");

      carrier.beforeChanges();
      assertThat(inTarget(fired)).containsExactly("0 0 2");
      carrier.atCutover();
      assertThat(inTarget(fired)).containsExactly("1 1 2");
    }
  }

  @Test
  void a_survey_tells_all_of_it_and_changes_nothing() throws Exception {
    server.executeIn(source, everyObject());

    try (ObjectCarrier carrier =
        carrier(schemas("public", "shop", "Odd.Name"), PrepareMode.DROP_AND_CREATE)) {
      assertThat(carrier.survey())
          .contains(ObjectReport.planned("materialized view", "shop.per_day"))
          .contains(ObjectReport.planned("table", "Odd.Name.weird table; --"))
          .hasSizeGreaterThan(60);
    }
    assertThat(inTarget("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'"))
        .containsExactly("0");
  }

  @Test
  void what_stands_around_the_largest_table_is_made_first() throws Exception {
    server.executeIn(
        source,
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE z (id int PRIMARY KEY)",
        "CREATE INDEX small ON a (id)",
        "CREATE INDEX large ON z (id)",
        "INSERT INTO z SELECT generate_series(1, 10000)",
        "ANALYZE");
    try (ObjectCarrier carrier = carrier(schemas("public"), PrepareMode.DROP_AND_CREATE)) {
      carrier.beforeRows();
      assertThat(carrier.afterRows())
          .extracting(ObjectReport::name)
          .containsSubsequence(
              "public.z z_pkey", "public.large", "public.a a_pkey", "public.small");
    }
  }

  @Test
  void a_stop_ends_a_step_that_waits_for_the_target() throws Exception {
    server.executeIn(source, "CREATE TABLE t (id int PRIMARY KEY)");
    carryAll(schemas("public"), PrepareMode.DROP_AND_CREATE);
    server.executeIn(target, "ALTER TABLE t DROP CONSTRAINT t_pkey");
    try (var session = server.connect(target);
        var statement = session.createStatement();
        ObjectCarrier carrier = carrier(schemas("public"), PrepareMode.DO_NOTHING)) {
      session.setAutoCommit(false);
      statement.execute("LOCK TABLE t IN SHARE MODE");
      Thread stopper =
          Thread.ofVirtual()
              .start(() -> {
                org.awaitility.Awaitility.await()
                    .until(() ->
                        inTarget("SELECT count(*) FROM pg_locks WHERE NOT granted")
                            .equals(List.of("1")));
                carrier.stop();
              });

      assertThatThrownBy(carrier::afterRows).isInstanceOf(InterruptedException.class);
      stopper.join();
    }
  }

  @Test
  void a_missing_pg_dump_is_told_with_the_package_that_has_it() {
    assertThatThrownBy(() -> PgDump.forServer(99))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
        .hasMessageContaining("Install postgresql-client-99");
  }
}
