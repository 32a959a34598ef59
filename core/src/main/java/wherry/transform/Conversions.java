package wherry.transform;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/**
 * change-data-type: a cell of one type as one of another, as SQL's CAST does it. What the rule asks
 * to drop is dropped (fractions are rounded, a time of day is cut off); what has no counterpart or
 * does not fit is refused.
 */
final class Conversions {
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

  private Conversions() {}

  /** Empty when there is no such conversion. */
  static Optional<List<CellStep>> between(Column source, Column wanted) {
    DataType from = source.type();
    return switch (wanted.type()) {
      case STRING, WSTRING, CLOB, NCLOB -> Optional.of(toText(source, wanted));
      case BYTES, BLOB -> toBinary(from, wanted);
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8 -> toInteger(source, wanted);
      case NUMERIC -> ofNumber(source, cell -> numeric(cell, wanted));
      case REAL4, REAL8 -> ofNumber(source, cell -> real(cell, wanted));
      case BOOLEAN ->
          from == DataType.BOOLEAN
              ? Optional.of(List.of())
              : isNumber(from) || from.isText()
                  ? Optional.of(List.of(Conversions::truth))
                  : Optional.empty();
      case DATE, DATETIME, TIME -> TimeConversions.between(source, wanted).map(List::of);
    };
  }

  private static boolean isNumber(DataType type) {
    return type.isInteger()
        || type == DataType.NUMERIC
        || type == DataType.REAL4
        || type == DataType.REAL8;
  }

  private static List<CellStep> toText(Column source, Column wanted) {
    List<CellStep> steps = new ArrayList<>();
    if (source.type() == DataType.BOOLEAN) {
      steps.add(cell -> {
        byte[] word = cell.bytes()[cell.start()] == 't' ? TRUE : FALSE;
        cell.set(word, 0, word.length);
      });
    } else if (source.type().isBinary()) {
      steps.add(cell ->
          cell.set(
              java.util.HexFormat.of()
                  .withUpperCase()
                  .formatHex(cell.bytes(), cell.start(), cell.end())));
    }
    if (wanted.length() > 0 && !wanted.type().isLob()) {
      steps.add(atMost(wanted.length()));
    }
    return steps;
  }

  /** A longer text is not cut: DataTruncationErrorPolicy decides what becomes of its row. */
  static CellStep atMost(int charactersMax) {
    return cell -> {
      if (cell.length() > charactersMax && cell.characters() > charactersMax) {
        throw CellRefused.truncation(
            "the value has "
                + cell.characters()
                + " characters, the data-type of the rule "
                + charactersMax);
      }
    };
  }

  private static Optional<List<CellStep>> toBinary(DataType from, Column wanted) {
    if (!from.isBinary() && !from.isText()) {
      return Optional.empty();
    }
    int max = wanted.length();
    CellStep check =
        cell -> {
          if (max > 0 && cell.length() > max) {
            throw CellRefused.truncation(
                "the value has " + cell.length() + " bytes, the data-type of the rule " + max);
          }
        };
    return Optional.of(List.of(check));
  }

  private static Optional<List<CellStep>> ofNumber(Column source, CellStep step) {
    if (source.type() == DataType.BOOLEAN) {
      CellStep digit = cell -> cell.set(cell.bytes()[cell.start()] == 't' ? "1" : "0");
      return Optional.of(List.of(digit, step));
    }
    boolean text = source.type().isText() && source.meaning() != Meaning.TIME_SPAN;
    return isNumber(source.type()) || text ? Optional.of(List.of(step)) : Optional.empty();
  }

  /** A wider integer needs no step: its cells are written as the narrower one's. */
  private static Optional<List<CellStep>> toInteger(Column source, Column wanted) {
    IntegerRange range = IntegerRange.of(wanted.type());
    boolean always =
        source.type().isInteger()
            && range.holds(IntegerRange.of(source.type()).min())
            && range.holds(IntegerRange.of(source.type()).max());
    return always ? Optional.of(List.of()) : ofNumber(source, cell -> integer(cell, range, wanted));
  }

  private static void integer(CellSlice cell, IntegerRange range, Column wanted)
      throws CellRefused {
    if (range.holdsPlain(cell.bytes(), cell.start(), cell.end())) {
      return;
    }
    BigInteger whole = decimal(cell).setScale(0, RoundingMode.HALF_UP).toBigIntegerExact();
    if (!range.holds(whole)) {
      throw CellRefused.data(cell.shown() + " is outside the range of " + name(wanted));
    }
    cell.set(whole.toString());
  }

  static void numeric(CellSlice cell, Column wanted) throws CellRefused {
    BigDecimal value = decimal(cell);
    if (wanted.precision() > 0) {
      value = value.setScale(wanted.scale(), RoundingMode.HALF_UP);
      if (value.precision() > wanted.precision()) {
        throw CellRefused.data(cell.shown() + " has more digits than " + name(wanted));
      }
    }
    cell.set(value.toPlainString());
  }

  private static void real(CellSlice cell, Column wanted) throws CellRefused {
    String text = cell.text().strip();
    try {
      double value = Double.parseDouble(text);
      boolean single = wanted.type() == DataType.REAL4;
      boolean lost = single ? Float.isInfinite((float) value) : Double.isInfinite(value);
      if (lost && !text.endsWith("Infinity")) {
        throw CellRefused.data(cell.shown() + " is outside the range of " + name(wanted));
      }
      cell.set(single ? Float.toString((float) value) : Double.toString(value));
    } catch (NumberFormatException e) {
      throw CellRefused.data(cell.shown() + " is not a number");
    }
  }

  private static void truth(CellSlice cell) throws CellRefused {
    cell.set(
        switch (cell.text().strip().toLowerCase(Locale.ROOT)) {
          case "1", "t", "true", "y", "yes" -> "t";
          case "0", "f", "false", "n", "no" -> "f";
          default -> throw CellRefused.data(cell.shown() + " is neither true nor false");
        });
  }

  private static BigDecimal decimal(CellSlice cell) throws CellRefused {
    try {
      BigDecimal value = new BigDecimal(cell.text().strip());
      if (Math.abs((long) value.scale()) <= 20_000) { // What PostgreSQL's numeric can have.
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw CellRefused.data(cell.shown() + " is not a number");
  }

  private static String name(Column wanted) {
    return wanted.nativeType().name();
  }
}
