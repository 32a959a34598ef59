package wherry.transform;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import wherry.expression.RealText;
import wherry.expression.SqlValue;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.NativeType;

/** The value of an expression as a cell of the type that its rule gives. Owned by one thread. */
final class ResultCells {
  private static final Column ANY_TEXT =
      new Column(
          "", DataType.CLOB, Meaning.PLAIN, 0, 0, 0, List.of(), true, new NativeType("", ""));
  private static final Column ANY_BYTES =
      new Column(
          "", DataType.BLOB, Meaning.PLAIN, 0, 0, 0, List.of(), true, new NativeType("", ""));

  private final Column wanted;
  private final List<CellStep> steps;
  private final byte[] digits = new byte[20];
  private final long min;
  private final long max;

  ResultCells(Column wanted) {
    this.wanted = wanted;
    Column from = wanted.type().isBinary() ? ANY_BYTES : ANY_TEXT;
    this.steps = Conversions.between(from, wanted).orElse(List.of());
    Optional<IntegerRange> range =
        wanted.type().isInteger() ? Optional.of(IntegerRange.of(wanted.type())) : Optional.empty();
    this.min = range.map(r -> r.min().longValueExact()).orElse(Long.MAX_VALUE);
    this.max =
        range
            .filter(r -> r.max().bitLength() < 64)
            .map(r -> r.max().longValueExact())
            .orElse(range.isPresent() ? Long.MAX_VALUE : Long.MIN_VALUE);
  }

  /** Sets the cell to a value that is not NULL. */
  void set(SqlValue value, CellSlice cell) throws CellRefused {
    switch (value.type()) {
      case NULL -> throw new IllegalArgumentException("NULL has no cell");
      case INTEGER -> {
        integer(value.integer(), cell);
        if (value.integer() >= min && value.integer() <= max) {
          return;
        }
      }
      case REAL ->
          cell.set(
              wanted.type().isText() ? RealText.of(value.real()) : Double.toString(value.real()));
      case TEXT -> cell.set(value.bytes(), value.start(), value.end());
      case BLOB -> {
        if (!wanted.type().isBinary()) {
          throw CellRefused.data(
              "the expression gives binary data, the data-type of the rule is "
                  + wanted.nativeType().name()
                  + "; hex() makes it text");
        }
        cell.set(value.bytes(), value.start(), value.end());
      }
    }
    for (CellStep step : steps) {
      step.apply(cell);
    }
  }

  private void integer(long value, CellSlice cell) {
    if (value == Long.MIN_VALUE) {
      byte[] text = Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
      cell.set(text, 0, text.length);
      return;
    }
    int at = digits.length;
    long rest = Math.abs(value);
    do {
      digits[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    if (value < 0) {
      digits[--at] = '-';
    }
    cell.set(digits, at, digits.length);
  }
}
