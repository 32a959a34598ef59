package wherry.mysql;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import wherry.schema.Column;
import wherry.schema.DataType;

/**
 * What rows that are there get in a column that ALTER TABLE adds: its default, or, without one in a
 * column that takes no NULL, the type's own ("Data Type Default Values" in MySQL's manual). The log
 * has the statement and nothing of these rows, so only a default that is a literal can be told; its
 * cell is the one that a load of these rows reads.
 */
sealed interface DefaultValue {
  record Null() implements DefaultValue {}

  /** The same cell in each row. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody changes or compares it.
  record Constant(byte[] cell) implements DefaultValue {}

  /**
   * @param what each row has, or what is not understood
   */
  record Untold(String what) implements DefaultValue {}

  /** {@code '2024-02-29 12:00:00.5'} and its parts. */
  Pattern DATE_TIME =
      Pattern.compile("(\\d{4}-\\d{2}-\\d{2})(?:[ T](\\d{2}:\\d{2}:\\d{2})(?:\\.(\\d{0,6}))?)?");

  Pattern TIME = Pattern.compile("(-?\\d{2,3}:\\d{2}:\\d{2})(?:\\.(\\d{0,6}))?");
  Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)");
  Pattern WHOLE = Pattern.compile("[-+]?\\d+");
  Pattern BITS = Pattern.compile("(?i)b'([01]*)'|0b([01]+)");
  Pattern HEX = Pattern.compile("(?i)x'((?:[0-9a-f]{2})*)'|0x((?:[0-9a-f]{2})+)");

  /**
   * @param column as {@code definition} makes it
   * @param mode of the session that ran the statement
   */
  static DefaultValue of(ColumnDefinition definition, Column column, SqlMode mode) {
    if (definition.computed()) {
      return new Untold("a value of its own for each row");
    }
    List<String> words = withoutBrackets(definition.defaultWords());
    if (words.isEmpty() && column.nullable()
        || words.size() == 1 && words.get(0).equalsIgnoreCase("NULL")) {
      return new Null();
    }
    Optional<byte[]> cell =
        words.isEmpty() ? implicit(column) : literal(words, mode).flatMap(l -> cell(l, column));
    return cell.<DefaultValue>map(Constant::new)
        .orElseGet(() ->
            new Untold(
                words.isEmpty()
                    ? "its type's own default"
                    : "DEFAULT " + String.join(" ", definition.defaultWords())));
  }

  private static List<String> withoutBrackets(List<String> words) {
    boolean bracketed =
        words.size() > 2 && words.getFirst().equals("(") && words.getLast().equals(")");
    return bracketed ? withoutBrackets(words.subList(1, words.size() - 1)) : words;
  }

  /**
   * A literal.
   *
   * @param text of a string without its quotes, of a number as it is written
   * @param bytes of a bit or hexadecimal literal
   */
  record Literal(String text, boolean quoted, Optional<byte[]> bytes) {}

  private static Optional<Literal> literal(List<String> words, SqlMode mode) {
    boolean signed = words.size() == 2 && words.get(0).matches("[-+]");
    if (words.size() != 1 && !signed) {
      return Optional.empty();
    }
    String word = String.join("", words);
    Matcher bits = BITS.matcher(word);
    Matcher hex = HEX.matcher(word);
    if (word.equalsIgnoreCase("true") || word.equalsIgnoreCase("false")) {
      return Optional.of(
          new Literal(word.equalsIgnoreCase("true") ? "1" : "0", false, Optional.empty()));
    }
    if (bits.matches()) {
      String digits = bits.group(1) == null ? bits.group(2) : bits.group(1);
      BigInteger value = new BigInteger("0" + digits, 2);
      return Optional.of(new Literal(value.toString(), false, Optional.empty()));
    }
    if (hex.matches()) {
      String digits = hex.group(1) == null ? hex.group(2) : hex.group(1);
      return Optional.of(new Literal("", true, Optional.of(HexFormat.of().parseHex(digits))));
    }
    if (NUMBER.matcher(word).matches()) {
      return Optional.of(new Literal(word, false, Optional.empty()));
    }
    char quote = word.charAt(0);
    if (quote == '\'' || quote == '"' && !mode.ansiQuotes()) {
      String text = unquoted(word, mode.backslashEscapes());
      // A statement of a session that does not speak UTF-8.
      return text.contains("\uFFFD")
          ? Optional.empty()
          : Optional.of(new Literal(text, true, Optional.empty()));
    }
    return Optional.empty();
  }

  /** "String Literals" in MySQL's manual. */
  private static String unquoted(String word, boolean backslashEscapes) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < word.length() - 1; i++) {
      char c = word.charAt(i);
      if (c == '\\' && backslashEscapes) {
        char escaped = word.charAt(++i);
        switch (escaped) {
          case '0' -> text.append('\0');
          case 'b' -> text.append('\b');
          case 'n' -> text.append('\n');
          case 'r' -> text.append('\r');
          case 't' -> text.append('\t');
          case 'Z' -> text.append('\u001A');
          default -> text.append(escaped);
        }
      } else {
        text.append(c);
        i += c == word.charAt(0) ? 1 : 0; // A quote inside is written twice.
      }
    }
    return text.toString();
  }

  private static Optional<byte[]> cell(Literal literal, Column column) {
    if (column.type().isBinary()) {
      return literal.quoted() ? bytes(literal, column) : Optional.empty();
    }
    return literal.bytes().isPresent()
        ? Optional.empty()
        : text(literal, column).map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /** BINARY(n) fills up with zeros. */
  private static Optional<byte[]> bytes(Literal literal, Column column) {
    String type = column.nativeType().name();
    if (!type.contains("binary") && !type.contains("blob")) {
      return Optional.empty();
    }
    byte[] value = literal.bytes().orElseGet(() -> literal.text().getBytes(StandardCharsets.UTF_8));
    boolean padded = type.startsWith("binary");
    return Optional.of(padded ? Arrays.copyOf(value, column.length()) : value);
  }

  private static Optional<String> text(Literal literal, Column column) {
    String text = literal.text();
    return switch (column.meaning()) {
      case ENUM -> Optional.of(text).filter(column.labels()::contains);
      case SET -> set(text, column.labels());
      case BITS -> bits(literal, column.length());
      case TIME_SPAN -> span(text, column.scale());
      case INSTANT -> Optional.empty(); // It depends on the session's time zone.
      case FIXED_CHAR -> Optional.of(text.replaceFirst(" +$", "")).filter(t -> literal.quoted());
      case YEAR ->
          text.matches("[12]\\d{3}") || text.equals("0") && !literal.quoted()
              ? Optional.of(text)
              : Optional.empty();
      case PLAIN -> plain(literal, column);
      default -> Optional.empty();
    };
  }

  private static Optional<String> plain(Literal literal, Column column) {
    String text = literal.text();
    return switch (column.type()) {
      case BOOLEAN -> bits(literal, 1).map(bit -> bit.equals("1") ? "t" : "f");
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8 ->
          WHOLE.matcher(text).matches()
              ? Optional.of(new BigInteger(text).toString())
              : Optional.empty();
      case NUMERIC ->
          NUMBER.matcher(text).matches()
              ? Optional.of(
                  new BigDecimal(text)
                      .setScale(column.scale(), RoundingMode.HALF_UP)
                      .toPlainString())
              : Optional.empty();
      case REAL4 -> number(text).map(value -> Float.toString(value.floatValue()));
      case REAL8 ->
          column.nativeType().name().contains("(")
              ? Optional.empty()
              : number(text).map(MySqlDouble::text);
      case DATE, DATETIME -> moment(text, column);
      case WSTRING, STRING, NCLOB, CLOB ->
          literal.quoted() || text.matches("-?[1-9]\\d*|0") ? Optional.of(text) : Optional.empty();
      case TIME, BYTES, BLOB -> Optional.empty();
    };
  }

  private static Optional<Double> number(String text) {
    // A literal zero has no sign: it is a decimal before it is a double.
    return NUMBER.matcher(text).matches()
        ? Optional.of(Double.parseDouble(text) + 0.0)
        : Optional.empty();
  }

  private static Optional<String> bits(Literal literal, int length) {
    if (literal.quoted() || !literal.text().matches("\\d+")) {
      return Optional.empty();
    }
    String digits = new BigInteger(literal.text()).toString(2);
    return digits.length() > length
        ? Optional.empty()
        : Optional.of("0".repeat(length - digits.length()) + digits);
  }

  private static Optional<String> set(String text, List<String> labels) {
    List<String> chosen = text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    return labels.containsAll(chosen)
        ? Optional.of(String.join(",", labels.stream().filter(chosen::contains).toList()))
        : Optional.empty();
  }

  private static Optional<String> span(String text, int scale) {
    Matcher matcher = TIME.matcher(text);
    return matcher.matches()
        ? fraction(matcher.group(2), scale).map(fraction -> matcher.group(1) + fraction)
        : Optional.empty();
  }

  private static Optional<String> moment(String text, Column column) {
    Matcher matcher = DATE_TIME.matcher(text);
    if (!matcher.matches() || column.type() == DataType.DATE && matcher.group(2) != null) {
      return Optional.empty();
    }
    if (column.type() == DataType.DATE) {
      return Optional.of(text);
    }
    String time = matcher.group(2) == null ? "00:00:00" : matcher.group(2);
    return fraction(matcher.group(3), column.scale())
        .map(fraction -> matcher.group(1) + " " + time + fraction);
  }

  /** With as many digits as the column has; empty when it would have to be rounded. */
  private static Optional<String> fraction(@Nullable String digits, int scale) {
    String given = digits == null ? "" : digits;
    if (given.length() > scale) {
      return Optional.empty();
    }
    return Optional.of(scale == 0 ? "" : "." + given + "0".repeat(scale - given.length()));
  }

  /** What a column that takes no NULL and names no default has. */
  private static Optional<byte[]> implicit(Column column) {
    String zero =
        switch (column.meaning()) {
          case ENUM -> column.labels().getFirst();
          case TIME_SPAN -> "00:00:00";
          case PLAIN, FIXED_CHAR, SET, YEAR, BITS ->
              switch (column.type()) {
                case DATE -> "0000-00-00";
                case DATETIME -> "0000-00-00 00:00:00";
                case WSTRING, NCLOB, CLOB, BYTES, BLOB -> "";
                default -> "0";
              };
          default -> null;
        };
    if (zero == null) {
      return Optional.empty();
    }
    boolean quoted = column.type().isText() && !zero.equals("0") || column.type().isBinary();
    return cell(new Literal(zero, quoted, Optional.empty()), column);
  }
}
