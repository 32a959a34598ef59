package wherry.filter;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.schema.Column;
import wherry.schema.Meaning;

/** A value of a filter, read once by the type of its column. */
public sealed interface Literal {
  /** For integers and decimals; at most {@link #DIGITS_MAX} digits. */
  record Number(BigDecimal value) implements Literal {}

  /** For floating-point columns; for a REAL4 it is the nearest float. */
  record Real(double value) implements Literal {}

  record Truth(boolean value) implements Literal {}

  record Text(String value) implements Literal {}

  /**
   * @param date {@code 2024-02-29}
   * @param time {@code 12:00:00.5}, empty when only a date was given, which means midnight
   */
  record Moment(String date, String time) implements Literal {}

  /** {@code 12:00:00.5}; for a {@link Meaning#TIME_SPAN} also {@code -838:59:59}. */
  record TimeOfDay(String value) implements Literal {}

  /** What both families of servers compare exactly. */
  int DIGITS_MAX = 60;

  Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3})?");
  Pattern MOMENT =
      Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})(?:[ T](\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,6})?))?");
  Pattern TIME = Pattern.compile("(-?)(\\d{1,3}):([0-5]\\d):([0-5]\\d)(\\.\\d{1,6})?");

  /** A value that its column cannot be compared with; the message says what is expected. */
  final class NotComparable extends Exception {
    private static final long serialVersionUID = 1L;

    NotComparable(String message) {
      super(message);
    }
  }

  /**
   * @throws NotComparable when the value is none of the column's type, or the column's type takes
   *     part in no comparison
   */
  static Literal of(Column column, String value) throws NotComparable {
    return switch (column.type()) {
      case BOOLEAN -> truth(value);
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8, NUMERIC -> number(value);
      case REAL4 -> real(value, (double) Float.parseFloat(numeral(value)));
      case REAL8 -> real(value, Double.parseDouble(numeral(value)));
      case DATE, DATETIME -> moment(value);
      case TIME -> time(value, false);
      case STRING, WSTRING, CLOB, NCLOB -> text(column, value);
      case BYTES, BLOB ->
          throw new NotComparable("binary columns can only be tested for null and notnull");
    };
  }

  private static Literal truth(String value) throws NotComparable {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "t", "1" -> new Truth(true);
      case "false", "f", "0" -> new Truth(false);
      default -> throw new NotComparable("true or false is expected");
    };
  }

  private static String numeral(String value) throws NotComparable {
    String text = value.strip();
    if (!NUMBER.matcher(text).matches()) {
      throw new NotComparable("a number is expected");
    }
    return text;
  }

  private static Real real(String value, double real) throws NotComparable {
    if (Double.isInfinite(real)) {
      throw new NotComparable(value + " is beyond the column's range");
    }
    return new Real(real);
  }

  private static Number number(String value) throws NotComparable {
    String text = numeral(value);
    BigDecimal number = new BigDecimal(text.endsWith(".") ? text + "0" : text);
    if (number.precision() > DIGITS_MAX || Math.abs((long) number.scale()) > 30 + DIGITS_MAX) {
      throw new NotComparable("a number of at most " + DIGITS_MAX + " digits is expected");
    }
    return new Number(number);
  }

  private static Literal moment(String value) throws NotComparable {
    Matcher matcher = MOMENT.matcher(value.strip());
    if (!matcher.matches()) {
      throw new NotComparable("YYYY-MM-DD or YYYY-MM-DD HH:MM:SS[.ffffff] is expected");
    }
    try {
      LocalDate date =
          LocalDate.of(
              Integer.parseInt(matcher.group(1)),
              Integer.parseInt(matcher.group(2)),
              Integer.parseInt(matcher.group(3)));
      String time = matcher.group(4) == null ? "" : matcher.group(4);
      if (date.getYear() == 0 || (!time.isEmpty() && Integer.parseInt(time.substring(0, 2)) > 23)) {
        throw new NotComparable("there is no such date or time");
      }
      return time.isEmpty()
          ? new Moment(date.toString(), "")
          : new Moment(date.toString(), ((TimeOfDay) time(time, false)).value());
    } catch (DateTimeException e) {
      throw new NotComparable("there is no such date or time");
    }
  }

  private static Literal time(String value, boolean span) throws NotComparable {
    String text = value.strip();
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()
        || (!span && (text.startsWith("-") || Integer.parseInt(matcher.group(2)) > 23))
        || Integer.parseInt(matcher.group(2)) > 838) {
      throw new NotComparable(
          span
              ? "a time from -838:59:59 to 838:59:59 is expected"
              : "HH:MM:SS[.ffffff] is expected");
    }
    return new TimeOfDay(text);
  }

  private static Literal text(Column column, String value) throws NotComparable {
    if (value.indexOf('\0') >= 0) {
      throw new NotComparable("a text without U+0000 is expected");
    }
    return switch (column.meaning()) {
      case PLAIN, ENUM, SET -> new Text(value);
      case FIXED_CHAR -> new Text(withoutBlanksAtEnd(value));
      case UUID -> {
        if (!value.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
          throw new NotComparable("a UUID is expected");
        }
        yield new Text(value.toLowerCase(Locale.ROOT));
      }
      case TIME_SPAN -> time(value, true);
      case INSTANT,
          JSON,
          JSONB,
          BITS,
          VARBITS,
          INTERVAL,
          YEAR,
          MONEY,
          ARRAY,
          LITERAL,
          HSTORE,
          GEOMETRY ->
          throw new NotComparable(
              "columns of type "
                  + column.nativeType().name()
                  + " have more than one text for the same value; they can only be tested for null and notnull");
    };
  }

  private static String withoutBlanksAtEnd(String value) {
    int end = value.length();
    while (end > 0 && value.charAt(end - 1) == ' ') {
      end--;
    }
    return value.substring(0, end);
  }
}
