package wherry.demo;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How values of one kind are read from either engine as text, and when two texts mean the same
 * value. It knows nothing of the migration engine: the servers themselves render their values.
 */
public enum ValueKind {
  TEXT("%s::text", "CAST(%s AS CHAR)"),
  /** Network addresses: the cast to text adds the mask that the value's own output leaves out. */
  ADDRESS("NULLIF(format('%%s', %s), '')", "CAST(%s AS CHAR)"),
  NUMBER("%s::text", "CAST(%s AS CHAR)"),
  MONEY("%s::numeric::text", "CAST(%s AS CHAR)"),
  /** MariaDB renders a float with six digits; as a double it shows all. */
  REAL4("%s::text", "CAST(CAST(%s AS DOUBLE) AS CHAR)"),
  REAL8("%s::text", "CAST(%s AS CHAR)"),
  BOOLEAN("%s::int::text", "CAST(%s + 0 AS CHAR)"),
  BYTES("encode(%s, 'hex')", "LOWER(HEX(%s))"),
  BITS("%s::text", "BIN(%s + 0)"),
  TEMPORAL("%s::text", "CAST(%s AS CHAR)"),
  /** A time of day with an offset, which MariaDB can only hold in UTC. */
  TIME_IN_UTC("(%s AT TIME ZONE 'UTC')::time::text", "CAST(%s AS CHAR)"),
  INTERVAL("%s::text", "CAST(%s AS CHAR)"),
  /**
   * MariaDB's TIME holds durations up to 838 hours, which in PostgreSQL are intervals; in seconds
   * they are alike.
   */
  TIME_SPAN("EXTRACT(EPOCH FROM %s)::text", "CAST(TIME_TO_SEC(%s) AS CHAR)"),
  /**
   * PostGIS's extended form of the well-known binary on one side; reference system and plain form
   * on the other.
   */
  GEOMETRY("encode(%s, 'hex')", "CONCAT(ST_SRID(%1$s), ':', LOWER(HEX(ST_AsWKB(%1$s))))"),
  JSON("%s::text", "CAST(%s AS CHAR)"),
  /** PostgreSQL arrays, which arrive elsewhere as JSON arrays. */
  ARRAY("to_json(%s)::text", "CAST(%s AS CHAR)");

  private static final JsonMapper JSON_READER =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private static final Pattern WITH_REFERENCE_SYSTEM =
      Pattern.compile("01([0-9a-f]{6})20([0-9a-f]{8})(.*)");

  private final String postgres;
  private final String mariaDb;

  ValueKind(String postgres, String mariaDb) {
    this.postgres = postgres;
    this.mariaDb = mariaDb;
  }

  /** The SQL expression that renders a column, given quoted, as text. */
  String expression(Engine engine, String column) {
    return switch (engine) {
      case POSTGRESQL -> postgres.formatted(column);
      case MARIADB -> mariaDb.formatted(column);
    };
  }

  /** One form for all renderings of a value; equal forms mean equal values. */
  String canonical(String text) {
    return switch (this) {
      case TEXT, ADDRESS, BYTES, INTERVAL -> text;
      case NUMBER, MONEY, BOOLEAN, TIME_SPAN ->
          new BigDecimal(text).stripTrailingZeros().toPlainString();
      case REAL4 -> Float.toString(Float.parseFloat(text));
      case REAL8 -> Double.toString(Double.parseDouble(text));
      case BITS -> text.replaceFirst("^0+(?=.)", "");
      case TEMPORAL, TIME_IN_UTC -> temporal(text);
      case GEOMETRY -> geometry(text);
      case JSON, ARRAY -> json(text);
    };
  }

  /**
   * Drops what one engine writes and the other leaves out: the offset of UTC and closing zeros of a
   * fraction.
   */
  private static String temporal(String text) {
    String plain = text.endsWith("+00") ? text.substring(0, text.length() - 3) : text;
    return plain.contains(".") ? plain.replaceFirst("\\.?0+$", "") : plain;
  }

  /** The flag 0x20000000 of the (little-endian) type says that the reference system follows it. */
  private static String geometry(String text) {
    Matcher withSystem = WITH_REFERENCE_SYSTEM.matcher(text);
    if (withSystem.matches()) {
      int system = Integer.reverseBytes(Integer.parseUnsignedInt(withSystem.group(2), 16));
      return system + ":01" + withSystem.group(1) + "00" + withSystem.group(3);
    }
    return text.contains(":") ? text : "0:" + text;
  }

  private static String json(String text) {
    try {
      JsonNode tree = JSON_READER.readTree(text);
      return sorted(tree);
    } catch (JacksonException notJson) {
      return "not JSON: " + text;
    }
  }

  /** JSON objects are unordered: members are written by name; numbers by value. */
  private static String sorted(JsonNode node) {
    StringBuilder written = new StringBuilder();
    if (node.isObject()) {
      node.properties().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(member ->
              written
                  .append('"')
                  .append(member.getKey())
                  .append("\":")
                  .append(sorted(member.getValue())));
      return "{" + written + "}";
    }
    if (node.isArray()) {
      node.forEach(element -> written.append(sorted(element)).append(','));
      return "[" + written + "]";
    }
    if (node.isNumber()) {
      return node.decimalValue().stripTrailingZeros().toPlainString().toLowerCase(Locale.ROOT);
    }
    return node.toString();
  }
}
