package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.connector.RejectedRow.Kind;
import wherry.testing.Seed;

class CellEncodersTest {
  private static String encoded(CellEncoder encoder, String cell) throws CellRefused {
    return encoded(encoder, cell.getBytes(StandardCharsets.UTF_8));
  }

  /** The cell stands in the middle of a slab, as it always does. */
  private static String encoded(CellEncoder encoder, byte[] cell) throws CellRefused {
    byte[] slab = new byte[cell.length + 14];
    Arrays.fill(slab, (byte) '7');
    System.arraycopy(cell, 0, slab, 7, cell.length);
    CopyBuffer out = new CopyBuffer();
    encoder.encode(slab, 7, 7 + cell.length, out);
    return HexFormat.of().formatHex(out.bytes(), 0, out.used());
  }

  private static void refused(Kind kind, CellEncoder encoder, String cell) {
    assertThatThrownBy(() -> encoded(encoder, cell))
        .as(cell)
        .isInstanceOfSatisfying(CellRefused.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0000000000000000",
    "1, 00010000000000000001",
    "-1, 00010000400000000001",
    "10000, 00010001000000000001",
    "12345.678, 0003000100000003000109291a7c",
    "0.0001, 0001ffff000000040001",
    "0.00000001, 0001fffe000000080001",
    "100, 00010000000000000064",
    "0100.50, 0002000000000002006413 88",
    "-0.0, 0000000000000001",
    "NaN, 00000000c0000000",
    "Infinity, 00000000d0000000",
    "-Infinity, 00000000f0000000",
    "1e3, 000100000000000003e8"
  })
  void a_numeric_is_digits_of_base_10000(String cell, String hex) throws CellRefused {
    assertThat(encoded(NumericCells.numeric(0, 0), cell)).isEqualTo(hex.replace(" ", ""));
  }

  @Test
  void a_numeric_that_does_not_fit_is_refused_and_never_rounded() throws CellRefused {
    refused(Kind.TRUNCATION, NumericCells.numeric(5, 2), "1.005");
    refused(Kind.DATA, NumericCells.numeric(5, 2), "1000");
    refused(Kind.DATA, NumericCells.numeric(5, 2), "Infinity");
    refused(Kind.TRUNCATION, NumericCells.numeric(3, -2), "12345");
    refused(Kind.DATA, NumericCells.numeric(3, -2), "100000");
    refused(Kind.DATA, NumericCells.numeric(2, 4), "0.01");
    for (String cell :
        new String[] {"", "-", ".", "1.2.3", "abc", "1 ", "--1", "0x1", "1e", "1e999999999"}) {
      refused(Kind.DATA, NumericCells.numeric(0, 0), cell);
    }
    assertThat(encoded(NumericCells.numeric(5, 2), "999.9900")).isNotEmpty();
    assertThat(encoded(NumericCells.numeric(2, 4), "0.0099")).isNotEmpty();
    assertThat(encoded(NumericCells.numeric(3, -2), "12300")).isNotEmpty();
  }

  /** Long cells, as leading zeros make them, take another way than the usual ones. */
  @Test
  void a_numeric_is_the_same_however_many_zeros_lead_it() throws CellRefused {
    Random random = Seed.random("a_numeric_is_the_same_however_many_zeros_lead_it");
    for (int i = 0; i < 100_000; i++) {
      int scale = random.nextInt(-2, 7);
      int precision = random.nextInt(10) == 0 ? 0 : random.nextInt(1, 17);
      String whole = Long.toString(random.nextLong(power(random.nextInt(1, 13))));
      int fraction = random.nextInt(5);
      String digits = Long.toString(power(fraction) + random.nextLong(power(fraction)));
      String cell = whole + (fraction > 0 ? "." + digits.substring(1) : "");
      String sign = random.nextBoolean() ? "-" : "";
      CellEncoder encoder = NumericCells.numeric(precision, scale);
      assertThat(outcome(encoder, sign + cell))
          .as("%s%s in numeric(%d,%d)", sign, cell, precision, scale)
          .isEqualTo(outcome(encoder, sign + "0".repeat(17) + cell));
    }
  }

  private static long power(int exponent) {
    return (long) Math.pow(10, exponent);
  }

