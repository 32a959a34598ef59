package wherry.mysql;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.schema.Column;
import wherry.schema.Meaning;

/**
 * Which type a column gets on this target: verbatim from the same family, by value and meaning from
 * another.
 */
final class MySqlTypes {
  /** Bytes of an index key (InnoDB, DYNAMIC rows). */
  static final int KEY_BYTES_MAX = 3072;

  private static final int VARCHAR_CHARACTERS_MAX = 16383;
  private static final int VARBINARY_BYTES_MAX = 65535;
  private static final int DECIMAL_DIGITS_MAX = 65;
  private static final int DECIMAL_SCALE_MAX = 30;
  private static final int LABELS_MAX = 65535;
  private static final int LABEL_CHARACTERS_MAX = 255;
  private static final Pattern CHARSET =
      Pattern.compile("(.*) CHARACTER SET (\\S+) COLLATE (\\S+)", Pattern.DOTALL);

  private final MySqlServer server;
  private final MySqlCollations collations;

  MySqlTypes(MySqlServer server, MySqlCollations collations) {
    this.server = server;
    this.collations = collations;
  }

  /**
   * @param keyBytes what the column may take of an index key; 0 when it is in none
   */
  String type(Column column, int keyBytes) {
    if (column.nativeType().family().equals(MySqlColumns.FAMILY)) {
      return sameFamily(column);
    }
    return switch (column.meaning()) {
      case JSON, JSONB, ARRAY, HSTORE -> keyBytes > 0 ? text(0, keyBytes) : "json";
      case UUID -> "char(36) CHARACTER SET ascii COLLATE ascii_bin";
      case BITS ->
          column.length() <= 64 && column.length() > 0
              ? "bit(" + column.length() + ")"
              : text(column.length(), keyBytes);
      case INTERVAL -> text(128, keyBytes);
      case ENUM -> enumeration(column, keyBytes);
      case FIXED_CHAR ->
          column.length() > 0 && column.length() <= 255
              ? "char(" + column.length() + ")" + exactText()
              : text(column.length(), keyBytes);
      case MONEY -> "decimal(19,2)";
      case LITERAL -> text(column.length(), keyBytes);
      case TIME_SPAN -> "time(6)";
      case YEAR -> "smallint";
      case GEOMETRY -> "geometry";
      case PLAIN, INSTANT, VARBITS, SET -> plain(column, keyBytes);
    };
  }

  private String plain(Column column, int keyBytes) {
    return switch (column.type()) {
      case BOOLEAN -> "tinyint(1)";
      case INT1 -> "tinyint";
      case INT2 -> "smallint";
      case INT4 -> "int";
      case INT8 -> "bigint";
      case UINT1 -> "tinyint unsigned";
      case UINT2 -> "smallint unsigned";
      case UINT4 -> "int unsigned";
      case UINT8 -> "bigint unsigned";
      case NUMERIC -> decimal(column);
      case REAL4 -> "float";
      case REAL8 -> "double";
      case DATE -> "date";
      // The offset of timetz has no place in TIME; as text nothing is lost.
      case TIME -> hasOffset(column) ? text(32, keyBytes) : "time(" + fraction(column) + ")";
      case DATETIME ->
          column.scale() > 6 ? text(37, keyBytes) : "datetime(" + fraction(column) + ")";
      case STRING, WSTRING -> text(column.length(), keyBytes);
      case CLOB, NCLOB -> text(0, keyBytes);
      case BYTES -> binary(column.length(), keyBytes);
      case BLOB -> binary(0, keyBytes);
    };
  }

  private static boolean hasOffset(Column column) {
    String name = column.nativeType().name().toLowerCase(Locale.ROOT);
    return name.contains("with time zone") || name.startsWith("timetz");
  }

  /** A type without modifier has all its digits. */
  private static int fraction(Column column) {
    return column.nativeType().name().contains("(") ? Math.min(6, column.scale()) : 6;
  }

  private static String decimal(Column column) {
    int precision = column.precision();
    int scale = column.scale();
    if (precision == 0) {
      return "decimal(" + DECIMAL_DIGITS_MAX + "," + DECIMAL_SCALE_MAX + ")";
    }
    // PostgreSQL's scale may be negative or beyond the precision.
    int digits = Math.max(precision, scale) + Math.max(0, -scale);
    int fraction = Math.max(0, scale);
    return "decimal("
        + Math.min(DECIMAL_DIGITS_MAX, digits)
        + ","
        + Math.min(DECIMAL_SCALE_MAX, fraction)
        + ")";
  }

  /**
   * @param characters 0 when unbounded
   */
  private String text(int characters, int keyBytes) {
    if (keyBytes > 0) {
      int fitting = keyBytes / 4;
      return "varchar("
          + (characters == 0 ? fitting : Math.min(characters, fitting))
          + ")"
          + exactText();
    }
    boolean bounded = characters > 0 && characters <= VARCHAR_CHARACTERS_MAX;
    return (bounded ? "varchar(" + characters + ")" : "longtext") + exactText();
  }

  private String exactText() {
    return " CHARACTER SET utf8mb4 COLLATE " + collations.exact();
  }

  private static String binary(int bytes, int keyBytes) {
    if (keyBytes > 0) {
      return "varbinary(" + (bytes == 0 ? keyBytes : Math.min(bytes, keyBytes)) + ")";
    }
    return bytes > 0 && bytes <= VARBINARY_BYTES_MAX ? "varbinary(" + bytes + ")" : "longblob";
  }

  private String enumeration(Column column, int keyBytes) {
    List<String> labels = column.labels();
    boolean possible =
        !labels.isEmpty()
            && labels.size() <= LABELS_MAX
            && labels.stream()
                .noneMatch(
                    l -> l.isEmpty() || l.endsWith(" ") || l.length() > LABEL_CHARACTERS_MAX);
    if (!possible) {
      return text(column.length(), keyBytes);
    }
    return "enum("
        + String.join(",", labels.stream().map(MySqlNames::literal).toList())
        + ")"
        + exactText();
  }

  private String sameFamily(Column column) {
    if (column.meaning() == Meaning.JSON || column.meaning() == Meaning.JSONB) {
      return "json";
    }
    String name = column.nativeType().name();
    Matcher text = CHARSET.matcher(name);
    if (text.matches()) {
      String charset = text.group(2).equals("utf8") ? "utf8mb3" : text.group(2);
      String collation = collations.equivalent(charset, text.group(3));
      return text.group(1) + " CHARACTER SET " + charset + " COLLATE " + collation;
    }
    if (!server.mariaDb()) {
      return withoutMariaDbTypes(name);
    }
    return name.equalsIgnoreCase("geomcollection")
        ? "geometrycollection"
        : name.equalsIgnoreCase("uuid") && !server.hasUuid()
            ? "char(36) CHARACTER SET ascii COLLATE ascii_bin"
            : name;
  }

  /** The type itself, or what MySQL has in place of one that only MariaDB has. */
  static String withoutMariaDbTypes(String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "uuid" -> "char(36) CHARACTER SET ascii COLLATE ascii_bin";
      case "inet6" -> "varchar(39) CHARACTER SET ascii COLLATE ascii_bin";
      case "inet4" -> "varchar(15) CHARACTER SET ascii COLLATE ascii_bin";
      default -> type;
    };
  }
}
