package wherry.transform;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.TestTables;
import wherry.testing.Seed;

class ConversionsTest {
  private static final List<String> EDGES =
      List.of(
          "0",
          "-0",
          "+5",
          "007",
          "-128",
          "127",
          "128",
          "255",
          "256",
          "32768",
          "-32769",
          "2147483647",
          "2147483648",
          "4294967295",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          " 12 ",
          "1e3",
          "0.5",
          "-0.5",
          "12.50",
          "-",
          "",
          "1-2",
          "NaN",
          "99999999999999999999");

  @ParameterizedTest
  @EnumSource(names = {"INT1", "INT2", "INT4", "INT8", "UINT1", "UINT2", "UINT4", "UINT8"})
  void any_text_becomes_the_nearest_whole_number_or_is_refused(DataType wanted) {
    Random random = Seed.random("ConversionsTest");
    for (String edge : EDGES) {
      assertThat(converted(edge, DataType.WSTRING, wanted))
          .as(edge)
          .isEqualTo(nearest(edge, wanted));
    }
    for (int i = 0; i < 2000; i++) {
      String text = Long.toString(random.nextLong() >> random.nextInt(64));
      text = random.nextInt(4) == 0 ? text + "." + random.nextInt(100) : text;
      assertThat(converted(text, DataType.WSTRING, wanted))
          .as(text)
          .isEqualTo(nearest(text, wanted));
    }
  }

  private static String nearest(String text, DataType wanted) {
    try {
      BigDecimal whole = new BigDecimal(text.strip()).setScale(0, RoundingMode.HALF_UP);
      return IntegerRange.of(wanted).holds(whole.toBigIntegerExact())
          ? whole.toPlainString()
          : "refused";
    } catch (NumberFormatException e) {
      return "refused";
    }
  }

  private static String converted(String text, DataType from, DataType wanted) {
    CellSlice cell = new CellSlice();
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
    cell.set(bytes, 1, bytes.length - 1);
    try {
      for (CellStep step :
          Conversions.between(TestTables.column("a", from), TestTables.column("b", wanted))
              .orElseThrow()) {
        step.apply(cell);
      }
      return cell.text();
    } catch (CellRefused e) {
      return "refused";
    }
  }

  @Test
  void an_integer_that_always_fits_needs_no_step_and_one_that_may_not_is_looked_at() {
    assertThat(Conversions.between(column(DataType.INT4), column(DataType.INT8)))
        .contains(List.of());
    assertThat(Conversions.between(column(DataType.UINT4), column(DataType.INT8)))
        .contains(List.of());
    assertThat(converted("-1", DataType.INT4, DataType.UINT8)).isEqualTo("refused");
    assertThat(converted("300", DataType.INT4, DataType.INT1)).isEqualTo("refused");
    assertThat(converted("-7", DataType.INT8, DataType.INT1)).isEqualTo("-7");
  }

  private static Column column(DataType type) {
    return TestTables.column("c", type);
  }
}
