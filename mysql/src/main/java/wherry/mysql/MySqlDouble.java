package wherry.mysql;

/**
 * Writes a double as the servers do (my_gcvt in dtoa.c): the fewest digits that give the same
 * double, without exponent while the point is within 15 digits.
 */
final class MySqlDouble {
  /** MAX_DECPT_FOR_F_FORMAT. */
  private static final int POINT_MAX = 15;

  private MySqlDouble() {}

  static String text(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    String java = Double.toString(Math.abs(value));
    int exponentAt = java.indexOf('E');
    String mantissa = exponentAt < 0 ? java : java.substring(0, exponentAt);
    int exponent = exponentAt < 0 ? 0 : Integer.parseInt(java.substring(exponentAt + 1));
    int dot = mantissa.indexOf('.');
    String digits = mantissa.substring(0, dot) + mantissa.substring(dot + 1);
    int point = dot + exponent;
    int leading = 0;
    while (digits.charAt(leading) == '0') {
      leading++;
    }
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    digits = digits.substring(leading, end);
    point -= leading;
    if (digits.length() == 2) {
      digits = oneDigitIfEnough(digits, point, Math.abs(value));
    }
    return (value < 0 ? "-" : "") + placed(digits, point);
  }

  /** Java never gives fewer than two digits, which matters for the smallest numbers (4.9E-324). */
  private static String oneDigitIfEnough(String digits, int point, double value) {
    int rounded = (Integer.parseInt(digits) + 5) / 10;
    boolean same = rounded < 10 && Double.parseDouble("0." + rounded + "e" + point) == value;
    return same ? Integer.toString(rounded) : digits;
  }

  /**
   * @param point how many digits are before the point; negative for zeros behind it
   */
  private static String placed(String digits, int point) {
    int count = digits.length();
    if (point > -POINT_MAX && (point <= POINT_MAX || count > point)) {
      if (point <= 0) {
        return "0." + "0".repeat(-point) + digits;
      }
      return count <= point
          ? digits + "0".repeat(point - count)
          : digits.substring(0, point) + "." + digits.substring(point);
    }
    String mantissa = count == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return mantissa + "e" + (point - 1);
  }
}
