package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.NativeType;

/**
 * From a row of information_schema.columns to a {@link Column} ("Source data types for MySQL" in
 * the DMS user guide).
 */
final class MySqlColumns {
  static final String FAMILY = "mysql";

  private MySqlColumns() {}

  /**
   * A column in the catalogue's words.
   *
   * @param dataType {@code varchar}
   * @param columnType {@code varchar(20)}, {@code int(10) unsigned zerofill}
   * @param length characters, or bytes of binary types; 0 for others
   * @param fraction digits of fractional seconds
   * @param charset empty for other than text
   * @param checkedJson MariaDB's json: text with a check of json_valid
   * @param generated its value is computed; cannot be written
   * @param needed an INSERT has to name it: NOT NULL without default
   */
  record Described(
      String name,
      String dataType,
      String columnType,
      long length,
      int precision,
      int scale,
      int fraction,
      String charset,
      String collation,
      boolean nullable,
      boolean checkedJson,
      boolean generated,
      boolean needed) {

    boolean unsigned() {
      return columnType.toLowerCase(Locale.ROOT).contains("unsigned");
    }

    /** The type as DDL writes it. */
    NativeType nativeType() {
      String text = columnType;
      if (!charset.isEmpty()) {
        text += " CHARACTER SET " + charset + " COLLATE " + collation;
      }
      return new NativeType(FAMILY, text);
    }
  }

  static Column column(Described d) {
    return switch (d.dataType().toLowerCase(Locale.ROOT)) {
      case "tinyint" -> plain(d, d.unsigned() ? DataType.UINT1 : DataType.INT1);
      case "smallint" -> plain(d, d.unsigned() ? DataType.UINT2 : DataType.INT2);
      case "mediumint", "int" -> plain(d, d.unsigned() ? DataType.UINT4 : DataType.INT4);
      case "bigint" -> plain(d, d.unsigned() ? DataType.UINT8 : DataType.INT8);
      case "decimal" -> column(d, DataType.NUMERIC, Meaning.PLAIN, 0, d.precision(), d.scale());
      case "float" -> plain(d, DataType.REAL4);
      case "double" -> plain(d, DataType.REAL8);
      case "bit" ->
          d.precision() == 1
              ? plain(d, DataType.BOOLEAN)
              : column(d, DataType.STRING, Meaning.BITS, d.precision(), 0, 0);
      case "year" -> column(d, DataType.INT2, Meaning.YEAR, 0, 0, 0);
      case "date" -> plain(d, DataType.DATE);
      case "datetime" -> column(d, DataType.DATETIME, Meaning.PLAIN, 0, 0, d.fraction());
      case "timestamp" -> column(d, DataType.DATETIME, Meaning.INSTANT, 0, 0, d.fraction());
      case "time" -> column(d, DataType.STRING, Meaning.TIME_SPAN, 17, 0, d.fraction());
      case "char" -> text(d, DataType.WSTRING, Meaning.FIXED_CHAR);
      case "varchar", "tinytext", "text" ->
          text(d, DataType.WSTRING, d.checkedJson() ? Meaning.JSON : Meaning.PLAIN);
      case "mediumtext", "longtext" ->
          text(d, DataType.NCLOB, d.checkedJson() ? Meaning.JSON : Meaning.PLAIN);
      case "json" -> column(d, DataType.CLOB, Meaning.JSONB, 0, 0, 0);
      case "enum" -> labelled(d, Meaning.ENUM);
      case "set" -> labelled(d, Meaning.SET);
      case "binary", "varbinary", "tinyblob", "blob" ->
          column(d, DataType.BYTES, Meaning.PLAIN, length(d), 0, 0);
      case "uuid" -> column(d, DataType.STRING, Meaning.UUID, 36, 0, 0);
      case "inet6" -> column(d, DataType.STRING, Meaning.LITERAL, 39, 0, 0);
      case "inet4" -> column(d, DataType.STRING, Meaning.LITERAL, 15, 0, 0);
      case "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection" ->
          column(d, DataType.BLOB, Meaning.GEOMETRY, 0, 0, 0);
      default -> column(d, DataType.BLOB, Meaning.PLAIN, 0, 0, 0); // mediumblob, longblob, vector
    };
  }

