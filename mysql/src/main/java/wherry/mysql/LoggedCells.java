package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.mysql.TableMap.LoggedColumn;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/**
 * Finds the decoder of a column. Log and catalogue must tell of the same type, otherwise there is
 * none: a value is never decoded as something that it is not.
 */
final class LoggedCells {
  private static final Pattern CHARACTER_SET = Pattern.compile(" CHARACTER SET (\\w+)");
  private static final Pattern WORD = Pattern.compile("\\w+");

  private final PresentCatalog catalog;

  LoggedCells(PresentCatalog catalog) {
    this.catalog = catalog;
  }

  /** The name of a text column's character set; empty for others. */
  static String charset(Column column) {
    Matcher matcher = CHARACTER_SET.matcher(column.nativeType().name());
    return matcher.find() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
  }

  /**
   * The first word of the type as the catalogue has it: {@code int} of {@code int(10) unsigned}.
   */
  static String word(Column column) {
    Matcher matcher = WORD.matcher(column.nativeType().name().toLowerCase(Locale.ROOT));
    return matcher.find() ? matcher.group() : "";
  }

  /**
   * @return empty when the log's type is not the column's
   */
  Optional<LoggedCell> of(LoggedColumn logged, Column column) {
    int meta = logged.meta();
    String word = word(column);
    return switch (logged.type()) {
      case LoggedColumn.TINY -> whole(word.equals("tinyint"), 1, column);
      case LoggedColumn.SHORT -> whole(word.equals("smallint"), 2, column);
      case LoggedColumn.INT24 -> whole(word.equals("mediumint"), 3, column);
      case LoggedColumn.LONG -> whole(word.equals("int"), 4, column);
      case LoggedColumn.LONGLONG -> whole(word.equals("bigint"), 8, column);
      case LoggedColumn.FLOAT -> when(word.equals("float"), new LoggedNumbers.Float4());
      case LoggedColumn.DOUBLE -> when(word.equals("double"), new LoggedNumbers.Double8());
      case LoggedColumn.NEWDECIMAL ->
          when(
              word.equals("decimal")
                  && column.precision() == meta >> 8
                  && column.scale() == (meta & 0xFF),
              new LoggedDecimal(meta >> 8, meta & 0xFF));
      case LoggedColumn.BIT -> {
        int bits = (meta & 0xFF) * 8 + (meta >> 8);
        yield when(
            word.equals("bit") && bits == (column.type() == DataType.BOOLEAN ? 1 : column.length()),
            new LoggedNumbers.Bits(bits));
      }
      case LoggedColumn.YEAR,
          LoggedColumn.DATE,
          LoggedColumn.DATETIME2,
          LoggedColumn.TIMESTAMP2,
          LoggedColumn.TIME2,
          LoggedColumn.DATETIME,
          LoggedColumn.TIMESTAMP,
          LoggedColumn.TIME ->
          time(logged, word, column);
      case LoggedColumn.VARCHAR ->
          when(
              word.equals("vector")
                  || (word.startsWith("var") && meta == column.length() * bytesMax(column)),
              text(meta > 255 ? 2 : 1, column));
      case LoggedColumn.STRING -> fixed(word, meta, column);
      case LoggedColumn.ENUM ->
          when(
              column.meaning() == Meaning.ENUM,
              new LoggedBytes.Enumerated(meta, labels(column.labels())));
      case LoggedColumn.SET ->
          when(
              column.meaning() == Meaning.SET,
              new LoggedBytes.Labelled(meta, labels(column.labels())));
      case LoggedColumn.BLOB ->
          when(
              (word.endsWith("text") || word.endsWith("blob")) && meta == lengthBytes(word),
              text(meta, column));
      case LoggedColumn.MARIADB_VARCHAR_COMPRESSED ->
          when(word.startsWith("var"), compressed(meta > 256 ? 2 : 1, column));
      case LoggedColumn.MARIADB_BLOB_COMPRESSED ->
          when(
              (word.endsWith("text") || word.endsWith("blob")) && meta == lengthBytes(word),
              compressed(meta, column));
      case LoggedColumn.GEOMETRY ->
          when(column.meaning() == Meaning.GEOMETRY, new LoggedBytes.Counted(meta));
      case LoggedColumn.JSON -> when(word.equals("json"), new LoggedJson(meta));
      case LoggedColumn.VECTOR -> when(word.equals("vector"), new LoggedBytes.Counted(meta));
      default -> Optional.empty();
    };
  }

