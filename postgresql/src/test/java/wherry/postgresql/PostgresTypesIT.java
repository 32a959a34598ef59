package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.RowSet;
import wherry.connector.ChangeWriter;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * PostgreSQL to PostgreSQL, type by type: the target's text of each value equals the source's,
 * whichever way it went.
 */
class PostgresTypesIT {
  private static final Checkpoint CHECKPOINT =
      new Checkpoint("0/1", Instant.EPOCH, "0/1", List.of(), "log");

  private static Databases databases;

  /** A type and values of it, as literals. */
  private record Values(String type, String... literals) {}

  private static final List<Values> TYPES =
      List.of(
          new Values("boolean", "true", "false"),
          new Values("smallint", "-32768", "32767", "0"),
          new Values("integer", "-2147483648", "2147483647"),
          new Values("bigint", "-9223372036854775808", "9223372036854775807"),
          new Values(
              "numeric",
              "0",
              "-0.00",
              "0.611111104488373",
              "1e100",
              "1e-100",
              "'NaN'",
              "'Infinity'",
              "'-Infinity'",
              "12345678901234567890.123456789",
              "repeat('9', 131072)::numeric",
              "('0.' || repeat('1', 16383))::numeric",
              "10000",
              "0.0001",
              "100000000.00001000"),
          new Values("numeric(12,2)", "9999999999.99", "-9999999999.99", "0.01", "'NaN'"),
          new Values("numeric(3,5)", "0.00999", "-0.00001"),
          new Values("numeric(5,-2)", "1234500", "-9999900"),
          new Values(
              "real",
              "1.17549435e-38",
              "3.4028235e38",
              "-0.0",
              "'NaN'",
              "'Infinity'",
              "'-Infinity'",
              "0.1",
              "1e-45",
              "16777217"),
          new Values(
              "double precision",
              "2.2250738585072014e-308",
              "1.7976931348623157e308",
              "-0.0",
              "'NaN'",
              "'Infinity'",
              "5e-324",
              "0.1",
              "0.30000000000000004",
              "9007199254740993",
              "1e22",
              "1e23",
              "123456.789"),
          new Values(
              "money",
              "'$1,234.50'",
              "'-$5.00'",
              "92233720368547758.07::numeric::money",
              "'-92233720368547758.08'"),
          new Values(
              "text",
              "''",
              "' '",
              "'NULL'",
              "'\\N'",
              "'\\\\N'",
              "E'tab\\tnew\\nreturn\\rback\\\\slash\\b\\f\\v'",
              "'naïve 😀 é'",
              "U&'\\FFFD'",
              "repeat('x', 3000000)"),
          new Values("character varying(5)", "'abcde'", "'ab   '", "'日本語😀x'"),
          new Values("character varying", "'unbounded'"),
          new Values("character(5)", "'ab'", "''", "'abcde'", "'日本'"),
          new Values("\"char\"", "'x'", "''"),
          new Values("name", "'a name'"),
          new Values("bytea", "''", "'\\x00ff5c0a09'", "decode(repeat('00ff', 1000000), 'hex')"),
          new Values(
              "date",
              "'0001-01-01'",
              "'4713-01-01 BC'",
              "'4714-11-24 BC'",
              "'9999-12-31'",
              "'5874897-12-31'",
              "'infinity'",
              "'-infinity'",
              "'2024-02-29'",
              "'1970-01-01'",
              "'2000-01-01'",
              "'0001-12-31 BC'",
              "'0005-02-29 BC'"),
          new Values("time", "'24:00:00'", "'00:00:00'", "'23:59:59.999999'", "'12:34:56.7'"),
          new Values("time(3)", "'23:59:59.999'"),
          new Values("time with time zone", "'00:00:00+00'", "'23:59:59.5+00'"),
          new Values(
              "timestamp",
              "'4714-11-24 00:00:00 BC'",
              "'294276-12-31 23:59:59.999999'",
              "'infinity'",
              "'-infinity'",
              "'0044-03-15 12:00:00.5 BC'",
              "'1999-12-31 23:59:59.000001'"),
          new Values("timestamp(0)", "'2024-02-29 12:00:00'"),
          new Values(
              "timestamp with time zone",
              "'2024-03-31 02:30:00+01'",
              "'0044-03-15 BC'",
              "'infinity'",
              "'-infinity'",
              "'2024-10-27 02:30:00+02'",
              "'9999-12-31 23:59:59.999999+00'",
              "'1969-12-31 23:59:59.999999+00'"),
          new Values(
              "interval",
              "'1 year 2 mons 3 days 04:05:06.789'",
              "'-1 year -2 mons +3 days -04:05:06.789'",
              "'0'",
              "'838:59:59.999999'",
              "'-178000000 years'",
              "'0.000001 sec'",
              "'infinity'",
              "'-infinity'",
              "'1 mon -1 day 00:00:01'"),
          new Values("interval(3)", "'00:00:01.123'"),
          new Values("interval day to second(2)", "'3 days 04:05:06.78'"),
          new Values(
              "uuid",
              "'00000000-0000-0000-0000-000000000000'",
              "'550e8400-e29b-41d4-a716-446655440000'"),
          new Values("json", "'{\"a\": 1, \"a\":  2, \"n\": 1e400}'", "'\"\\u0000\"'", "'null'"),
          new Values(
              "jsonb",
              "'{\"b\": [1, 2.50, \"\\t\"], \"a\": null}'",
              "'12345678901234567890.1234567890'"),
          new Values("xml", "'<a b=\"c\">text &amp; more</a>'", "'fragment <x/>'"),
          new Values("inet", "'192.168.1.5/24'", "'::1'"),
          new Values("cidr", "'10.0.0.0/8'", "'2001:db8::/32'"),
          new Values("macaddr", "'08:00:2b:01:02:03'"),
          new Values("macaddr8", "'08:00:2b:01:02:03:04:05'"),
          new Values("bit(1)", "B'1'", "B'0'"),
          new Values("bit(64)", "repeat('1', 64)::bit(64)"),
          new Values("bit varying", "B''", "B'10110'", "B'101101011'"),
          new Values("bit varying(9)", "B'101101011'"),
          new Values("point", "'(1.5,-2.25)'"),
          new Values("line", "'{1,2,3}'"),
          new Values("lseg", "'[(0,0),(1,1)]'"),
          new Values("box", "'(1,1),(0,0)'"),
          new Values("path", "'((0,0),(1,1),(2,0))'", "'[(0,0),(1,1)]'"),
          new Values("polygon", "'((0,0),(1,1),(2,0))'"),
          new Values("circle", "'<(1,1),0.1>'"),
          new Values("tsvector", "'fat:2A cat:1'"),
          new Values("tsquery", "'fat & !rat'"),
          new Values("int4range", "'[1,10)'", "'empty'"),
          new Values("numrange", "'(,1.5]'"),
          new Values("tstzrange", "'[2024-01-01 00:00+00,2024-02-01 00:00+00)'"),
          new Values("int4multirange", "'{[1,3),[5,9)}'"),
          new Values("integer[]", "'{}'", "'{1,NULL,3}'", "'[0:1][2:3]={{1,2},{3,4}}'"),
          new Values("text[]", "'{\"NULL\",NULL,\"a,b\",\"c\\\"d\",\"\\\\\",\"\"}'"),
          new Values("timestamp with time zone[]", "'{\"2024-01-01 00:00+02\",infinity}'"),
          new Values("interval[]", "'{\"1 day -02:00\"}'"),
          new Values("bytea[]", "array['\\x00ff'::bytea]"),
          new Values("numeric(6,3)[]", "'{1.500,-2.125}'"),
          new Values("oid", "4294967295::oid"),
          new Values("pg_lsn", "'4AF/B00000D0'"),
          new Values("regclass", "'pg_class'"),
          new Values("public.mood", "'sad'", "'it''s \"ok\"'"),
          new Values("public.email", "'a@b.c'"),
          new Values("public.pair", "'(1,\"x, y\")'"),
          new Values("public.mood[]", "'{sad}'"));

