package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/**
 * Chooses, once per table, how each column's cells become fields: in COPY's binary format when
 * every column's type has a simple binary form, else in its text format for the whole table.
 *
 * @param isBinary which of the two
 * @param columns one encoder for each column
 */
record CellEncoders(boolean isBinary, List<CellEncoder> columns) {

  /**
   * @param source the cells
   * @param target the columns that take them, as the target's catalogue describes them
   * @param serverMajor major version of the target
   */
  static CellEncoders choose(List<Column> source, List<Column> target, int serverMajor) {
    List<CellEncoder> encoders = new ArrayList<>();
    for (int i = 0; i < target.size(); i++) {
      Optional<CellEncoder> encoder = binary(source.get(i), target.get(i), serverMajor);
      if (encoder.isEmpty()) {
        return new CellEncoders(false, texts(source, target, serverMajor, true));
      }
      encoders.add(encoder.get());
    }
    return new CellEncoders(true, encoders);
  }

  /** What the server parses as values of the columns: parameters and literals, not quoted. */
  static List<CellEncoder> texts(List<Column> source, List<Column> target, int serverMajor) {
    return texts(source, target, serverMajor, false);
  }

  private static List<CellEncoder> texts(
      List<Column> source, List<Column> target, int serverMajor, boolean forCopy) {
    List<CellEncoder> encoders = new ArrayList<>();
    CopyBuffer scratch = new CopyBuffer();
    for (int i = 0; i < target.size(); i++) {
      CellEncoder check =
          binary(source.get(i), target.get(i), serverMajor).orElse(TextCells.text(0));
      encoders.add(new TextField(check, source.get(i), target.get(i), forCopy, scratch));
    }
    return encoders;
  }

  /** The binary form of a target type; empty when it has none that is simple. */
  private static Optional<CellEncoder> binary(Column source, Column target, int serverMajor) {
    boolean fromBoolean = source.type() == DataType.BOOLEAN;
    String type = withoutModifier(target.nativeType().name());
    if (target.meaning() == Meaning.ENUM) {
      return Optional.of(TextCells.text(0));
    }
    if (source.meaning() == Meaning.GEOMETRY) {
      return type.equals("bytea") ? Optional.of(TextCells.geometry()) : Optional.empty();
    }
    return switch (type) {
      case "boolean" -> Optional.of(TextCells.bool());
      case "smallint" ->
          Optional.of(fromBoolean ? booleanAs(NumberCells.int2()) : NumberCells.int2());
      case "integer" ->
          Optional.of(fromBoolean ? booleanAs(NumberCells.int4()) : NumberCells.int4());
      case "bigint" ->
          Optional.of(fromBoolean ? booleanAs(NumberCells.int8()) : NumberCells.int8());
      case "numeric" -> {
        CellEncoder numeric = NumericCells.numeric(target.precision(), target.scale());
        yield Optional.of(fromBoolean ? booleanAs(numeric) : numeric);
      }
      case "oid" -> Optional.of(NumberCells.oid());
      case "real" -> Optional.of(NumberCells.float4());
      case "double precision" -> Optional.of(NumberCells.float8());
      case "text", "json", "character varying", "character", "bpchar" ->
          Optional.of(fromBoolean ? TextCells.boolAsText() : TextCells.text(target.length()));
      case "jsonb" -> Optional.of(TextCells.jsonb());
      case "bytea" -> Optional.of(TextCells.bytes());
      case "uuid" -> Optional.of(TextCells.uuid());
      case "bit" -> Optional.of(TextCells.bits(target.length(), false));
      case "bit varying" -> Optional.of(TextCells.bits(target.length(), true));
      case "date" -> Optional.of(TimeCells.date());
      case "time without time zone" -> Optional.of(TimeCells.time(target.scale()));
      case "timestamp without time zone", "timestamp with time zone" ->
          Optional.of(TimeCells.timestamp(target.scale()));
      case "interval" -> Optional.of(TimeCells.interval(intervalDigits(target), serverMajor));
      default -> Optional.empty();
    };
  }

  private static CellEncoder booleanAs(CellEncoder number) {
    byte[] digits = {'0', '1'};
    return (slab, start, end, out) -> {
      int digit = TextCells.isTrue(slab, start, end) ? 1 : 0;
      number.encode(digits, digit, digit + 1, out);
    };
  }

  /** {@code timestamp(3) with time zone} has its modifier in the middle. */
  private static String withoutModifier(String type) {
    int open = type.indexOf('(');
    int close = type.indexOf(')', Math.max(0, open));
    return open < 0 || close < 0 || type.startsWith("\"")
        ? type
        : type.substring(0, open) + type.substring(close + 1);
  }

  /** The catalogue's column has no scale for intervals; the type's name has. */
  private static int intervalDigits(Column target) {
    String type = target.nativeType().name();
    int open = type.indexOf('(');
    return open < 0 ? 6 : Integer.parseInt(type.substring(open + 1, type.indexOf(')')));
  }

  /**
   * A value as text, escaped for COPY's text format or not. The check decides whether the column
   * can hold the cell, for the server would round or cut without a word where it parses text.
   */
  private static final class TextField implements CellEncoder {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final CellEncoder check;
    private final boolean isBytea;
    private final boolean isGeometry;
    private final boolean isBooleanAsOther;
    private final boolean isText;
    private final boolean forCopy;

    /** Shared by the columns of a table, for they take turns. */
    private final CopyBuffer scratch;

    TextField(
        CellEncoder check, Column source, Column target, boolean forCopy, CopyBuffer scratch) {
      this.isBytea = target.nativeType().name().equals("bytea");
      this.isGeometry = source.meaning() == Meaning.GEOMETRY;
      this.isBooleanAsOther =
          source.type() == DataType.BOOLEAN && !target.nativeType().name().equals("boolean");
      this.isText = target.type().isText();
      this.forCopy = forCopy;
      this.scratch = scratch;
      this.check = isGeometry ? TextCells.geometry() : check;
    }

    @Override
    public void encode(byte[] slab, int start, int end, CopyBuffer out) throws CellRefused {
      scratch.cutTo(0);
      check.encode(slab, start, end, scratch);
      if (isBytea || isGeometry) {
        hex(scratch.bytes(), scratch.used(), out);
      } else if (isBooleanAsOther) {
        boolean value = TextCells.isTrue(slab, start, end);
        byte[] word =
            (isText ? Boolean.toString(value) : value ? "1" : "0")
                .getBytes(StandardCharsets.US_ASCII);
        out.put(word, 0, word.length);
      } else if (forCopy) {
        escaped(slab, start, end, out);
      } else {
        out.put(slab, start, end - start);
      }
    }

    /** bytea's hexadecimal form begins with {@code \x}; PostGIS takes the digits alone. */
    private void hex(byte[] bytes, int length, CopyBuffer out) {
      if (isBytea) {
        if (forCopy) {
          out.put('\\');
        }
        out.put('\\');
        out.put('x');
      }
      for (int i = 0; i < length; i++) {
        out.put(HEX[bytes[i] >> 4 & 15]);
        out.put(HEX[bytes[i] & 15]);
      }
    }

    private static void escaped(byte[] slab, int start, int end, CopyBuffer out) {
      int from = start;
      for (int at = start; at < end; at++) {
        byte b = slab[at];
        if (b == '\\' || b == '\t' || b == '\n' || b == '\r') {
          out.put(slab, from, at - from);
          out.put('\\');
          out.put(b == '\\' ? '\\' : b == '\t' ? 't' : b == '\n' ? 'n' : 'r');
          from = at + 1;
        }
      }
      out.put(slab, from, end - from);
    }
  }
}
