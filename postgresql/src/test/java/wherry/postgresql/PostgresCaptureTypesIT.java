package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wherry.change.RowChange;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableSchema;

/** A value has the same bytes whether it comes by the load or by the log. */
class PostgresCaptureTypesIT {
  private static final Map<String, List<String>> VALUES = new LinkedHashMap<>();

  private static void values(String type, String... literals) {
    VALUES.put(type, List.of(literals));
  }

  static {
    values("boolean", "true", "false");
    values("smallint", "-32768", "0", "32767");
    values("bigint", "-9223372036854775808", "9223372036854775807");
    values("oid", "0", "4294967295");
    values(
        "numeric",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "1e100",
        "0.611111104488373",
        "-0.000000000000000000000000000001",
        "1.50");
    values("numeric(20,5)", "12.3", "-99999.99999", "'NaN'");
    values("numeric(5,-2)", "1234567");
    values("real", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "3.4e38", "1e-45", "0.1");
    values("double precision", "'NaN'", "'-Infinity'", "'-0'", "1.7e308", "5e-324", "0.1", "1/3.0");
    values("money", "-1234567.89", "0", "92233720368547758.07", "0.05", "'-0.05'");
    values(
        "text",
        "''",
        "' '",
        "E'a\\tb\\nc\\\\d\\r\\b\\f\\v'",
        "'\\N'",
        "'ä😀\"{}'",
        "repeat('x', 100000)");
    values("varchar(5)", "'abc  '", "''");
    values("char(5)", "'ab'", "''", "'a b  '", "'äöüß😀'");
    values("bpchar", "'ab   '", "''");
    values("\"char\"", "'x'", "''");
    values("name", "'a_name'");
    values("bytea", "''", "'\\x00'", "'\\x00ff5c0a09'", "decode(repeat('0aff', 5000), 'hex')");
    values(
        "date",
        "'2024-02-29'",
        "'infinity'",
        "'-infinity'",
        "'0044-03-15 BC'",
        "'294276-12-31'",
        "'0001-01-01'");
    values("time", "'24:00:00'", "'00:00:00'", "'23:59:59.999999'", "'12:00:00.5'");
    values("time(2)", "'12:00:00.5'");
    values(
        "timetz",
        "'12:00:00+02'",
        "'00:30:00+05:45'",
        "'23:59:59.999999-11'",
        "'24:00:00+00'",
        "'12:00:00.50+15:59:59'",
        "'01:00:00-15:59'");
    values(
        "timestamp",
        "'2024-02-29 12:00:00.000001'",
        "'infinity'",
        "'-infinity'",
        "'0044-03-15 12:00:00 BC'",
        "'294276-12-31 23:59:59.999999'",
        "'4713-01-01 00:00:00 BC'");
    values("timestamp(0)", "'2024-02-29 12:00:00.5'");
    values(
        "timestamptz",
        "'2024-02-29 12:00:00.000001+05:30'",
        "'infinity'",
        "'-infinity'",
        "'0044-03-15 12:00:00+01 BC'",
        "'294276-12-31 23:59:59.999999+00'");
    values(
        "interval",
        "'1 year 2 mons -3 days 04:05:06.789'",
        "'0'",
        "'-1 year -00:00:00.000001'",
        "'178000000 years'",
        "'infinity'");
    values("uuid", "'550E8400-e29b-41d4-a716-446655440000'");
    values("json", "'{\"a\": 1 , \"b\":[null]}'");
    values("jsonb", "'{\"b\": 1e3, \"a\": \"ä\\n\"}'", "'null'", "'1.50'");
    values("xml", "'<a>b&amp;</a>'");
    values("bit(5)", "B'00101'");
    values("bit varying", "B''", "B'1'", "B'" + "10".repeat(50) + "'");
    values("inet", "'192.168.0.1/24'", "'::1'", "'10.0.0.1'");
    values("cidr", "'10.0.0.0/8'");
    values("macaddr", "'08:00:2b:01:02:03'");
    values("macaddr8", "'08:00:2b:01:02:03:04:05'");
    values("point", "'(1.1,-2e100)'");
    values("line", "'{1,2,3}'");
    values("box", "'(1,2),(3,4)'");
    values("path", "'[(1,2),(3,4)]'", "'((1,2),(3,4))'");
    values("polygon", "'((1,2),(3,4),(5,6))'");
    values("circle", "'<(1,2),3>'");
    values("tsvector", "'a:1A fat:2 ''x y''' ");
    values("tsquery", "'fat & (rat | cat)'");
    values("pg_lsn", "'16/B374D848'");
    values("int4range", "'[1,5)'", "'empty'", "'(,)'");
    values("tstzrange", "'[2024-01-01 00:00+02,)'");
    values("nummultirange", "'{[1.5,2.5),[7,)}'");
    values("int[]", "'{1,NULL,3}'", "'{}'", "'[2:3]={1,2}'", "'{{1,2},{3,4}}'");
    values("text[]", "ARRAY['a,b', 'NULL', NULL, '\"', '\\', '']");
    values("timestamptz[]", "ARRAY['2024-01-01 12:00+02'::timestamptz]");
    values("interval[]", "ARRAY['1 day 02:03:04'::interval]");
    values("bytea[]", "ARRAY['\\x00ff'::bytea]");
    values("money[]", "ARRAY['-1234.5'::money]");
    values("mood", "'so so'", "'sad'");
    values("mood[]", "'{sad,\"so so\"}'");
    values("pair", "ROW(1, E'a,\"b\\\\')", "ROW(NULL, NULL)");
    values("amount", "12.3");
    values("stamp", "'2024-01-01 12:00+02'");
    values("code", "'ab'");
    values("hstore", "'a=>1, \"b c\"=>NULL'");
    values("citext", "'Ab'");
    values("regclass", "'pg_class'::regclass");
  }

