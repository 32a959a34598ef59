package wherry.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import wherry.demo.DemoTable.DemoColumn;

/**
 * The table with one column of every data type of an engine, with values at the types' borders that
 * the other engine can hold. What it cannot hold (infinities, dates before Christ) is rejected and
 * counted by the service and would only blur the verdict here.
 */
public final class EveryType {
  private static final String NAME = "every_type";

  private final List<Sample> samples;

  private EveryType(List<Sample> samples) {
    this.samples = List.copyOf(samples);
  }

  /**
   * One column and the values it holds, row by row; rows beyond them hold NULL.
   *
   * @param values SQL literals of the source engine
   */
  private record Sample(DemoColumn column, List<String> values) {}

  static EveryType of(Engine engine) {
    return new EveryType(
        switch (engine) {
          case POSTGRESQL -> postgres();
          case MARIADB -> mariaDb();
        });
  }

  public DemoTable table() {
    List<DemoColumn> columns = new ArrayList<>();
    columns.add(new DemoColumn("id", "integer NOT NULL", ValueKind.NUMBER));
    samples.forEach(sample -> columns.add(sample.column()));
    return new DemoTable(NAME, columns, List.of("id"));
  }

  /** As many as the most values of a column, and one with nothing but NULLs. */
  int rows() {
    return samples.stream().mapToInt(sample -> sample.values().size()).max().orElse(0) + 1;
  }

