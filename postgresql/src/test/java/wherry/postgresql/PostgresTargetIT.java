package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** What the target makes of a table, in each preparation mode. */
class PostgresTargetIT {
  private static final Databases databases = new Databases();

  private Target target;

  @BeforeEach
  void open() {
    target = databases.target();
  }

  @AfterEach
  void clear() {
    target.close();
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static Column column(
      String name,
      DataType type,
      Meaning meaning,
      int length,
      int precision,
      int scale,
      String mysql) {
    return new Column(
        name,
        type,
        meaning,
        length,
        precision,
        scale,
        List.of(),
        true,
        new NativeType("mysql", mysql));
  }

  private static TableSchema table(String schema, String name, Column... columns) {
    return new TableSchema(
        new TableId(schema, name), List.of(columns), Optional.of(new Key(true, List.of(0))));
  }

  private static final Column ID =
      column("id", DataType.INT4, Meaning.PLAIN, 0, 0, 0, "int").withNullable(false);

  @Test
  void columns_of_mysql_become_the_types_that_hold_them() {
    TableSchema wanted =
        table(
            "shop",
            "t",
            ID,
            column("tiny", DataType.INT1, Meaning.PLAIN, 0, 0, 0, "tinyint"),
            column("utiny", DataType.UINT1, Meaning.PLAIN, 0, 0, 0, "tinyint unsigned"),
            column("usmall", DataType.UINT2, Meaning.PLAIN, 0, 0, 0, "smallint unsigned"),
            column("uint", DataType.UINT4, Meaning.PLAIN, 0, 0, 0, "int unsigned"),
            column("ubig", DataType.UINT8, Meaning.PLAIN, 0, 0, 0, "bigint unsigned"),
            column("dec", DataType.NUMERIC, Meaning.PLAIN, 0, 65, 30, "decimal(65,30)"),
            column("f", DataType.REAL4, Meaning.PLAIN, 0, 0, 0, "float"),
            column("d", DataType.REAL8, Meaning.PLAIN, 0, 0, 0, "double"),
            column("b", DataType.BOOLEAN, Meaning.PLAIN, 0, 0, 0, "bit(1)"),
            column("bits", DataType.STRING, Meaning.BITS, 9, 0, 0, "bit(9)"),
            column("c", DataType.WSTRING, Meaning.FIXED_CHAR, 5, 0, 0, "char(5)"),
            column("v", DataType.WSTRING, Meaning.PLAIN, 50, 0, 0, "varchar(50)"),
            column("txt", DataType.NCLOB, Meaning.PLAIN, 0, 0, 0, "longtext"),
            column("bin", DataType.BYTES, Meaning.PLAIN, 16, 0, 0, "binary(16)"),
            column("blob", DataType.BLOB, Meaning.PLAIN, 0, 0, 0, "longblob"),
            column("e", DataType.WSTRING, Meaning.ENUM, 3, 0, 0, "enum('a')"),
            column("s", DataType.WSTRING, Meaning.SET, 3, 0, 0, "set('a')"),
            column("j", DataType.CLOB, Meaning.JSONB, 0, 0, 0, "json"),
            column("jm", DataType.NCLOB, Meaning.JSON, 0, 0, 0, "longtext"),
            column("day", DataType.DATE, Meaning.PLAIN, 0, 0, 0, "date"),
            column("at", DataType.DATETIME, Meaning.PLAIN, 0, 0, 3, "datetime(3)"),
            column("ts", DataType.DATETIME, Meaning.INSTANT, 0, 0, 0, "timestamp"),
            column("span", DataType.STRING, Meaning.TIME_SPAN, 17, 0, 6, "time(6)"),
            column("y", DataType.INT2, Meaning.YEAR, 0, 0, 0, "year"),
            column("u", DataType.STRING, Meaning.UUID, 36, 0, 0, "uuid"),
            column("geo", DataType.BLOB, Meaning.GEOMETRY, 0, 0, 0, "geometry"));

    TableSchema prepared = target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false);

    assertThat(prepared.columns())
        .extracting(c -> c.nativeType().name())
        .containsExactly(
            "integer",
            "smallint",
            "smallint",
            "integer",
            "bigint",
            "numeric(20,0)",
            "numeric(65,30)",
            "real",
            "double precision",
            "boolean",
            "bit(9)",
            "character(5)",
            "character varying(50)",
            "text",
            "bytea",
            "bytea",
            "text",
            "text",
            "jsonb",
            "json",
            "date",
            "timestamp(3) without time zone",
            "timestamp(0) with time zone",
            "interval",
            "smallint",
            "uuid",
            "bytea");
    assertThat(prepared.key()).contains(new Key(true, List.of(0)));
    assertThat(prepared.columns().getFirst().nullable()).isFalse();
  }

