package wherry.filter;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import wherry.schema.DataType;

/** Compares a cell in its canonical form with one literal. */
interface CellOrder {
  int compare(byte[] slab, int start, int end);

  static CellOrder to(Literal literal, DataType type) {
    return switch (literal) {
      case Literal.Number number -> toNumber(number.value());
      case Literal.Real real -> toReal(real.value(), type);
      case Literal.Truth truth ->
          (slab, start, end) -> Boolean.compare(slab[start] == 't', truth.value());
      case Literal.Text text -> {
        byte[] bytes = text.value().getBytes(StandardCharsets.UTF_8);
        yield (slab, start, end) ->
            Arrays.compareUnsigned(slab, start, end, bytes, 0, bytes.length);
      }
      case Literal.Moment moment -> {
        Instants.Key wanted = Instants.key(moment);
        yield (slab, start, end) -> Instants.key(string(slab, start, end)).compareTo(wanted);
      }
      case Literal.TimeOfDay time -> {
        long wanted = Instants.microseconds(time.value());
        yield (slab, start, end) ->
            Long.compare(Instants.microseconds(string(slab, start, end)), wanted);
      }
    };
  }

  private static CellOrder toNumber(BigDecimal wanted) {
    BigDecimal whole = wanted.stripTrailingZeros();
    boolean isLong = whole.scale() <= 0 && whole.precision() - whole.scale() <= 18;
    long wantedLong = isLong ? whole.longValueExact() : 0;
    return (slab, start, end) ->
        isLong && end - start <= 18 && isDigits(slab, start, end)
            ? Long.compare(parsed(slab, start, end), wantedLong)
            : compare(string(slab, start, end), wanted);
  }

  private static int compare(String cell, BigDecimal wanted) {
    return switch (cell) {
      case "NaN", "Infinity" -> 1;
      case "-Infinity" -> -1;
      default -> new BigDecimal(cell).compareTo(wanted);
    };
  }

  /** As PostgreSQL orders floats: NaN is greatest, and zeros are equal. */
  private static int compare(double cell, double wanted) {
    return cell == wanted ? 0 : Double.compare(cell, wanted);
  }

  /** The shortest text of a float means the float, which is another double than the text's. */
  private static CellOrder toReal(double wanted, DataType type) {
    return type == DataType.REAL4
        ? (slab, start, end) -> compare(Float.parseFloat(string(slab, start, end)), wanted)
        : (slab, start, end) -> compare(Double.parseDouble(string(slab, start, end)), wanted);
  }

  private static boolean isDigits(byte[] slab, int start, int end) {
    for (int at = slab[start] == '-' ? start + 1 : start; at < end; at++) {
      if (slab[at] < '0' || slab[at] > '9') {
        return false;
      }
    }
    return true;
  }

  private static long parsed(byte[] slab, int start, int end) {
    boolean negative = slab[start] == '-';
    long value = 0;
    for (int at = negative ? start + 1 : start; at < end; at++) {
      value = value * 10 + (slab[at] - '0');
    }
    return negative ? -value : value;
  }

  private static String string(byte[] slab, int start, int end) {
    return new String(slab, start, end - start, StandardCharsets.UTF_8);
  }
}
