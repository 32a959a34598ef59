package wherry.expression;

import java.math.BigDecimal;

/**
 * A REAL as text: the fewest digits that give the same double, in SQLite's layout ({@code %!.17g},
 * printf.html). SQLite itself may write more digits; both mean the same double.
 */
public final class RealText {
  private static final int DIGITS_MAX = 17;

  private RealText() {}

  public static String of(double real) {
    if (Double.isInfinite(real)) {
      return real > 0 ? "Inf" : "-Inf";
    }
    if (real == 0) {
      return "0.0";
    }
    BigDecimal rounded = new BigDecimal(Double.toString(real)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < DIGITS_MAX) {
      String plain = rounded.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = rounded.unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "0" : digits.substring(1);
    return "%s%s.%se%s%02d"
        .formatted(
            real < 0 ? "-" : "",
            digits.charAt(0),
            fraction,
            exponent < 0 ? "-" : "+",
            Math.abs(exponent));
  }
}
