package wherry.expression;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** A REAL as SQLite makes it a TEXT: 15 significant digits, {@code %!.15g} (printf.html). */
public final class RealText {
  private static final MathContext DIGITS = new MathContext(15, RoundingMode.HALF_UP);

  private RealText() {}

  public static String of(double real) {
    if (Double.isInfinite(real)) {
      return real > 0 ? "Inf" : "-Inf";
    }
    if (real == 0) {
      return "0.0";
    }
    BigDecimal rounded = new BigDecimal(real).round(DIGITS).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < DIGITS.getPrecision()) {
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
