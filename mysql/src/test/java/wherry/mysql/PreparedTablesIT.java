package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.mysql.Applying.query;
import static wherry.mysql.Loading.SOURCE;
import static wherry.mysql.Loading.TARGET;
import static wherry.mysql.Loading.postgres;
import static wherry.mysql.Loading.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** The tables that rows are loaded into: how they are found or made, with keys and indexes. */
class PreparedTablesIT {
  @ParameterizedTest
  @EnumSource(Engine.class)
  void prepare_modes_do_what_they_say(Engine engine) {
    engine.fresh("dst");
    TableSchema wanted =
        table(
                postgres("id", DataType.INT4, "integer", 0, false),
                postgres("v", DataType.INT4, "integer", 0, true))
            .withId(TARGET);
    Target target = engine.target();

    engine.execute(
        "dst",
        "CREATE TABLE t (extra int DEFAULT 7, V smallint, ID bigint PRIMARY KEY)",
        "INSERT INTO t VALUES (1,2,3)");
    TableSchema kept = target.prepare(wanted, PrepareMode.DO_NOTHING, false);
    assertThat(kept.columns()).extracting(Column::name).containsExactly("ID", "V");
    assertThat(kept.columns())
        .extracting(Column::type)
        .containsExactly(DataType.INT8, DataType.INT2);
    assertThat(kept.key()).contains(new Key(true, List.of(0)));
    assertThat(count(engine)).isEqualTo(1);

    target.prepare(wanted, PrepareMode.TRUNCATE_BEFORE_LOAD, false);
    assertThat(count(engine)).isZero();
    assertThat(target.describe(wanted)).isEqualTo(kept);

    TableSchema fresh = target.prepare(wanted, PrepareMode.DROP_AND_CREATE, true);
    assertThat(fresh.columns())
        .extracting(Column::type)
        .containsExactly(DataType.INT4, DataType.INT4);
    assertThat(fresh.key()).isEmpty();
    target.createKey(wanted);
    target.createKey(wanted);
    assertThat(target.describe(wanted).key()).contains(new Key(true, List.of(0)));

    engine.execute(
        "dst",
        "DROP TABLE t",
        "CREATE TABLE t (id int PRIMARY KEY, w int NOT NULL, v int AS (id + 1))");
    assertThatThrownBy(() -> target.prepare(wanted, PrepareMode.DO_NOTHING, false))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED))
        .hasMessageContaining("the column v is generated")
        .hasMessageContaining("the column w takes no NULL");
    engine.execute("dst", "DROP TABLE t", "CREATE VIEW t AS SELECT 1 AS id");
    assertThatThrownBy(() -> target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false))
        .hasMessageContaining("is a view");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void keys_on_text_distinguish_case_and_blanks_and_wide_rows_fit(Engine engine) throws Exception {
    engine.fresh("dst");
    List<Column> columns =
        new ArrayList<>(List.of(postgres("k", DataType.NCLOB, "text", 0, false)));
    for (int i = 0; i < 20; i++) {
      columns.add(postgres("v" + i, DataType.WSTRING, "character varying(2000)", 2000, true));
    }
    TableSchema source = new TableSchema(SOURCE, columns, Optional.of(new Key(true, List.of(0))));
    Loading loading = new Loading(engine, source, true);
    String[][] rows = new String[5][];
    String[] keys = {"a", "A", "a ", "é", "e\u0301"};
    for (int i = 0; i < keys.length; i++) {
      rows[i] = new String[21];
      rows[i][0] = keys[i];
      rows[i][20] = "é".repeat(2000);
    }
    assertThat(loading.load(rows).loaded()).isEqualTo(5);
    assertThat(loading.rejected).isEmpty();
    assertThat(query(engine, "SELECT count(DISTINCT k), max(char_length(v19)) FROM dst.t"))
        .containsExactly("5|2000");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void indexes_are_created_on_request_and_what_cannot_be_is_told(Engine engine) throws Exception {
    engine.fresh("dst");
    List<Column> columns =
        List.of(
            postgres("id", DataType.INT4, "integer", 0, false),
            postgres("note", DataType.NCLOB, "text", 0, true),
            postgres("name", DataType.WSTRING, "character varying(40)", 40, true));
    TableSchema wanted =
        new TableSchema(
            TARGET,
            TableSchema.Kind.TABLE,
            columns,
            Optional.of(new Key(true, List.of(0))),
            List.of(
                new Index(
                    "by_name",
                    true,
                    List.of(new Index.Part(2, false, 0), new Index.Part(0, true, 0))),
                new Index("by_note", false, List.of(new Index.Part(1, false, 0))),
                new Index("note_once", true, List.of(new Index.Part(1, false, 0))),
                new Index("BY_NOTE", false, List.of(new Index.Part(2, false, 0)))),
            List.of("by_lower"));
    Target target = engine.target();
    target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false);

    Target.IndexPreparation planned = target.indexPreparation(wanted, PrepareMode.DROP_AND_CREATE);
    List<String> notes = target.createIndexes(wanted);

    assertThat(notes).hasSize(3).isEqualTo(planned.notes());
    assertThat(notes.get(0)).contains("by_lower");
    assertThat(notes.get(1)).contains("note_once", "too long");
    assertThat(notes.get(2)).contains("BY_NOTE", "another index has this name");
    assertThat(planned.statements()).hasSize(2);
    assertThat(target.indexPreparation(wanted, PrepareMode.DO_NOTHING).statements()).isEmpty();
    assertThat(
            query(
                engine,
                "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema='dst' AND table_name='t' ORDER BY 1"))
        .containsExactly("by_name", "by_note", "PRIMARY");
  }

  @Test
  void a_deferred_key_takes_the_place_of_one_that_mysql_makes_up() throws Exception {
    ServerOptions options =
        ServerOptions.standard().with("sql_generate_invisible_primary_key", "ON");
    try (MySqlServer server = MySqlServer.start(options)) {
      Target target = new MySqlConnector().target(Engine.endpoint(server));
      TableSchema wanted =
          table(
                  postgres("id", DataType.INT4, "integer", 0, false),
                  postgres("v", DataType.INT4, "integer", 0, true))
              .withId(TARGET);
      assertThat(target.prepare(wanted, PrepareMode.DROP_AND_CREATE, true).key()).isEmpty();
      target.createKey(wanted);
      assertThat(target.describe(wanted).key()).contains(new Key(true, List.of(0)));
    }
  }

  @Test
  void two_tables_that_would_be_one_here_are_refused() {
    ServerOptions options = ServerOptions.standard().with("lower_case_table_names", "1");
    Column id = postgres("id", DataType.INT4, "integer", 0, false);
    try (MariaDbServer server = MariaDbServer.start(options)) {
      Target target = new MySqlConnector().target(Engine.endpoint(server));
      assertThat(target.ignoresCaseOfNames()).isTrue();
      target.prepare(
          table(id).withId(new TableId("dst", "Orders")), PrepareMode.DROP_AND_CREATE, false);
      assertThatThrownBy(() ->
              target.prepare(
                  table(id).withId(new TableId("dst", "orders")),
                  PrepareMode.DROP_AND_CREATE,
                  false))
          .hasMessageContaining("dst.Orders and dst.orders are one table");
    }
    Target forced =
        Engine.MYSQL.target("TargetDbType", "specific-database", "DatabaseName", "forced");
    Engine.MYSQL.fresh("forced");
    TableSchema placed =
        forced.prepare(table(id).withId(new TableId("a", "t")), PrepareMode.DROP_AND_CREATE, false);
    assertThat(placed.id()).isEqualTo(new TableId("forced", "t"));
    assertThatThrownBy(() ->
            forced.prepare(
                table(id).withId(new TableId("b", "t")), PrepareMode.DROP_AND_CREATE, false))
        .hasMessageContaining("one table on the target, forced.t");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void names_that_cannot_be_here_are_refused_before_any_row(Engine engine) {
    Target target = engine.target();
    Column id = postgres("id", DataType.INT4, "integer", 0, false);
    engine.fresh("dst");
    assertThatThrownBy(() ->
            target.prepare(
                table(id, postgres("ID", DataType.INT4, "integer", 0, true)).withId(TARGET),
                PrepareMode.DROP_AND_CREATE,
                false))
        .hasMessageContaining("the columns id and ID are one column");
    assertThatThrownBy(() ->
            target.prepare(
                table(id).withId(new TableId("dst", "x".repeat(65))),
                PrepareMode.DROP_AND_CREATE,
                false))
        .hasMessageContaining("longer than 64 characters");
  }

  private static long count(Engine engine) {
    return Long.parseLong(query(engine, "SELECT count(*) FROM dst.t").get(0));
  }
}
