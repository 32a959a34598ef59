package wherry.mysql;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.filter.FilterAgreement;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

/** A filter chooses the same rows here as it does in Java. */
class FilterSqlIT {
  private static final TableId TABLE = new TableId("filtered", "f");

  @ParameterizedTest
  @EnumSource(Engine.class)
  void the_server_and_java_choose_the_same_rows_for_every_type_operator_and_value(Engine engine)
      throws Exception {
    engine.fresh("filtered");
    engine.execute(
        "filtered",
        "SET SESSION sql_mode=''",
        """
        CREATE TABLE filtered.f (id int PRIMARY KEY, i1 tinyint, i8 bigint, u8 bigint unsigned, z int zerofill,
          d decimal(10,2), r float, e double, e2 double(10,2), b bit(1), y year,
          s text CHARACTER SET utf8mb4,
          v varchar(20) CHARACTER SET latin1, c char(6), k enum('sad','ok','Happy'), x set('a','b'), day date,
          t time(6), ts datetime(6), tz timestamp(6) NULL, j json, bin varbinary(4))
        """,
        """
        INSERT INTO filtered.f VALUES
          (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', '', 'sad', '', '0000-00-00', '00:00:00',
           '0000-00-00 00:00:00', '1970-01-01 00:00:01', '{}', ''),
          (2, -128, -9223372036854775808, 18446744073709551615, 7, -12.50, 0.1, 0.1, 12.5, 1, 2024, 'abc', 'abc',
           'abc', 'Happy', 'a,b', '2024-02-00', '-838:59:59', '2024-02-29 12:00:00.000001',
           '2024-02-29 23:30:00', '[]', 'abc'),
          (3, 127, 9223372036854775807, 13, 12, 99999999.99, -1e30, 1e308, -1, NULL, 1999, 'ABC', 'Äbc', 'ABC',
           'ok', 'b', '2024-02-29', '838:59:59', '9999-12-31 23:59:59.999999', '2024-03-01 00:00:00', '1', 'b'),
          (4, NULL, 13, NULL, NULL, 12, -0.0, 12, 0.1, NULL, NULL, 'abc ', 'é', 'a  ', '', 'a', '9999-12-31',
           '12:30:00.5', '2024-02-29', NULL, NULL, NULL),
          (5, 12, 12, 12, 12, 12, 12, 12, 12, 1, 2024, 'it''s', 'a\\\\b', 'abc d', 'ok', NULL, '2024-03-01',
           NULL, '2024-02-29 00:00:01', '2024-03-01 01:30:00', NULL, NULL),
          (6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '😀x', NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL)
        """);
    Source source = engine.source();
    TableSchema table = source.tables((id, kind) -> id.equals(TABLE)).getFirst();
    try (Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      new FilterAgreement(snapshot, table, Seed.random("FilterSqlIT"))
          .check(
              Map.ofEntries(
                  entry("i1", List.of("12", "-1", "11.5", "99999999999999999999")),
                  entry("i8", List.of("13", "9223372036854775807", "9223372036854775808")),
                  entry("u8", List.of("13", "18446744073709551615", "-1")),
                  entry("z", List.of("12")),
                  entry("d", List.of("12", "-12.5", "12.001")),
                  entry("r", List.of("0.1", "0", "-1e30")),
                  entry("e", List.of("0.1", "12", "1e308")),
                  entry("e2", List.of("0.1", "12.5")),
                  entry("b", List.of("true", "0")),
                  entry("y", List.of("2024", "0")),
                  entry("s", List.of("", "abc", "ABC", "it's", "b", "😀x", "abc ")),
                  entry("v", List.of("abc", "Äbc", "a\\b", "é", "日本")),
                  entry("c", List.of("abc", "a", "abc d", "ABC   ")),
                  entry("k", List.of("ok", "Happy", "p", "")),
                  entry("x", List.of("a,b", "b", "")),
                  entry("day", List.of("2024-02-29", "2024-03-01 00:00:00", "2024-02-29 00:00:01")),
                  entry("t", List.of("12:30:00.5", "-838:59:59", "00:00:00")),
                  entry("ts", List.of("2024-02-29", "2024-02-29 12:00:00.000001")),
                  entry("tz", List.of("2024-03-01", "2024-03-01 01:30:00", "1970-01-01"))));
    }
  }
}