  private static String outcome(CellEncoder encoder, String cell) {
    try {
      return encoded(encoder, cell);
    } catch (CellRefused e) {
      return e.kind().toString();
    }
  }

  @Test
  void integers_are_refused_outside_their_range() throws CellRefused {
    assertThat(encoded(NumberCells.int2(), "-32768")).isEqualTo("8000");
    assertThat(encoded(NumberCells.int4(), "2147483647")).isEqualTo("7fffffff");
    assertThat(encoded(NumberCells.int8(), "-9223372036854775808")).isEqualTo("8000000000000000");
    assertThat(encoded(NumberCells.int8(), "5.00")).isEqualTo("0000000000000005");
    refused(Kind.DATA, NumberCells.int2(), "32768");
    refused(Kind.DATA, NumberCells.int4(), "-2147483649");
    refused(Kind.DATA, NumberCells.int8(), "9223372036854775808");
    refused(Kind.DATA, NumberCells.int8(), "18446744073709551615");
    refused(Kind.DATA, NumberCells.int8(), "99999999999999999999999999");
    refused(Kind.TRUNCATION, NumberCells.int4(), "5.5");
    refused(Kind.DATA, NumberCells.int4(), "");
  }

  @Test
  void floats_equal_those_of_the_java_library() throws CellRefused {
    Random random = Seed.random("floats_equal_those_of_the_java_library");
    for (int i = 0; i < 200_000; i++) {
      String cell =
          random.nextBoolean()
              ? Double.toString(Double.longBitsToDouble(random.nextLong()))
              : random.nextInt()
                  + "."
                  + random.nextInt(100_000)
                  + (random.nextBoolean() ? "" : "e" + (random.nextInt(60) - 30));
      assertThat(encoded(NumberCells.float8(), cell))
          .as(cell)
          .isEqualTo("%016x".formatted(Double.doubleToRawLongBits(Double.parseDouble(cell))));
      float expected = Float.parseFloat(cell);
      if (Float.isInfinite(expected) && !cell.contains("Infinity")) {
        refused(Kind.DATA, NumberCells.float4(), cell);
      } else {
        assertThat(encoded(NumberCells.float4(), cell))
            .as(cell)
            .isEqualTo("%08x".formatted(Float.floatToRawIntBits(expected)));
      }
    }
    refused(Kind.DATA, NumberCells.float8(), "1e400");
  }