  /** One INSERT per row; the last row holds nothing but NULLs. */
  public List<String> insertStatements(Engine engine, String schema) {
    int rows = rows();
    List<String> statements = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<String> values = new ArrayList<>(Collections.singletonList(Integer.toString(row + 1)));
      for (Sample sample : samples) {
        values.add(row < sample.values().size() ? sample.values().get(row) : "NULL");
      }
      statements.add(
          "INSERT INTO %s.%s VALUES (%s)"
              .formatted(engine.quoted(schema), engine.quoted(NAME), String.join(", ", values)));
    }
    return statements;
  }

  /** Types that must exist in PostgreSQL before the table. */
  static List<String> postgresTypes(String schema) {
    String prefix = Engine.POSTGRESQL.quoted(schema) + ".";
    return List.of(
        "CREATE TYPE " + prefix + "mood AS ENUM ('sad', 'ok', 'it''s fine')",
        "CREATE DOMAIN " + prefix + "positive AS integer CHECK (VALUE > 0)");
  }

  private static Sample sample(String name, String type, ValueKind kind, String... values) {
    return new Sample(new DemoColumn("c_" + name, type, kind), Arrays.asList(values));
  }

  private static List<Sample> postgres() {
    List<Sample> samples = new ArrayList<>(postgresScalars());
    samples.addAll(postgresStructures());
    return samples;
  }

  private static List<Sample> postgresScalars() {
    return List.of(
        sample("smallint", "smallint", ValueKind.NUMBER, "0", "-32768", "32767"),
        sample("integer", "integer", ValueKind.NUMBER, "0", "-2147483648", "2147483647"),
        sample(
            "bigint",
            "bigint",
            ValueKind.NUMBER,
            "0",
            "-9223372036854775808",
            "9223372036854775807"),
        sample(
            "numeric",
            "numeric(38,10)",
            ValueKind.NUMBER,
            "0.0000000001",
            "-9999999999999999999999999999.9999999999",
            "1.50"),
        sample(
            "numeric_any",
            "numeric",
            ValueKind.NUMBER,
            "0.1",
            "-12345678901234567890.123456789",
            "1e20"),
        sample("real", "real", ValueKind.REAL4, "0.1", "-3.4028235e38", "1.17549435e-38"),
        sample(
            "double",
            "double precision",
            ValueKind.REAL8,
            "0.1",
            "-1.7976931348623157e308",
            "2.2250738585072014e-308"),
        sample(
            "money",
            "money",
            ValueKind.MONEY,
            "'$1,234.50'",
            "'-$0.01'",
            "'$92233720368547758.07'"),
        sample("boolean", "boolean", ValueKind.BOOLEAN, "true", "false"),
        sample("char", "char(10)", ValueKind.TEXT, "'padded'", "''", "'\u00e9\u4e16\ud83d\udea2'"),
        sample("varchar", "varchar(100)", ValueKind.TEXT, "'it''s'", "''", "' NULL '"),
        sample(
            "varchar_any",
            "varchar",
            ValueKind.TEXT,
            "'no limit'",
            "''",
            "repeat('wherry ', 1000)"),
        sample(
            "text",
            "text",
            ValueKind.TEXT,
            "E'tab\\t newline\\n return\\r backslash \\\\ \\\\N'",
            "''",
            "'ships \ud83d\udea2 and combining e\u0301'"),
        sample(
            "bytea",
            "bytea",
            ValueKind.BYTES,
            "'\\x00ff275c0a0d'",
            "''",
            "decode(repeat('00ff', 10000), 'hex')"),
        sample("date", "date", ValueKind.TEMPORAL, "'2024-02-29'", "'1000-01-01'", "'9999-12-31'"),
        sample(
            "time",
            "time",
            ValueKind.TEMPORAL,
            "'12:34:56.789'",
            "'00:00:00'",
            "'23:59:59.999999'"),
        sample("timetz", "timetz", ValueKind.TIME_IN_UTC, "'12:34:56.789+02'", "'00:00:00-15:59'"),
        sample(
            "timestamp",
            "timestamp",
            ValueKind.TEMPORAL,
            "'2024-02-29 12:34:56.789'",
            "'1000-01-01 00:00:00'",
            "'9999-12-31 23:59:59.999999'"),
        sample(
            "timestamptz",
            "timestamptz",
            ValueKind.TEMPORAL,
            "'2024-03-31 03:30:00+02'",
            "'1900-01-01 00:00:00+00'",
            "'9999-12-31 23:59:59.999999+00'"),
        sample(
            "interval",
            "interval",
            ValueKind.INTERVAL,
            "'1 year 2 months 3 days 04:05:06.789'",
            "'-1 month'",
            "'0'"),
        sample(
            "uuid",
            "uuid",
            ValueKind.TEXT,
            "'550e8400-e29b-41d4-a716-446655440000'",
            "'00000000-0000-0000-0000-000000000000'",
            "'ffffffff-ffff-ffff-ffff-ffffffffffff'"));
  }

  private static List<Sample> postgresStructures() {
    return List.of(
        sample("enum", "tpch.mood", ValueKind.TEXT, "'sad'", "'ok'", "'it''s fine'"),
        sample("domain", "tpch.positive", ValueKind.NUMBER, "1", "2147483647"),
        sample(
            "json",
            "json",
            ValueKind.JSON,
            "'{\"a\": [1, 2.50, \"x\", null, true], \"b\": {}}'",
            "'[]'",
            "'\"text\"'"),
        sample(
            "jsonb",
            "jsonb",
            ValueKind.JSON,
            "'{\"a\": [1, 2.50, \"x\", null, true], \"b\": {}}'",
            "'{}'",
            "'12345678901234567890'"),
        sample("xml", "xml", ValueKind.TEXT, "'<a b=\"c\">&amp;</a>'", "'<empty/>'"),
        sample("inet", "inet", ValueKind.ADDRESS, "'10.0.0.1'", "'10.0.0.1/8'", "'2001:db8::1'"),
        sample("cidr", "cidr", ValueKind.ADDRESS, "'10.0.0.0/8'", "'2001:db8::/32'"),
        sample("macaddr", "macaddr", ValueKind.TEXT, "'08:00:2b:01:02:03'"),
        sample("macaddr8", "macaddr8", ValueKind.TEXT, "'08:00:2b:01:02:03:04:05'"),
        sample("bit", "bit(8)", ValueKind.BITS, "B'10000001'", "B'00000000'", "B'11111111'"),
        sample(
            "varbit", "bit varying(100)", ValueKind.TEXT, "B'101'", "B'" + "1".repeat(100) + "'"),
        sample("tsvector", "tsvector", ValueKind.TEXT, "'fat:1 cat:2'", "''"),
        sample("tsquery", "tsquery", ValueKind.TEXT, "'fat & cat'"),
        sample("point", "point", ValueKind.TEXT, "'(1.5,-2)'"),
        sample("line", "line", ValueKind.TEXT, "'{1,2,3}'"),
        sample("lseg", "lseg", ValueKind.TEXT, "'[(0,0),(1,1)]'"),
        sample("box", "box", ValueKind.TEXT, "'(1,1),(0,0)'"),
        sample("path", "path", ValueKind.TEXT, "'((0,0),(1,1),(2,0))'"),
        sample("polygon", "polygon", ValueKind.TEXT, "'((0,0),(1,1),(2,0))'"),
        sample("circle", "circle", ValueKind.TEXT, "'<(1,2),3>'"),
        sample("int4range", "int4range", ValueKind.TEXT, "'[1,10)'", "'empty'", "'(,)'"),
        sample("numrange", "numrange", ValueKind.TEXT, "'(1.5,2.5]'"),
        sample("daterange", "daterange", ValueKind.TEXT, "'[2024-01-01,2025-01-01)'"),
        sample("int8multirange", "int8multirange", ValueKind.TEXT, "'{[1,3),[5,7)}'"),
        sample(
            "int_array", "integer[]", ValueKind.ARRAY, "'{1,NULL,-3}'", "'{}'", "'{{1,2},{3,4}}'"),
        sample(
            "text_array",
            "text[]",
            ValueKind.ARRAY,
            "ARRAY['a\"b', 'NULL', NULL, '', 'c,d']",
            "'{}'"));
  }

  private static List<Sample> mariaDb() {
    List<Sample> samples = new ArrayList<>(mariaDbNumbersAndTimes());
    samples.addAll(mariaDbTextsAndStructures());
    return samples;
  }

  private static List<Sample> mariaDbNumbersAndTimes() {
    return List.of(
        sample("tinyint", "tinyint", ValueKind.NUMBER, "0", "-128", "127"),
        sample("bool", "boolean", ValueKind.NUMBER, "1", "0", "-7"),
        sample("smallint", "smallint", ValueKind.NUMBER, "0", "-32768", "32767"),
        sample("mediumint", "mediumint", ValueKind.NUMBER, "0", "-8388608", "8388607"),
        sample("int", "int", ValueKind.NUMBER, "0", "-2147483648", "2147483647"),
        sample(
            "bigint",
            "bigint",
            ValueKind.NUMBER,
            "0",
            "-9223372036854775808",
            "9223372036854775807"),
        sample("tinyint_unsigned", "tinyint unsigned", ValueKind.NUMBER, "0", "255"),
        sample("smallint_unsigned", "smallint unsigned", ValueKind.NUMBER, "0", "65535"),
        sample("mediumint_unsigned", "mediumint unsigned", ValueKind.NUMBER, "0", "16777215"),
        sample("int_unsigned", "int unsigned", ValueKind.NUMBER, "0", "4294967295"),
        sample("bigint_unsigned", "bigint unsigned", ValueKind.NUMBER, "0", "18446744073709551615"),
        sample(
            "decimal",
            "decimal(65,30)",
            ValueKind.NUMBER,
            "0.1",
            "-99999999999999999999999999999999999.999999999999999999999999999999"),
        sample("float", "float", ValueKind.REAL4, "0.1", "-3.4028234e38", "1.17549435e-38"),
        sample(
            "double",
            "double",
            ValueKind.REAL8,
            "0.1",
            "-1.7976931348623157e308",
            "2.2250738585072014e-308"),
        sample("bit1", "bit(1)", ValueKind.BOOLEAN, "b'1'", "b'0'"),
        sample("bit64", "bit(64)", ValueKind.BITS, "b'" + "1".repeat(64) + "'", "b'0'"),
        sample("date", "date", ValueKind.TEMPORAL, "'2024-02-29'", "'1000-01-01'", "'9999-12-31'"),
        sample(
            "time",
            "time(6)",
            ValueKind.TIME_SPAN,
            "'12:34:56.789'",
            "'-838:59:59.000001'",
            "'838:59:59.999999'"),
        sample(
            "datetime",
            "datetime(6)",
            ValueKind.TEMPORAL,
            "'2024-02-29 12:34:56.789'",
            "'1000-01-01 00:00:00'",
            "'9999-12-31 23:59:59.999999'"),
        sample(
            "timestamp",
            "timestamp(6) NULL",
            ValueKind.TEMPORAL,
            "'2024-03-31 03:30:00'",
            "'1970-01-02 00:00:00'",
            "'2038-01-18 00:00:00.999999'"),
        sample("year", "year", ValueKind.NUMBER, "2024", "1901", "2155"));
  }

  private static List<Sample> mariaDbTextsAndStructures() {
    return List.of(
        sample("char", "char(10)", ValueKind.TEXT, "'padded'", "''", "'\u00e9\u4e16\ud83d\udea2'"),
        sample("varchar", "varchar(100)", ValueKind.TEXT, "'it''s'", "''", "' NULL '"),
        sample(
            "latin1",
            "varchar(100) CHARACTER SET latin1",
            ValueKind.TEXT,
            "'caf\u00e9'",
            "'\u20ac'"),
        sample("tinytext", "tinytext", ValueKind.TEXT, "'tiny'", "''", "repeat('x', 255)"),
        sample(
            "text",
            "text",
            ValueKind.TEXT,
            "'tab\\t newline\\n return\\r backslash \\\\ \\\\N'",
            "''",
            "'ships \ud83d\udea2 and combining e\u0301'"),
        sample(
            "mediumtext",
            "mediumtext",
            ValueKind.TEXT,
            "'medium'",
            "''",
            "repeat('wherry ', 1000)"),
        sample("longtext", "longtext", ValueKind.TEXT, "'long'", "''", "repeat('wherry ', 1000)"),
        sample("binary", "binary(6)", ValueKind.BYTES, "x'00ff275c0a0d'", "x'000000000000'"),
        sample("varbinary", "varbinary(100)", ValueKind.BYTES, "x'00ff275c0a0d'", "''"),
        sample("tinyblob", "tinyblob", ValueKind.BYTES, "x'00ff275c0a0d'", "''"),
        sample("blob", "blob", ValueKind.BYTES, "x'00ff275c0a0d'", "''"),
        sample("mediumblob", "mediumblob", ValueKind.BYTES, "x'00ff275c0a0d'", "''"),
        sample(
            "longblob",
            "longblob",
            ValueKind.BYTES,
            "x'00ff275c0a0d'",
            "''",
            "unhex(repeat('00ff', 10000))"),
        sample(
            "enum",
            "enum('sad','ok','it''s fine')",
            ValueKind.TEXT,
            "'sad'",
            "'ok'",
            "'it''s fine'"),
        sample("set", "set('a','b','c')", ValueKind.TEXT, "'a'", "''", "'a,b,c'"),
        sample(
            "json",
            "json",
            ValueKind.JSON,
            "'{\"a\": [1, 2.50, \"x\", null, true], \"b\": {}}'",
            "'[]'",
            "'12345678901234567890'"),
        sample(
            "uuid",
            "uuid",
            ValueKind.TEXT,
            "'550e8400-e29b-41d4-a716-446655440000'",
            "'00000000-0000-0000-0000-000000000000'"),
        sample("inet4", "inet4", ValueKind.ADDRESS, "'10.0.0.1'", "'255.255.255.255'"),
        sample("inet6", "inet6", ValueKind.ADDRESS, "'2001:db8::1'", "'::'"),
        sample(
            "geometry",
            "geometry",
            ValueKind.GEOMETRY,
            "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')"),
        sample("point", "point", ValueKind.GEOMETRY, "ST_GeomFromText('POINT(1.5 -2)', 4326)"),
        sample(
            "linestring",
            "linestring",
            ValueKind.GEOMETRY,
            "ST_GeomFromText('LINESTRING(0 0, 1 1)')"),
        sample(
            "polygon",
            "polygon",
            ValueKind.GEOMETRY,
            "ST_GeomFromText('POLYGON((0 0, 1 1, 2 0, 0 0))')"));
  }
}
