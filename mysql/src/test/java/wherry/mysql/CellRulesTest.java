package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.connector.RejectedRow;
import wherry.schema.DataType;

class CellRulesTest {
  @Test
  void whole_numbers_keep_to_their_range() {
    WholeNumber small = new WholeNumber(-128, 127);
    assertThat(refusal(small, "-128")).isNull();
    assertThat(refusal(small, "127.000")).isNull();
    assertThat(refusal(small, "128")).isEqualTo(RejectedRow.Kind.DATA);
    assertThat(refusal(small, "1.5")).isEqualTo(RejectedRow.Kind.TRUNCATION);
    assertThat(refusal(small, "")).isEqualTo(RejectedRow.Kind.DATA);
    assertThat(refusal(small, "x")).isEqualTo(RejectedRow.Kind.DATA);
    WholeNumber unsigned = new WholeNumber(0, WholeNumber.UNSIGNED_8_BYTES);
    assertThat(refusal(unsigned, "18446744073709551615")).isNull();
    assertThat(refusal(unsigned, "18446744073709551616")).isEqualTo(RejectedRow.Kind.DATA);
    assertThat(refusal(unsigned, "-1")).isEqualTo(RejectedRow.Kind.DATA);
    WholeNumber signed = new WholeNumber(Long.MIN_VALUE, Long.MAX_VALUE);
    assertThat(refusal(signed, "-9223372036854775808")).isNull();
    assertThat(refusal(signed, "9223372036854775808")).isEqualTo(RejectedRow.Kind.DATA);
  }

  @Test
  void decimals_agree_with_exact_arithmetic() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      int precision = 1 + random.nextInt(12);
      int scale = random.nextInt(precision + 1);
      BigDecimal value =
          BigDecimal.valueOf(random.nextLong() >> random.nextInt(63), random.nextInt(12));
      String text = value.toPlainString();
      DecimalNumber rule = new DecimalNumber(precision, scale);
      BigDecimal exact = value.stripTrailingZeros();
      boolean fits =
          exact.scale() <= scale
              && value.abs().compareTo(BigDecimal.TEN.pow(precision - scale)) < 0;
      assertThat(refusal(rule, text) == null)
          .as("seed %d: %s in decimal(%d,%d)", seed, text, precision, scale)
          .isEqualTo(fits);
      byte[] cell = text.getBytes(StandardCharsets.US_ASCII);
      byte[] other = rule.respelled(cell, 0, cell.length);
      if (fits && other != null) {
        assertThat(new BigDecimal(new String(other, StandardCharsets.US_ASCII)))
            .isEqualByComparingTo(value);
      }
    }
  }

  @Test
  void text_is_counted_in_characters_and_has_to_be_utf_8() {
    Text text = new Text(3, Long.MAX_VALUE, false, false);
    assertThat(refusal(text, "é€😀")).isNull();
    assertThat(refusal(text, "abcd")).isEqualTo(RejectedRow.Kind.TRUNCATION);
    for (byte[] broken :
        new byte[][] {
          {(byte) 0xC3},
          {(byte) 0x80},
          {(byte) 0xC0, (byte) 0x80},
          {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
          {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
          {(byte) 0xFF}
        }) {
      Refusal refusal = text.check(broken, 0, broken.length);
      assertThat(refusal).isNotNull();
    }
    assertThat(refusal(new Text(9, 9, true, false), "😀")).isEqualTo(RejectedRow.Kind.DATA);
    assertThat(refusal(new Text(9, 9, false, true), "a ")).isEqualTo(RejectedRow.Kind.TRUNCATION);
  }

  @Test
  void moments_keep_to_what_mysql_has() {
    Moment at = new Moment(DataType.DATETIME, 3);
    assertThat(refusal(at, "2024-02-29 12:00:00.123000")).isNull();
    assertThat(respelled(at, "2024-02-29 12:00:00.123000")).isEqualTo("2024-02-29 12:00:00.123");
    assertThat(respelled(new Moment(DataType.DATETIME, 0), "2024-02-29 12:00:00.000"))
        .isEqualTo("2024-02-29 12:00:00");
    assertThat(refusal(at, "2024-02-29 12:00:00.0001")).isEqualTo(RejectedRow.Kind.TRUNCATION);
    for (String outside :
        new String[] {"infinity", "-infinity", "0044-03-15 00:00:00 BC", "10000-01-01 00:00:00"}) {
      assertThat(refusal(at, outside)).as(outside).isEqualTo(RejectedRow.Kind.DATA);
    }
    Moment time = new Moment(DataType.TIME, 6);
    assertThat(refusal(time, "24:00:00")).isNull();
    assertThat(refusal(time, "-838:59:59.999999")).isNull();
    assertThat(refusal(time, "12:00:00+02")).isEqualTo(RejectedRow.Kind.DATA);
    assertThat(refusal(new Moment(DataType.DATE, 0), "0000-00-00")).isNull();
  }

  @Test
  void years_and_floats_that_the_server_would_take_for_others_are_respelled() {
    assertThat(respelled(new Year(), "0")).isEqualTo("0000");
    assertThat(refusal(new Year(), "5")).isEqualTo(RejectedRow.Kind.DATA);
    FloatingPoint toFloat = new FloatingPoint(true, false);
    assertThat(Double.parseDouble(String.valueOf(respelled(toFloat, "-3.4028235e+38"))))
        .isEqualTo(-Float.MAX_VALUE);
    assertThat(respelled(toFloat, "0.1")).isNull();
    assertThat(refusal(new FloatingPoint(true, true), "0.1"))
        .isEqualTo(RejectedRow.Kind.TRUNCATION);
    assertThat(refusal(new FloatingPoint(true, true), "0.5")).isNull();
  }

  private static RejectedRow.@Nullable Kind refusal(CellRule rule, String text) {
    byte[] cell = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
    Refusal refusal = rule.check(cell, 1, cell.length - 1);
    return refusal == null ? null : refusal.kind();
  }

  private static @Nullable String respelled(CellRule rule, String text) {
    byte[] cell = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
    byte[] other = rule.respelled(cell, 1, cell.length - 1);
    return other == null ? null : new String(other, StandardCharsets.UTF_8);
  }
}