  @Test
  void texts_are_utf_8_exactly_where_java_says_so() {
    Random random = Seed.random("texts_are_utf_8_exactly_where_java_says_so");
    byte[] interesting = HexFormat.of().parseHex("41617f80bfc0c1c2dfe0edeeeff0f1f4f5ff8fa09f90");
    for (int i = 0; i < 200_000; i++) {
      byte[] cell = new byte[random.nextInt(6)];
      for (int j = 0; j < cell.length; j++) {
        cell[j] = interesting[random.nextInt(interesting.length)];
      }
      String label = HexFormat.of().formatHex(cell);
      try {
        int characters =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(cell))
                .toString()
                .codePoints()
                .toArray()
                .length;
        assertThat(refusal(cell, characters)).as(label).isEmpty();
        assertThat(refusal(cell, Math.max(1, characters - 1)))
            .as(label)
            .isEqualTo(characters > 1 ? "TRUNCATION" : "");
      } catch (CharacterCodingException e) {
        assertThat(refusal(cell, 0)).as(label).isEqualTo("DATA");
      }
    }
  }

  private static String refusal(byte[] cell, int charactersMax) {
    try {
      encoded(TextCells.text(charactersMax), cell);
      return "";
    } catch (CellRefused e) {
      return e.kind().name();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000-00-00",
        "2024-00-01",
        "2024-02-00",
        "0000-01-01",
        "2023-02-29",
        "2024-13-01",
        "2024-04-31",
        "4715-01-01 BC",
        "5874898-01-01",
        "2024-1",
        "",
        "2024-01-01 24:00:00",
        "2024-01-01 12:60:00",
        "2024-01-01x",
        "20240101"
      })
  void dates_that_the_calendar_does_not_have_are_refused(String cell) {
    refused(Kind.DATA, TimeCells.date(), cell);
    refused(Kind.DATA, TimeCells.timestamp(6), cell);
  }

  @Test
  void dates_and_times_count_from_2000() throws CellRefused {
    assertThat(encoded(TimeCells.date(), "2000-01-01")).isEqualTo("00000000");
    assertThat(encoded(TimeCells.date(), "1999-12-31")).isEqualTo("ffffffff");
    assertThat(encoded(TimeCells.date(), "infinity")).isEqualTo("7fffffff");
    assertThat(encoded(TimeCells.timestamp(6), "-infinity")).isEqualTo("8000000000000000");
    assertThat(encoded(TimeCells.timestamp(6), "2000-01-01 00:00:00.000001"))
        .isEqualTo("0000000000000001");
    assertThat(encoded(TimeCells.timestamp(6), "2000-01-01")).isEqualTo("0000000000000000");
    assertThat(encoded(TimeCells.time(6), "24:00:00")).isEqualTo("000000141dd76000");
    refused(Kind.DATA, TimeCells.time(6), "24:00:01");
    refused(Kind.DATA, TimeCells.time(6), "-00:00:01");
    refused(Kind.DATA, TimeCells.timestamp(6), "294277-01-01");
    refused(Kind.TRUNCATION, TimeCells.date(), "2024-01-01 00:00:01");
  }

  @Test
  void fractions_of_a_second_are_never_rounded() throws CellRefused {
    assertThat(encoded(TimeCells.timestamp(3), "2000-01-01 00:00:00.123000000"))
        .isEqualTo("%016x".formatted(123_000));
    refused(Kind.TRUNCATION, TimeCells.timestamp(3), "2000-01-01 00:00:00.1234");
    refused(Kind.TRUNCATION, TimeCells.timestamp(6), "2000-01-01 00:00:00.1234567");
    refused(Kind.TRUNCATION, TimeCells.time(0), "00:00:00.5");
    refused(Kind.TRUNCATION, TimeCells.interval(3, 18), "PT0.0001S");
  }

  @Test
  void intervals_take_mysql_times_and_iso_durations() throws CellRefused {
    assertThat(encoded(TimeCells.interval(6, 18), "-838:59:59.999999"))
        .isEqualTo("%016x".formatted(-3_020_399_999_999L) + "0".repeat(16));
    assertThat(encoded(TimeCells.interval(6, 18), "P1Y2M3DT4H5M6.5S"))
        .isEqualTo("%016x%08x%08x".formatted(14_706_500_000L, 3, 14));
    assertThat(encoded(TimeCells.interval(6, 18), "infinity"))
        .isEqualTo("7fffffffffffffff7fffffff7fffffff");
    refused(Kind.DATA, TimeCells.interval(6, 16), "infinity");
    refused(Kind.DATA, TimeCells.interval(6, 18), "P1X");
    refused(Kind.DATA, TimeCells.interval(6, 18), "P1.5Y");
  }

  @Test
  void geometries_of_mysql_become_ewkb() throws CellRefused {
    String point = "01" + "01000000" + "0000000000000000" + "0000000000000000";
    assertThat(encoded(TextCells.geometry(), HexFormat.of().parseHex("00000000" + point)))
        .isEqualTo(point);
    assertThat(encoded(TextCells.geometry(), HexFormat.of().parseHex("e6100000" + point)))
        .isEqualTo("01" + "01000020" + "e6100000" + point.substring(10));
  }

  @Test
  void uuids_and_bits_and_booleans() throws CellRefused {
    assertThat(encoded(TextCells.uuid(), "550E8400-e29b-41d4-a716-446655440000"))
        .isEqualTo("550e8400e29b41d4a716446655440000");
    refused(Kind.DATA, TextCells.uuid(), "550e8400-e29b-41d4-a716-44665544000");
    refused(Kind.DATA, TextCells.uuid(), "550e8400-e29b-41d4-a716-4466554400000");
    assertThat(encoded(TextCells.bits(9, false), "101010101")).isEqualTo("00000009aa80");
    refused(Kind.DATA, TextCells.bits(8, false), "101010101");
    refused(Kind.TRUNCATION, TextCells.bits(8, true), "101010101");
    refused(Kind.DATA, TextCells.bits(0, true), "102");
    assertThat(encoded(TextCells.bool(), "1")).isEqualTo("01");
    refused(Kind.DATA, TextCells.bool(), "2");
  }
}
