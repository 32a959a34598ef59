package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/** Chooses the rule for each pair of columns. */
final class CellRules {
  private static final byte[] ONE = {'1'};
  private static final byte[] ZERO = {'0'};

  private CellRules() {}

  static CellRule of(Column source, Column target) {
    if (isJson(target) && source.meaning() == Meaning.ARRAY) {
      return new Respelling(text -> PostgresLiterals.arrayToJson(text, elementType(source)));
    }
    if (isJson(target) && source.meaning() == Meaning.HSTORE) {
      return new Respelling(PostgresLiterals::hstoreToJson);
    }
    if (source.type() == DataType.BOOLEAN && target.type() != DataType.BOOLEAN) {
      return target.type().isText() ? new BooleanWords() : new BooleanDigits();
    }
    return switch (target.type()) {
      case BOOLEAN -> source.type() == DataType.BOOLEAN ? new BooleanDigits() : CellRule.ANY;
      case INT1 -> integer(source, target, -128, 127);
      case INT2 ->
          target.meaning() == Meaning.YEAR ? new Year() : integer(source, target, -32768, 32767);
      case INT4 ->
          isMedium(target)
              ? new WholeNumber(-8388608, 8388607)
              : integer(source, target, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case INT8 -> integer(source, target, Long.MIN_VALUE, Long.MAX_VALUE);
      case UINT1 -> integer(source, target, 0, 255);
      case UINT2 -> integer(source, target, 0, 65535);
      case UINT4 ->
          isMedium(target) ? new WholeNumber(0, 16777215) : integer(source, target, 0, 4294967295L);
      case UINT8 ->
          source.type() == DataType.UINT8
              ? CellRule.ANY
              : new WholeNumber(0, WholeNumber.UNSIGNED_8_BYTES);
      case NUMERIC ->
          isSameDecimal(source, target)
              ? CellRule.ANY
              : new DecimalNumber(target.precision(), target.scale());
      case REAL4 -> new FloatingPoint(true, source.type() == DataType.REAL8);
      case REAL8 -> new FloatingPoint(false, false);
      case DATE, TIME, DATETIME -> new Moment(target.type(), target.scale());
      case STRING, WSTRING, CLOB, NCLOB -> text(source, target);
      case BYTES, BLOB -> binary(source, target);
    };
  }

  private static CellRule integer(Column source, Column target, long min, long max) {
    boolean same = source.type() == target.type() && !isMedium(target);
    return same ? CellRule.ANY : new WholeNumber(min, max);
  }

  private static boolean isMedium(Column column) {
    return nativeName(column).startsWith("mediumint");
  }

  private static boolean isSameDecimal(Column source, Column target) {
    return source.type() == DataType.NUMERIC
        && source.nativeType().family().equals(MySqlColumns.FAMILY)
        && source.nativeType().name().equalsIgnoreCase(target.nativeType().name());
  }

  private static CellRule text(Column source, Column target) {
    String type = nativeName(target);
    return switch (target.meaning()) {
      case ENUM -> new Labels(target.labels(), false, mayBeIndexZero(source, target));
      case SET -> new Labels(target.labels(), true, false);
      case BITS, VARBITS -> new Digits(target.length());
      case TIME_SPAN -> new Moment(DataType.TIME, target.scale());
      case UUID, LITERAL -> CellRule.ANY;
      default -> {
        boolean threeBytes =
            type.contains("character set utf8mb3") || type.contains("character set utf8 ");
        boolean blanksVanish =
            target.meaning() == Meaning.FIXED_CHAR && source.meaning() != Meaning.FIXED_CHAR;
        boolean counted = type.startsWith("char") || type.startsWith("varchar");
        int charactersMax = counted ? target.length() : Integer.MAX_VALUE;
        // In another character set a character has other bytes; there the server's own check
        // decides.
        boolean ownBytes = type.contains("character set utf8");
        yield new Text(
            charactersMax,
            ownBytes ? textBytesMax(type) : Long.MAX_VALUE,
            threeBytes,
            blanksVanish);
      }
    };
  }

  private static long textBytesMax(String type) {
    if (type.startsWith("tinytext")) {
      return 255;
    }
    return type.startsWith("text")
        ? 65535
        : type.startsWith("mediumtext") ? 0xFFFFFF : Long.MAX_VALUE;
  }

  private static CellRule binary(Column source, Column target) {
    String type = nativeName(target);
    if (target.meaning() == Meaning.GEOMETRY) {
      return CellRule.ANY;
    }
    long max =
        type.startsWith("mediumblob")
            ? 0xFFFFFF
            : target.length() > 0 ? target.length() : Long.MAX_VALUE;
    boolean padded =
        type.startsWith("binary")
            && !source.nativeType().name().equalsIgnoreCase(target.nativeType().name());
    return new Binary(max, padded);
  }

  /** Target columns that hold JSON: MySQL's json, MariaDB's checked text. */
  static boolean isJson(Column target) {
    return target.meaning() == Meaning.JSON || target.meaning() == Meaning.JSONB;
  }

  /** Whether an empty cell is MySQL's index 0, which no label has. */
  static boolean mayBeIndexZero(Column source, Column target) {
    return source.meaning() == Meaning.ENUM
        && source.nativeType().family().equals(MySqlColumns.FAMILY)
        && target.meaning() == Meaning.ENUM
        && !target.labels().contains("");
  }

  private static String elementType(Column array) {
    return nativeName(array).replaceFirst("(\\[\\d*\\])+$", "");
  }

  private static String nativeName(Column column) {
    return column.nativeType().name().toLowerCase(Locale.ROOT);
  }

  /** t and f as 1 and 0. */
  private record BooleanDigits() implements CellRule {
    @Override
    public @Nullable Refusal check(byte[] slab, int start, int end) {
      return null;
    }

    @Override
    public byte[] respelled(byte[] slab, int start, int end) {
      return slab[start] == 't' ? ONE : ZERO;
    }
  }

  /** t and f as AWS DMS spells them in text. */
  private record BooleanWords() implements CellRule {
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    @Override
    public @Nullable Refusal check(byte[] slab, int start, int end) {
      return null;
    }

    @Override
    public byte[] respelled(byte[] slab, int start, int end) {
      return slab[start] == 't' ? TRUE : FALSE;
    }
  }

  /** Another text for the same value; a text that is not in the expected form is refused. */
  private record Respelling(UnaryOperator<String> change) implements CellRule {
    @Override
    public @Nullable Refusal check(byte[] slab, int start, int end) {
      try {
        var unused = change.apply(text(slab, start, end));
        return null;
      } catch (IllegalArgumentException e) {
        return Refusal.data(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public byte[] respelled(byte[] slab, int start, int end) {
      return change.apply(text(slab, start, end)).getBytes(StandardCharsets.UTF_8);
    }
  }

  static String text(byte[] slab, int start, int end) {
    return new String(slab, start, end - start, StandardCharsets.UTF_8);
  }
}