  @BeforeAll
  static void create_a_table_for_each_type() {
    databases = new Databases();
    String[] types = {
      "CREATE TYPE public.mood AS ENUM ('sad', 'it''s \"ok\"')",
      "CREATE DOMAIN public.email AS varchar(50) CHECK (value LIKE '%@%')",
      "CREATE TYPE public.pair AS (a int, b text)"
    };
    databases.inSource(types);
    databases.inTarget(types);
    List<String> statements = new ArrayList<>();
    for (int i = 0; i < TYPES.size(); i++) {
      Values values = TYPES.get(i);
      statements.add("CREATE TABLE type_%d (id int PRIMARY KEY, v %s)".formatted(i, values.type()));
      statements.add("INSERT INTO type_%d VALUES (0, NULL)".formatted(i));
      for (int j = 0; j < values.literals().length; j++) {
        statements.add(
            "INSERT INTO type_%d VALUES (%d, %s)".formatted(i, j + 1, values.literals()[j]));
      }
    }
    databases.inSource(statements.toArray(String[]::new));
  }

  @AfterAll
  static void drop_the_databases() {
    databases.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void every_value_of_every_type_arrives_as_it_was(boolean cells) {
    try (Source source = databases.source();
        Target target = databases.target()) {
      List<TableSchema> tables = source.tables((id, kind) -> id.name().startsWith("type_"));
      assertThat(tables).hasSameSizeAs(TYPES);
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        tables.forEach(table -> arrivesAsItWas(snapshot, target, table, cells));
      }
    }
  }