  private static Optional<LoggedCell> time(LoggedColumn logged, String word, Column column) {
    int meta = logged.meta();
    return switch (logged.type()) {
      case LoggedColumn.YEAR -> when(word.equals("year"), new LoggedNumbers.Year());
      case LoggedColumn.DATE -> when(word.equals("date"), new LoggedTimes.Date());
      case LoggedColumn.DATETIME2 ->
          when(word.equals("datetime") && column.scale() == meta, new LoggedTimes.DateTime(meta));
      case LoggedColumn.TIMESTAMP2 ->
          when(word.equals("timestamp") && column.scale() == meta, new LoggedTimes.Timestamp(meta));
      case LoggedColumn.TIME2 ->
          when(word.equals("time") && column.scale() == meta, new LoggedTimes.Time(meta));
      case LoggedColumn.DATETIME ->
          when(word.equals("datetime") && column.scale() == 0, new LoggedTimes.OldDateTime());
      case LoggedColumn.TIMESTAMP ->
          when(word.equals("timestamp") && column.scale() == 0, new LoggedTimes.OldTimestamp());
      case LoggedColumn.TIME ->
          when(word.equals("time") && column.scale() == 0, new LoggedTimes.OldTime());
      default -> throw new IllegalArgumentException("No time: " + logged);
    };
  }

  private static Optional<LoggedCell> when(boolean fits, LoggedCell cell) {
    return fits ? Optional.of(cell) : Optional.empty();
  }

  private static Optional<LoggedCell> whole(boolean fits, int bytes, Column column) {
    boolean unsigned =
        switch (column.type()) {
          case UINT1, UINT2, UINT4, UINT8 -> true;
          default -> false;
        };
    return when(fits, new LoggedNumbers.Whole(bytes, unsigned));
  }

  private static int lengthBytes(String word) {
    return switch (word.charAt(0)) {
      case 't' -> word.equals("text") ? 2 : 1;
      case 'm' -> 3;
      case 'l' -> 4;
      default -> 2;
    };
  }

  /** CHAR, BINARY and MariaDB's types that are kept as fixed bytes. */
  private Optional<LoggedCell> fixed(String word, int width, Column column) {
    int lengthBytes = width > 255 ? 2 : 1;
    return switch (word) {
      case "char" -> when(width == column.length() * bytesMax(column), text(lengthBytes, column));
      case "binary" ->
          when(
              width == column.length(),
              new LoggedBytes.FixedBinary(new LoggedBytes.Counted(lengthBytes), width));
      case "uuid" -> when(width == 16, new MariaDbAddresses.Uuid());
      case "inet6" -> when(width == 16, new MariaDbAddresses.Inet6());
      case "inet4" -> when(width == 4, new MariaDbAddresses.Inet4());
      default -> Optional.empty();
    };
  }

  private LoggedCell compressed(int lengthBytes, Column column) {
    return new MariaDbCompressed(text(lengthBytes, column), lengthBytes);
  }

  private LoggedCell text(int lengthBytes, Column column) {
    LoggedBytes.Counted plain = new LoggedBytes.Counted(lengthBytes);
    String name = charset(column);
    return name.isEmpty()
        ? plain
        : catalog
            .charset(name)
            .<LoggedCell>map(charset -> new LoggedBytes.Converted(plain, charset))
            .orElse(plain);
  }

  /**
   * Bytes of a character at most; the length in the log is in bytes, the column's in characters.
   */
  private int bytesMax(Column column) {
    String name = charset(column);
    int unconverted = name.isEmpty() ? 1 : name.equals("utf8mb4") ? 4 : 3;
    return name.isEmpty()
        ? unconverted
        : catalog.charset(name).map(CharacterSet::bytesMax).orElse(unconverted);
  }

  private static byte[][] labels(List<String> labels) {
    return labels.stream()
        .map(label -> label.getBytes(StandardCharsets.UTF_8))
        .toArray(byte[][]::new);
  }
}
