package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.RowChange;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableSchema;

/** A value has the same bytes whether it is loaded or captured. */
class CaptureTypesIT {
  /** Types of both servers, each with the values that its ends and corners have. */
  private static final Map<String, List<String>> TYPES = new LinkedHashMap<>();

  static {
    type("tinyint", "-128", "127", "0", "-1");
    type("tinyint unsigned", "0", "255");
    type("tinyint(1)", "0", "1", "-128");
    type("smallint", "-32768", "32767");
    type("smallint unsigned", "65535");
    type("mediumint", "-8388608", "8388607", "-1");
    type("mediumint unsigned", "16777215");
    type("int", "-2147483648", "2147483647");
    type("int unsigned", "4294967295");
    type("int(8) unsigned zerofill", "42");
    type("bigint", "-9223372036854775808", "9223372036854775807", "-10", "1000000000");
    type("bigint unsigned", "0", "18446744073709551615", "9223372036854775808");
    type("decimal(1,0)", "-9", "0", "9");
    type("decimal(10,2)", "-12345678.90", "0.01", "-0.05", "99999999.99");
    type("decimal(9,9)", "0.000000001", "-0.999999999");
    type("decimal(18,9)", "123456789.987654321", "-1.000000001");
    type("decimal(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567890");
    type("decimal(65,0)", "99999999999999999999999999999999999999999999999999999999999999999");
    type("decimal(8,3) unsigned zerofill", "1.5");
    type("float", "0", "-0.0", "1.5", "3.4028235e38", "-3.4028235e38", "1.17549435e-38", "1e-45");
    type("float", "0.1", "16777216", "1234567.9", "1e15", "123456.789", "-9.8e-9");
    type("float(7,3)", "1.2345", "-9999.999");
    type("double", "0", "-0.0", "1.5", "1e15", "1e16", "123456789012345", "1234567890123456");
    type("double", "12345678901234567", "0.1", "1e-5", "1e-14", "1e-15", "1e-16", "1.5e-15");
    type("double", "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "2e-323", "1e23");
    type(
        "double",
        "123456789.12345678",
        "99999999999999.98",
        "1234567890123456.7",
        "9007199254740993");
    type("double(12,3)", "1234.5678", "-0.5");
    type("bit(1)", "b'0'", "b'1'");
    type("bit(5)", "b'10101'", "b'0'");
    type("bit(8)", "b'11111111'");
    type("bit(64)", "b'" + "1".repeat(64) + "'", "b'1'");
    type("year", "1901", "2155", "0", "1999");
    type("date", "'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2024-02-29'", "'2024-02-00'");
    type("datetime", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'2024-00-00 12:13:14'");
    for (int digits = 1; digits <= 6; digits++) {
      type("datetime(" + digits + ")", "'2024-02-29 01:02:03.987654'", "'0000-00-00 00:00:00'");
      type(
          "timestamp(" + digits + ") NULL",
          "'2038-01-19 03:14:07.123456'",
          "'0000-00-00 00:00:00'");
      type("time(" + digits + ")", "'-838:59:58.999999'", "'00:00:00.000001'", "'-00:00:00.5'");
    }
    type("timestamp NULL", "'1970-01-01 00:00:01'", "'2024-02-29 23:59:59'", "'0000-00-00'");
    type("time", "'838:59:59'", "'-838:59:59'", "'00:00:00'", "'-00:00:01'", "'123:04:05'");
    type("char(5)", "''", "'ab'", "'ab  '", "'äöüß€'", "'😀😀'");
    type("char(200)", "''", "repeat('€', 200)");
    type("varchar(20)", "''", "'x '", "'a\\0b'", "'😀'", "'quote''s \\\\ and \\n'");
    type("varchar(300)", "repeat('x', 300)");
    type("char(5) CHARACTER SET latin1", "'äé€'", "x'818D8F909D'");
    type("varchar(300) CHARACTER SET latin1", "'äéß€™'", "x'80818283FF'");
    type("varchar(20) CHARACTER SET latin2", "'łódź'");
    type("varchar(20) CHARACTER SET cp1251", "'привет'");
    type("varchar(20) CHARACTER SET koi8r", "'привет'");
    type("varchar(20) CHARACTER SET greek", "'αβγ'");
    type("varchar(20) CHARACTER SET ascii", "'plain'");
    type("varchar(20) CHARACTER SET utf8mb3", "'€uro'");
    type("varchar(20) CHARACTER SET ucs2", "'€uro'");
    type("varchar(20) CHARACTER SET utf16", "'€😀'");
    type("varchar(20) CHARACTER SET utf32", "'€😀'");
    type("varchar(20) CHARACTER SET gbk", "'中文'", "'€'");
    type("varchar(20) CHARACTER SET big5", "'中文'");
    type("varchar(20) CHARACTER SET sjis", "'日本ー\\\\'");
    type("varchar(20) CHARACTER SET cp932", "'日本ー①'");
    type("varchar(20) CHARACTER SET ujis", "'日本'");
    type("varchar(20) CHARACTER SET euckr", "'한국'");
    type("char(9) CHARACTER SET ucs2", "'€ '");
    type("tinytext", "'a'", "''");
    type("text", "'ä'", "repeat('y', 65535)");
    type("mediumtext CHARACTER SET latin1", "'ä'");
    type("longtext", "'z'", "repeat('long', 100000)");
    type("binary(4)", "x''", "x'0001'", "x'61000000'", "x'ffffffff'");
    type("binary(255)", "repeat(x'ff', 255)", "x'20'");
    type("varbinary(20)", "x''", "x'00'", "x'0a0d5c2700'");
    type("tinyblob", "x'00ff'");
    type("blob", "x'00ff5c0a'", "''");
    type("mediumblob", "repeat(x'00', 70000)");
    type("longblob", "x'01'", "repeat(x'ab', 20000000)");
    type("enum('a','it''s','ö','')", "'a'", "'it''s'", "'ö'", "''", "'invalid'");
    type("enum('x') CHARACTER SET latin1", "'x'", "0");
    type("set('a','b','ö')", "''", "'a'", "'b,ö'", "'a,b,ö'");
    type("set(" + labels(64) + ")", "18446744073709551615", "9223372036854775809");
    type("enum(" + labels(300) + ")", "'l0'", "'l299'");
    type("geometry", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(0 0,1 1)', 0)");
    type("point", "ST_GeomFromText('POINT(-1.5 2e10)')");
    type("polygon", "ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')");
    type("geometrycollection", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')");
  }

  /** JSON of MySQL: what the parser takes, and values of SQL types that JSON has not. */
  private static final List<String> JSON =
      List.of(
          "'{}'",
          "'[]'",
          "'null'",
          "'true'",
          "'\"\"'",
          "'{\"b\": 1, \"a\": 2, \"aa\": [true, false, null]}'",
          "'[0, 1, -1, 32767, -32768, 32768, 65535, 65536, 2147483648, -2147483649, 4294967296]'",
          "'[9223372036854775807, -9223372036854775808, 18446744073709551615]'",
          "'[1.0, 1e0, -0.0, 0.1, 1e15, 1e16, 1.5e-7, 1e-15, 1e-16, 1.7976931348623157e308, 5e-324]'",
          "'[1.2345678901234567e-14, 123456789012345678901234567890, 0.30000000000000004]'",
          "'{\"ä😀\": \"q\\\\\"\\\\\\\\ \\\\/ \\\\b\\\\f\\\\n\\\\r\\\\t \\\\u0001 \\\\u001f \\\\u00e4 \\\\u007f\"}'",
          "JSON_OBJECT('d', CAST('2024-02-29' AS DATE), 't', CAST('-12:13:14.5' AS TIME(6)))",
          "JSON_ARRAY(CAST('2024-02-29 01:02:03.000004' AS DATETIME(6)), CAST('838:59:59' AS TIME))",
          "JSON_ARRAY(1.50, -0.05, CAST(12345678901234567890.123456789 AS DECIMAL(40,9)), 0.0)",
          "JSON_ARRAY(x'00ff', b'101', CAST('abc' AS BINARY), REPEAT(x'41', 200))",
          "JSON_ARRAY(CAST('2024-02-29 01:02:03' AS DATETIME), TIMESTAMP'2024-01-01 00:00:00.5')",
          "JSON_OBJECT('long', REPEAT('x', 200), 'longer', REPEAT('ä', 70000), 'n', 100000)",
          "CONCAT('[', REPEAT('100000, 3000000000, {\"k\": [1]}, ', 9000), '1]')",
          "CONCAT('{', REPEAT('\"same\": 1, ', 10), '\"z\": {\"y\": {\"x\": [[[]]]}}}')",
          "JSON_SET('{\"a\": 1}', '$.b', JSON_ARRAY(1, 2))");

  private static void type(String type, String... values) {
    TYPES.computeIfAbsent(type, key -> new ArrayList<>()).addAll(List.of(values));
  }

  private static String labels(int count) {
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < count; i++) {
      labels.append(i == 0 ? "'l" : ",'l").append(i).append('\'');
    }
    return labels.toString();
  }

  private static Map<String, List<String>> types(Engine engine, Random random) {
    Map<String, List<String>> types = new LinkedHashMap<>(TYPES);
    List<String> doubles = doubles(random);
    types.put("double NULL", doubles);
    types.put("float NULL", doubles.stream().map(text -> "LEAST(3e38, " + text + ")").toList());
    if (engine == Engine.MARIADB) {
      types.put("json", List.of("'{\"b\": 1,  \"a\":2}'", "'null'"));
      types.put(
          "uuid",
          List.of(
              "'550e8400-e29b-41d4-a716-446655440000'",
              "'00000000-0000-0000-0000-000000000000'",
              "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
              "'018f22e2-79b0-7cc7-98c4-dc0c0c07398f'",
              "'ffffffff-ffff-ffff-ffff-ffffffffffff'"));
      types.put("inet6", List.of("'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'", "'::'"));
      types.put("inet4", List.of("'192.168.0.1'", "'0.0.0.0'"));
      types.put("varchar(1000) COMPRESSED", List.of("repeat('abc', 300)", "'x'", "''"));
      types.put("longtext COMPRESSED", List.of("repeat('abc', 30000)", "''"));
      types.put("blob COMPRESSED", List.of("repeat(x'00', 3000)", "x''"));
    } else {
      List<String> documents = new ArrayList<>(JSON);
      doubles.forEach(text -> documents.add("'[" + text + "]'"));
      types.put("json", documents);
      types.put("point SRID 4326", List.of("ST_GeomFromText('POINT(1 2)', 4326)"));
    }
    return types;
  }

  /** Any doubles, and those with few digits around the places where the notation changes. */
  private static List<String> doubles(Random random) {
    List<String> doubles = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      double any = Double.longBitsToDouble(random.nextLong());
      double near = random.nextInt(2_000_000) * Math.pow(10, random.nextInt(40) - 25);
      doubles.add(Double.isFinite(any) ? Double.toString(any) : "0");
      doubles.add(Double.toString(near));
    }
    return doubles;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_value_is_captured_as_it_is_loaded(Engine engine) throws Exception {
    long seed = Long.getLong("wherry.seed", System.nanoTime());
    engine.fresh("types");
    List<String> different = new ArrayList<>();
    Source source = engine.source();
    List<String> statements = new ArrayList<>(List.of("SET sql_mode='', time_zone='+00:00'"));
    int number = 0;
    for (Map.Entry<String, List<String>> type : types(engine, new Random(seed)).entrySet()) {
      engine.execute(
          "types", "CREATE TABLE t" + number + " (id int PRIMARY KEY, v " + type.getKey() + ")");
      StringBuilder insert = new StringBuilder("INSERT INTO t" + number + " VALUES (-1, NULL)");
      for (int i = 0; i < type.getValue().size(); i++) {
        insert.append(", (").append(i).append(", ").append(type.getValue().get(i)).append(')');
      }
      statements.add(insert.toString());
      number++;
    }
    try (Capture capture = Capture.of(source, id -> id.schema().equals("types"))) {
      engine.execute("types", statements.toArray(new String[0]));
      capture.toTheEnd();
      different.addAll(
          capture.events().stream()
              .filter(event -> !(event instanceof RowChange))
              .map(Object::toString)
              .toList());
      Map<String, List<RowChange>> captured = new LinkedHashMap<>();
      for (RowChange change : capture.changes()) {
        captured.computeIfAbsent(change.table().name(), key -> new ArrayList<>()).add(change);
      }
      List<TableSchema> tables = source.tables((id, kind) -> id.schema().equals("types"));
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        for (TableSchema table : tables) {
          compare(snapshot, table, captured.getOrDefault(table.id().name(), List.of()), different);
        }
      }
    }
    assertThat(different).as("seed %d", seed).isEmpty();
  }

  private static void compare(
      Snapshot snapshot, TableSchema table, List<RowChange> captured, List<String> different)
      throws InterruptedException {
    String type = table.id().name() + " " + table.columns().get(1).nativeType().name() + " ";
    int at = 0;
    try (RowReader reader =
        snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 1000)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch loaded = (RowBatch) rows.get();
        for (int row = 0; row < loaded.count(); row++, at++) {
          String load = told(loaded, row);
          String capture =
              at < captured.size() ? told(captured.get(at).rows(), captured.get(at).after()) : "";
          if (!load.equals(capture)) {
            different.add(type + "loaded " + load + " captured " + capture);
          }
        }
      }
    }
    if (at < 2 || at != captured.size()) {
      different.add(type + "loaded " + at + " rows, captured " + captured.size());
    }
  }

  private static String told(RowBatch rows, int row) {
    Optional<byte[]> cell = Capture.cell(rows, row, 1);
    String text = Shortened.text(String.valueOf(rows.text(row, 1)));
    return rows.text(row, 0)
        + ":"
        + cell.map(bytes ->
                bytes.length
                    + ":"
                    + (bytes.length > 300
                        ? Integer.toString(Arrays.hashCode(bytes))
                        : HexFormat.of().formatHex(bytes)))
            .orElse("NULL")
        + " "
        + text;
  }
}