  private static void arrivesAsItWas(
      Snapshot snapshot, Target target, TableSchema table, boolean cells) {
    String name = table.id().name();
    Values values = TYPES.get(Integer.parseInt(name.substring("type_".length())));
    String label = values.type() + (cells ? " by cells" : " passed through");
    TableSchema prepared = target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
    RowFormat format = cells ? RowFormat.CELLS : target.formats(table, prepared).getFirst();
    assertThat(format.equals(RowFormat.CELLS)).as(label).isEqualTo(cells);

    LoadLedger.Done done = databases.load(snapshot, target, table, prepared, format);

    assertThat(databases.rejected).as(label).isEmpty();
    assertThat(done.loaded()).as(label).isEqualTo(values.literals().length + 1);
    String query = "SELECT id, v::text, pg_typeof(v)::text FROM " + name + " ORDER BY id";
    assertThat(databases.targetRows(query)).as(label).isEqualTo(databases.sourceRows(query));
    assertThat(prepared.columns())
        .as(label)
        .extracting(Column::nativeType)
        .isEqualTo(table.columns().stream().map(Column::nativeType).toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void every_value_of_every_type_is_applied_as_it_was(boolean asSet) throws Exception {
    try (Source source = databases.source();
        Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      List<TableSchema> tables = source.tables((id, kind) -> id.name().startsWith("type_"));
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        for (TableSchema table : tables) {
          Values values = TYPES.get(Integer.parseInt(table.id().name().substring(5)));
          String label = values.type() + (asSet ? " as a set" : " one by one");
          target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
          TableRoute route = Changes.route(target, table);
          RowBatch rows = cells(snapshot, table);
          long applied =
              asSet ? updateAsSet(writer, route, rows) : insertOneByOne(writer, route, rows);
          assertThat(applied).as(label).isEqualTo(rows.count());
          writer.commit(CHECKPOINT);
          String query = "SELECT id, v::text FROM " + table.id().name() + " ORDER BY id";
          assertThat(databases.targetRows(query)).as(label).isEqualTo(databases.sourceRows(query));
        }
      }
    }
  }

  private static RowBatch cells(Snapshot snapshot, TableSchema table) throws InterruptedException {
    try (RowReader reader =
        snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10_000)) {
      RowBatch rows = (RowBatch) reader.next().orElseThrow();
      assertThat(reader.next()).isEmpty();
      return rows;
    }
  }

  private static long insertOneByOne(ChangeWriter writer, TableRoute route, RowBatch rows)
      throws InterruptedException {
    long inserted = 0;
    for (int row = 0; row < rows.count(); row++) {
      inserted += writer.apply(route, new RowChange(Operation.INSERT, rows, RowChange.NONE, row));
    }
    return inserted;
  }

  /** With so many rows that are not there that the set is a large one. */
  private static long updateAsSet(ChangeWriter writer, TableRoute route, RowBatch rows)
      throws InterruptedException {
    List<String[]> empty =
        IntStream.range(0, rows.count()).mapToObj(i -> Changes.row("" + i, null)).toList();
    writer.apply(route, Changes.inserts(route, empty));
    List<String[]> strangers =
        IntStream.range(1000, 1200).mapToObj(i -> Changes.row("" + i, null)).toList();
    RowSet updates = Changes.set(route, strangers);
    for (int row = 0; row < rows.count(); row++) {
      updates.add(rows, row);
    }
    NetChanges.Update update = new NetChanges.Update(List.of(1), updates);
    return writer
        .apply(route, new NetChanges(new RowSet(), List.of(update), new RowSet()))
        .updated();
  }

  @Test
  void a_row_without_key_is_found_by_its_values_whatever_their_types() throws Exception {
    try (Source source = databases.source();
        Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      List<TableSchema> tables = source.tables((id, kind) -> id.name().startsWith("type_"));
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        for (TableSchema table : tables) {
          TableSchema keyless = new TableSchema(table.id(), table.columns(), Optional.empty());
          target.prepare(keyless, PrepareMode.DROP_AND_CREATE, false);
          TableRoute route = Changes.route(target, keyless);
          RowBatch rows = cells(snapshot, table);
          insertOneByOne(writer, route, rows);
          insertOneByOne(writer, route, rows);
          for (int row = 0; row < rows.count(); row++) {
            Values values = TYPES.get(Integer.parseInt(table.id().name().substring(5)));
            String label = values.type() + " " + row;
            RowChange delete = new RowChange(Operation.DELETE, rows, row, RowChange.NONE);
            assertThat(writer.apply(route, delete)).as(label).isEqualTo(1);
            assertThat(writer.apply(route, delete)).as(label).isEqualTo(1);
            assertThat(writer.apply(route, delete)).as(label).isZero();
          }
          writer.commit(CHECKPOINT);
        }
      }
    }
  }

  @Test
  void a_zoned_time_keeps_its_zone_when_passed_through_and_becomes_utc_as_a_cell() {
    databases.inSource(
        "CREATE TABLE zoned (id int PRIMARY KEY, v timetz)",
        "INSERT INTO zoned VALUES (1, '12:00:00+02')");
    databases.load("zoned");
    assertThat(databases.targetRows("SELECT v::text FROM zoned")).containsExactly("12:00:00+02");
    databases.loadCells("zoned");
    assertThat(databases.targetRows("SELECT v::text FROM zoned")).containsExactly("10:00:00+00");
  }
}