  @Test
  void every_value_of_every_type_has_the_same_bytes_by_load_and_by_log() throws Exception {
    try (Databases databases = new Databases()) {
      databases.inSource(
          "CREATE EXTENSION hstore",
          "CREATE EXTENSION citext",
          "CREATE TYPE mood AS ENUM ('sad', 'so so')",
          "CREATE TYPE pair AS (a int, b text)",
          "CREATE DOMAIN amount AS numeric(8,3)",
          "CREATE DOMAIN stamp AS timestamptz",
          "CREATE DOMAIN code AS char(4)",
          "ALTER DATABASE %s SET datestyle = 'German, DMY'".formatted(databases.sourceName()),
          "ALTER DATABASE %s SET timezone = 'America/St_Johns'".formatted(databases.sourceName()),
          "ALTER DATABASE %s SET bytea_output = 'escape'".formatted(databases.sourceName()),
          "ALTER DATABASE %s SET extra_float_digits = -3".formatted(databases.sourceName()),
          "CREATE TABLE every (id int PRIMARY KEY, %s)".formatted(columns()),
          "CREATE TABLE parts (id int, v timestamptz, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
          "CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
          "CREATE TABLE parts2 (v timestamptz, gone int, id int NOT NULL)",
          "ALTER TABLE parts2 DROP COLUMN gone",
          "ALTER TABLE parts ATTACH PARTITION parts2 FOR VALUES FROM (10) TO (20)",
          "CREATE TABLE generated (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2)"
              + " STORED, v text)");
      try (CapturedChanges changes = new CapturedChanges(databases.source(), "TYPES")) {
        assertThat(changes.start.refused()).isEmpty();
        databases.inSource(inserts());
        databases.inSource(
            "INSERT INTO parts VALUES (1, '2024-01-01'), (11, '2024-01-02')",
            "INSERT INTO generated (id, v) VALUES (7, 'x')");
        changes.readToEnd();
        for (TableSchema table : changes.tables) {
          assertThat(captured(changes, table))
              .as(table.id().name())
              .isNotEmpty()
              .containsExactlyElementsOf(loaded(changes.source, table));
        }
      }
    }
  }

  private static String columns() {
    List<String> types = new ArrayList<>(VALUES.keySet());
    return IntStream.range(0, types.size())
        .mapToObj(i -> "c" + i + " " + types.get(i))
        .collect(Collectors.joining(", "));
  }

  /** The first row is NULL; row n has each type's value n, where it has so many. */
  private static String[] inserts() {
    List<String> types = new ArrayList<>(VALUES.keySet());
    int most = VALUES.values().stream().mapToInt(List::size).max().orElseThrow();
    List<String> statements = new ArrayList<>(List.of("INSERT INTO every VALUES (0)"));
    for (int row = 0; row < most; row++) {
      List<String> cells = new ArrayList<>(List.of(Integer.toString(row + 1)));
      for (String type : types) {
        List<String> values = VALUES.get(type);
        String value = row < values.size() ? values.get(row) : "NULL";
        cells.add("(%s)::%s".formatted(value, type));
      }
      statements.add("INSERT INTO every VALUES (" + String.join(", ", cells) + ")");
    }
    return statements.toArray(String[]::new);
  }

  private static List<String> captured(CapturedChanges changes, TableSchema table) {
    return changes.parts.stream()
        .flatMap(part -> part.events().stream())
        .filter(event -> event.table().equals(table.id()))
        .filter(RowChange.class::isInstance)
        .map(RowChange.class::cast)
        .map(change -> row(change.rows(), change.after()))
        .toList();
  }

  private static List<String> loaded(Source source, TableSchema table) throws InterruptedException {
    List<String> loaded = new ArrayList<>();
    try (Snapshot snapshot = source.snapshot(List.of(table), 1);
        RowReader reader =
            snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10_000)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch batch = (RowBatch) rows.get();
        IntStream.range(0, batch.count()).mapToObj(i -> row(batch, i)).forEach(loaded::add);
      }
    }
    return loaded;
  }

  private static String row(RowBatch rows, int row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < rows.schema().columns().size(); i++) {
      byte[] cell = Arrays.copyOfRange(rows.slab(), rows.start(row, i), rows.end(row, i));
      String bytes =
          cell.length > 200 ? cell.length + " bytes, " + Arrays.hashCode(cell) : text(cell);
      cells.add(
          rows.schema().columns().get(i).nativeType().name()
              + "="
              + (rows.isAbsent(row, i) ? "absent" : rows.isNull(row, i) ? "NULL" : bytes));
    }
    return String.join("\n", cells);
  }

  private static String text(byte[] cell) {
    return new String(cell, StandardCharsets.UTF_8) + " " + HexFormat.of().formatHex(cell);
  }
}