  /** The same text in another character set. */
  static Column withCharset(Column column, String charset, String collation) {
    String type = column.nativeType().name();
    int coding = type.indexOf(" CHARACTER SET ");
    String plain = coding < 0 ? type : type.substring(0, coding);
    String collated = collation.isEmpty() ? "" : " COLLATE " + collation;
    return new Column(
        column.name(),
        column.type(),
        column.meaning(),
        column.length(),
        column.precision(),
        column.scale(),
        column.labels(),
        column.nullable(),
        new NativeType(FAMILY, plain + " CHARACTER SET " + charset + collated));
  }

  private static Column plain(Described d, DataType type) {
    return column(d, type, Meaning.PLAIN, 0, 0, 0);
  }

  private static Column text(Described d, DataType type, Meaning meaning) {
    return column(d, type, meaning, type.isLob() ? 0 : length(d), 0, 0);
  }

  private static Column labelled(Described d, Meaning meaning) {
    List<String> labels = labels(d.columnType());
    int length =
        meaning == Meaning.ENUM
            ? labels.stream().mapToInt(l -> l.codePointCount(0, l.length())).max().orElse(0)
            : labels.stream().mapToInt(l -> l.codePointCount(0, l.length()) + 1).sum();
    return new Column(
        d.name(), DataType.WSTRING, meaning, length, 0, 0, labels, d.nullable(), d.nativeType());
  }

  private static Column column(
      Described d, DataType type, Meaning meaning, int length, int precision, int scale) {
    return new Column(
        d.name(), type, meaning, length, precision, scale, List.of(), d.nullable(), d.nativeType());
  }

  private static int length(Described d) {
    return (int) Math.min(Integer.MAX_VALUE, d.length());
  }

  /**
   * The labels of {@code enum('a','it''s')}; information_schema doubles quotes and leaves
   * backslashes alone.
   */
  static List<String> labels(String columnType) {
    List<String> labels = new ArrayList<>();
    int at = columnType.indexOf('(') + 1;
    while (at < columnType.length() && columnType.charAt(at) == '\'') {
      StringBuilder label = new StringBuilder();
      at++;
      while (true) {
        int quote = columnType.indexOf('\'', at);
        if (quote < 0) {
          throw new IllegalArgumentException("A label of " + columnType + " does not end");
        }
        label.append(columnType, at, quote);
        at = quote + 1;
        if (at >= columnType.length() || columnType.charAt(at) != '\'') {
          break;
        }
        label.append('\'');
        at++;
      }
      labels.add(label.toString());
      at++; // The comma or the closing bracket.
    }
    return labels;
  }

  /**
   * How to select the column so that the text protocol gives the canonical form; empty when it does
   * already.
   *
   * @param quoted the column's quoted name
   */
  static Optional<String> selectExpression(Column column, String quoted) {
    String type = column.nativeType().name().toLowerCase(Locale.ROOT);
    return switch (column.type()) {
      case BOOLEAN -> Optional.of("elt(" + quoted + "+1,'f','t')");
      // As a float MySQL prints six digits; times 1e0 (and not plus 0, which loses the sign of -0)
      // it is a double.
      case REAL4 -> Optional.of(quoted + "*1e0");
      case REAL8 -> type.startsWith("double(") ? Optional.of(quoted + "*1e0") : Optional.empty();
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8, NUMERIC ->
          type.contains("zerofill") || column.meaning() == Meaning.YEAR
              ? Optional.of(quoted + "+0")
              : Optional.empty();
      case STRING ->
          column.meaning() == Meaning.BITS
              ? Optional.of("lpad(bin(" + quoted + "+0)," + column.length() + ",'0')")
              : Optional.empty();
      case DATE, TIME, DATETIME, WSTRING, BYTES, BLOB, CLOB, NCLOB -> Optional.empty();
    };
  }
}
