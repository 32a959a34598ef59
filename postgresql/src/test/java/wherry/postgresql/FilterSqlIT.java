package wherry.postgresql;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.filter.FilterAgreement;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

/** A filter chooses the same rows here as it does in Java. */
class FilterSqlIT {
  private static final Databases databases = new Databases();

  @AfterAll
  static void drop() {
    databases.close();
  }

  @Test
  void the_server_and_java_choose_the_same_rows_for_every_type_operator_and_value()
      throws Exception {
    databases.inSource(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy')",
        """
        CREATE TABLE f (id int PRIMARY KEY, i2 int2, i8 int8, o oid, n numeric, d numeric(10,2), m money,
          r real, e float8, b boolean, s text, v varchar(20) COLLATE "C", c char(6), u uuid, k mood,
          day date, t time, ts timestamp, tz timestamptz, j jsonb, a int[])
        """,
        """
        INSERT INTO f VALUES
          (1, 0, 0, 0, 0, 0, 0, 0, 0, false, '', '', '', '00000000-0000-0000-0000-000000000000', 'sad',
           '0001-01-01 BC', '00:00', '0001-01-01 00:00 BC', '1970-01-01 00:00+00', '{}', '{}'),
          (2, -32768, -9223372036854775808, 4294967295, 'NaN', -12.50, -12.5, 'NaN', 'NaN', true, 'abc', 'abc',
           'abc', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'Happy', 'infinity', '24:00', 'infinity', '-infinity',
           'null', '{1}'),
          (3, 32767, 9223372036854775807, 7, 12.3400, 99999999.99, 3.14, 0.1, 0.1, NULL, 'ABC', 'Äbc', 'ABC',
           '550e8400-e29b-41d4-a716-446655440000', 'ok', '2024-02-29', '23:59:59.999999',
           '2024-02-29 12:00:00.000001', '2024-02-29 23:30:00-02', '[]', NULL),
          (4, NULL, NULL, NULL, 1e40, NULL, NULL, '-Infinity', 1e308, NULL, 'zebra', 'é😀', 'a  ', NULL, NULL,
           '12000-01-01', NULL, '294276-01-01 00:00', '9999-12-31 23:59:59.999999+00', NULL, NULL),
          (5, 12, 13, 12, -0.001, 12, 12, -0.0, 12, true, 'it''s', 'a\\b', 'abc d', NULL, 'ok', '2024-03-01',
           '12:30', '2024-02-29', '2024-03-01 00:00+00', '1', '{}'),
          (6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL)
        """);
    TableSchema table = databases.sourceTable("public", "f");
    try (Source source = databases.source();
        Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      new FilterAgreement(snapshot, table, Seed.random("FilterSqlIT"))
          .check(
              Map.ofEntries(
                  entry("i2", List.of("12", "-1", "11.5", "99999999999999999999")),
                  entry("i8", List.of("13", "9223372036854775807", "9223372036854775808")),
                  entry("o", List.of("7", "4294967295", "-1")),
                  entry("n", List.of("12.34", "0", "1e40", "-0.001")),
                  entry("d", List.of("12", "-12.5", "12.001")),
                  entry("m", List.of("3.14", "-12.50")),
                  entry("r", List.of("0.1", "0", "-1e30")),
                  entry("e", List.of("0.1", "12", "1e308")),
                  entry("b", List.of("true", "0")),
                  entry("s", List.of("", "abc", "ABC", "it's", "b")),
                  entry("v", List.of("abc", "Äbc", "a\\b", "é😀", "z")),
                  entry("c", List.of("abc", "a", "abc d", "ABC   ")),
                  entry("u", List.of("550E8400-e29b-41d4-a716-446655440000")),
                  entry("k", List.of("ok", "Happy", "p")),
                  entry("day", List.of("2024-02-29", "2024-03-01 00:00:00", "2024-02-29 00:00:01")),
                  entry("t", List.of("12:30:00", "23:59:59.999999")),
                  entry("ts", List.of("2024-02-29", "2024-02-29 12:00:00.000001")),
                  entry("tz", List.of("2024-03-01", "2024-03-01 01:30:00", "1970-01-01"))));
    }
  }
}