  @Test
  void do_nothing_keeps_rows_truncate_keeps_the_table_and_drop_makes_a_new_one() {
    TableSchema wanted = table("public", "t", ID);
    databases.inTarget(
        "CREATE TABLE t (extra text DEFAULT 'mine', id bigint)", "INSERT INTO t VALUES ('x', 1)");

    assertThat(target.prepare(wanted, PrepareMode.DO_NOTHING, false).columns().getFirst().type())
        .isEqualTo(DataType.INT8);
    assertThat(databases.targetRows("SELECT count(*) FROM t")).containsExactly("1");
    target.prepare(wanted, PrepareMode.TRUNCATE_BEFORE_LOAD, false);
    assertThat(databases.targetRows("SELECT count(*), max(extra) FROM t"))
        .containsExactly("0|null");
    assertThat(
            target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false).columns().getFirst().type())
        .isEqualTo(DataType.INT4);
  }

  @Test
  void a_table_that_a_foreign_key_points_at_is_neither_dropped_nor_emptied() {
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE child (t int CONSTRAINT child_of_t REFERENCES t)");
    for (PrepareMode mode :
        List.of(PrepareMode.DROP_AND_CREATE, PrepareMode.TRUNCATE_BEFORE_LOAD)) {
      assertThatThrownBy(() -> target.prepare(table("public", "t", ID), mode, false))
          .isInstanceOfSatisfying(
              DmsException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED))
          .hasMessageContaining("child_of_t of public.child")
          .hasMessageContaining("ALTER TABLE \"public\".\"child\" DROP CONSTRAINT \"child_of_t\";");
    }
    databases.inTarget("ALTER TABLE \"public\".\"child\" DROP CONSTRAINT \"child_of_t\";");
    target.prepare(table("public", "t", ID), PrepareMode.DROP_AND_CREATE, false);
  }

  @Test
  void a_view_that_depends_on_the_table_is_named_when_it_cannot_be_dropped() {
    databases.inTarget("CREATE TABLE t (id int)", "CREATE VIEW v AS SELECT * FROM t");
    assertThatThrownBy(
            () -> target.prepare(table("public", "t", ID), PrepareMode.DROP_AND_CREATE, false))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED))
        .hasMessageContaining("view public.v depends on table public.t")
        .hasMessageContaining("TRUNCATE_BEFORE_LOAD");
  }

  @Test
  void a_table_that_does_not_fit_is_refused_with_all_that_is_wrong() {
    databases.inTarget(
        "CREATE TABLE t (\"ID\" int, must int NOT NULL, twice int GENERATED ALWAYS AS (1) STORED)");
    Column twice = column("twice", DataType.INT4, Meaning.PLAIN, 0, 0, 0, "int");
    assertThatThrownBy(
            () -> target.prepare(table("public", "t", ID, twice), PrepareMode.DO_NOTHING, false))
        .hasMessageContaining("column \"id\" is missing (there is \"ID\"")
        .hasMessageContaining("column \"must\" is NOT NULL without default")
        .hasMessageContaining("column \"twice\" is generated");
    assertThatThrownBy(() -> target.describe(table("public", "missing", ID)))
        .hasMessageContaining("does not exist");
    databases.inTarget("CREATE VIEW v AS SELECT 1 AS id");
    assertThatThrownBy(
            () -> target.prepare(table("public", "v", ID), PrepareMode.DROP_AND_CREATE, false))
        .hasMessageContaining("something else than a table");
  }

  @Test
  void names_that_postgresql_would_cut_are_refused() {
    Column wide = column("é".repeat(32), DataType.INT4, Meaning.PLAIN, 0, 0, 0, "int");
    assertThatThrownBy(() ->
            target.prepare(
                table("public", "t".repeat(64), ID, wide), PrepareMode.DROP_AND_CREATE, false))
        .hasMessageContaining("has 64 bytes")
        .hasMessageContaining("ééé")
        .hasMessageContaining("rename");
    target.prepare(table("public", "t".repeat(63), ID), PrepareMode.DROP_AND_CREATE, false);
  }

  @Test
  void a_deferred_key_is_created_once_and_duplicates_are_told() {
    TableSchema wanted = table("public", "t", ID);
    assertThat(target.prepare(wanted, PrepareMode.DROP_AND_CREATE, true).key()).isEmpty();
    databases.inTarget("INSERT INTO t VALUES (1), (1)");
    assertThatThrownBy(() -> target.createKey(wanted))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED))
        .hasMessageContaining("(id)=(1) is duplicated");
    databases.inTarget("TRUNCATE t");
    target.createKey(wanted);
    target.createKey(wanted);
    assertThat(target.describe(wanted).key()).contains(new Key(true, List.of(0)));
  }

  @Test
  void missing_indexes_are_created_and_those_without_equal_are_told() {
    Column v = column("v", DataType.WSTRING, Meaning.PLAIN, 20, 0, 0, "varchar(20)");
    TableSchema plain = table("public", "t", ID, v);
    TableSchema wanted =
        new TableSchema(
            plain.id(),
            TableSchema.Kind.TABLE,
            plain.columns(),
            plain.key(),
            List.of(
                new Index(
                    "by_v",
                    false,
                    List.of(new Index.Part(1, true, 0), new Index.Part(0, false, 0))),
                new Index("v_unique", true, List.of(new Index.Part(1, false, 0))),
                new Index("v_prefix", false, List.of(new Index.Part(1, false, 5)))),
            List.of("full_text"));
    target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false);
    databases.inTarget(
        "CREATE TABLE other (id int)",
        "CREATE INDEX by_v ON other (id)",
        "INSERT INTO t VALUES (1, 'x'), (2, 'x')");
    Target.IndexPreparation planned = target.indexPreparation(wanted, PrepareMode.DROP_AND_CREATE);
    assertThat(planned.statements())
        .hasSize(2)
        .first()
        .isEqualTo("CREATE INDEX \"t_by_v\" ON \"public\".\"t\" (\"v\" DESC, \"id\")");
    assertThat(planned.notes()).hasSize(2);

    assertThat(target.createIndexes(wanted))
        .hasSize(3)
        .anyMatch(note -> note.contains("full_text"))
        .anyMatch(note -> note.contains("v_prefix"))
        .anyMatch(note -> note.contains("v_unique") && note.contains("duplicated"));
    assertThat(
            databases.targetRows(
                "SELECT indexdef FROM pg_indexes WHERE tablename = 't' AND indexname = 't_by_v'"))
        .containsExactly("CREATE INDEX t_by_v ON public.t USING btree (v DESC, id)");
    databases.inTarget("TRUNCATE t");
    assertThat(target.createIndexes(wanted)).hasSize(2);
  }

  @Test
  void missing_types_of_a_postgresql_source_are_created_or_give_way_to_text() {
    databases.inSource(
        "CREATE SCHEMA \"My Types\"",
        "CREATE TYPE \"My Types\".\"Mood's\" AS ENUM ('sad', 'it''s ok')",
        "CREATE DOMAIN short AS varchar(3)",
        "CREATE TYPE pair AS (a int, b int)",
        "CREATE TABLE t (id int PRIMARY KEY, m \"My Types\".\"Mood's\", s short, p pair, ps"
            + " pair[])",
        "INSERT INTO t VALUES (1, 'it''s ok', 'abc', '(1,2)', ARRAY['(3,4)'::pair])");
    databases.load("t");
    assertThat(
            databases.targetRows(
                "SELECT t.*, pg_typeof(m), pg_typeof(s), pg_typeof(p), pg_typeof(ps) FROM t"))
        .containsExactly(
            "1|it's ok|abc|(1,2)|{\"(3,4)\"}|\"My Types\".\"Mood's\"|character varying|text|text");
  }
}
