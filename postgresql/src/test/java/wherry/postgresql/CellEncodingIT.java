package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

/**
 * For any cell, the binary form that we send is the value that the server itself reads from the
 * cell's text.
 */
class CellEncodingIT {
  private static final int VALUES = 5000;
  private static final Databases databases = new Databases();

  @AfterAll
  static void drop() {
    databases.close();
  }

  static List<Arguments> types() {
    return List.of(
        type("numeric", CellEncodingIT::numeric),
        type("bigint", random -> Long.toString(random.nextLong() >> random.nextInt(64))),
        type(
            "double precision",
            random -> Double.toString(Double.longBitsToDouble(random.nextLong()))),
        type(
            "double precision",
            random -> numeric(random).transform(n -> n.length() > 250 ? "1.5" : n)),
        type("real", random -> Float.toString(Float.intBitsToFloat(random.nextInt()))),
        type("date", random -> date(random, 5_874_897)),
        type("timestamp", random -> timestamp(random, 294_276)),
        type("timestamptz", random -> timestamp(random, 294_276)),
        type("time", CellEncodingIT::time),
        type("interval", CellEncodingIT::duration),
        type(
            "interval",
            random ->
                (random.nextBoolean() ? "-" : "")
                    + random.nextInt(839)
                    + time(random).substring(2)),
        type("uuid", random -> new UUID(random.nextLong(), random.nextLong()).toString()),
        type("bit varying", random -> bits(random)),
        type("text", CellEncodingIT::text),
        type("jsonb", random -> "{\"a\": " + numeric(random) + "}"));
  }

  private static Arguments type(String name, Function<Random, String> generator) {
    return Arguments.of(name, generator);
  }

  @ParameterizedTest
  @MethodSource("types")
  void the_server_reads_the_same_value_from_our_bytes_as_from_the_text(
      String type, Function<Random, String> generator) {
    Random random = Seed.random("our_bytes_are_the_servers_" + type.replace(' ', '_'));
    databases.inTarget(
        "DROP TABLE IF EXISTS t",
        "CREATE TABLE t (id int PRIMARY KEY, raw text, v %s)".formatted(type));
    TableSchema table =
        new TableSchema(
            new TableId("public", "t"),
            List.of(
                column("id", DataType.INT4),
                column("raw", DataType.NCLOB),
                column("v", DataType.NCLOB)),
            Optional.of(new Key(true, List.of(0))));
    RowBatchBuilder rows = new RowBatchBuilder(table);
    for (int i = 0; i < VALUES; i++) {
      String value = generator.apply(random);
      rows.add(Integer.toString(i));
      rows.add(value);
      rows.add(value);
      rows.endRow();
    }
    try (Target target = databases.target()) {
      TableSchema prepared = target.prepare(table, PrepareMode.DO_NOTHING, false);
      LoadLedger.Done done = databases.write(target, table, prepared, List.of(rows.build()));
      assertThat(databases.rejected).isEmpty();
      assertThat(done.loaded()).isEqualTo(VALUES);
    }
    String different =
        "SELECT raw, v::text FROM t WHERE v::text IS DISTINCT FROM raw::%s::text LIMIT 5"
            .formatted(type);
    assertThat(databases.targetRows(different)).isEmpty();
  }

  private static Column column(String name, DataType type) {
    return new Column(
        name, type, Meaning.PLAIN, 0, 0, 0, List.of(), true, new NativeType("test", type.name()));
  }

  private static String numeric(Random random) {
    String whole =
        random.nextInt(4) == 0 ? "0" : new BigInteger(random.nextInt(200), random).toString();
    int zeros = random.nextInt(10);
    String fraction =
        random.nextBoolean()
            ? ""
            : "."
                + "0".repeat(zeros)
                + new BigInteger(random.nextInt(100), random)
                + "0".repeat(random.nextInt(5));
    return (random.nextBoolean() ? "-" : "") + whole + fraction;
  }

  private static String date(Random random, int lastYear) {
    boolean beforeChrist = random.nextInt(4) == 0;
    int year = 1 + random.nextInt(beforeChrist ? 4712 : random.nextBoolean() ? 3000 : lastYear);
    String day = "%04d-%02d-%02d".formatted(year, 1 + random.nextInt(12), 1 + random.nextInt(28));
    return beforeChrist ? day + " BC" : day;
  }

  private static String timestamp(Random random, int lastYear) {
    String day = date(random, lastYear);
    return day.endsWith(" BC")
        ? day.replace(" BC", " " + time(random) + " BC")
        : day + " " + time(random);
  }

  private static String time(Random random) {
    String fraction =
        random.nextBoolean()
            ? ""
            : ("." + (1_000_000 + random.nextInt(1_000_000))).replaceFirst("1", "");
    return "%02d:%02d:%02d%s"
        .formatted(random.nextInt(24), random.nextInt(60), random.nextInt(60), fraction);
  }

  private static String duration(Random random) {
    StringBuilder iso = new StringBuilder("P");
    for (char unit : new char[] {'Y', 'M', 'W', 'D'}) {
      if (random.nextBoolean()) {
        iso.append(random.nextInt(2000) - 1000).append(unit);
      }
    }
    iso.append('T');
    for (char unit : new char[] {'H', 'M'}) {
      if (random.nextBoolean()) {
        iso.append(random.nextInt(200) - 100).append(unit);
      }
    }
    return iso.append(random.nextBoolean() ? "-" : "")
        .append(random.nextInt(60))
        .append('.')
        .append(100_000 + random.nextInt(900_000))
        .append('S')
        .toString();
  }

  private static String bits(Random random) {
    StringBuilder bits = new StringBuilder();
    int length = random.nextInt(70);
    for (int i = 0; i < length; i++) {
      bits.append(random.nextInt(2));
    }
    return bits.toString();
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(50);
    for (int i = 0; i < length; i++) {
      int limit =
          switch (random.nextInt(4)) {
            case 0 -> 0x80;
            case 1 -> 0x800;
            case 2 -> 0xD800;
            default -> 0x110000;
          };
      int point = 1 + random.nextInt(limit - 1);
      text.appendCodePoint(point >= 0xD800 && point < 0xE000 ? '\\' : point);
    }
    return text.toString();
  }
}
