package wherry.postgresql;

import java.util.List;
import java.util.Set;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.NativeType;

/**
 * The one table of types, both ways: what a PostgreSQL column is to the hub, and what a hub column
 * becomes here ("Source data types for PostgreSQL" and "Target data types for PostgreSQL" in the
 * AWS DMS user guide, where they lose nothing).
 */
final class PostgresTypes {
  static final String FAMILY = "postgresql";

  private static final int VARCHAR_CHARACTERS_MAX = 10_485_760;
  private static final int NUMERIC_DIGITS_MAX = 1000;
  private static final int LONG_VARCHAR_CHARACTERS = 16_387;
  private static final int FRACTION_DIGITS = 6;

  /** Types of pg_catalog whose literals stay below 255 characters. */
  private static final Set<String> SHORT_LITERALS =
      Set.of(
          "point",
          "line",
          "lseg",
          "box",
          "circle",
          "int4range",
          "int8range",
          "daterange",
          "tsrange",
          "tstzrange",
          "regclass",
          "regproc",
          "regprocedure",
          "regoper",
          "regoperator",
          "regtype",
          "regrole",
          "regnamespace",
          "regconfig",
          "regdictionary",
          "regcollation",
          "pg_lsn",
          "xid",
          "xid8",
          "cid",
          "tid",
          "name");

  private final PostgresSettings settings;

  PostgresTypes(PostgresSettings settings) {
    this.settings = settings;
  }

  /**
   * A type below all domains.
   *
   * @param name pg_type.typname
   * @param kind pg_type.typtype: b base, c composite, e enum, r range, m multirange
   * @param category pg_type.typcategory; A is an array
   * @param builtIn whether it is of pg_catalog
   * @param modifier pg_attribute.atttypmod; -1 for none
   * @param labels of an enum
   */
  record BaseType(
      String name, char kind, char category, boolean builtIn, int modifier, List<String> labels) {}

  /** What the hub sees of a type. */
  private record Hub(DataType type, Meaning meaning, int length, int precision, int scale) {
    static Hub of(DataType type) {
      return new Hub(type, Meaning.PLAIN, 0, 0, 0);
    }

    static Hub of(DataType type, Meaning meaning, int length) {
      return new Hub(type, meaning, length, 0, 0);
    }
  }

  /** A column of the catalogue as the hub sees it. */
  Column column(String name, BaseType base, boolean nullable, NativeType nativeType) {
    Hub hub = hub(base);
    return new Column(
        name,
        hub.type(),
        hub.meaning(),
        hub.length(),
        hub.precision(),
        hub.scale(),
        base.labels(),
        nullable,
        nativeType);
  }

  private Hub hub(BaseType base) {
    if (base.kind() == 'e') {
      int longest = base.labels().stream().mapToInt(String::length).max().orElse(1);
      return Hub.of(DataType.STRING, Meaning.ENUM, longest);
    }
    if (base.category() == 'A') {
      return Hub.of(DataType.NCLOB, Meaning.ARRAY, 0);
    }
    if (base.builtIn()) {
      return builtIn(base);
    }
    return switch (base.name()) {
      case "citext" -> Hub.of(DataType.NCLOB);
      case "hstore" -> Hub.of(DataType.NCLOB, Meaning.HSTORE, 0);
      default -> Hub.of(DataType.NCLOB, Meaning.LITERAL, 0);
    };
  }

  private Hub builtIn(BaseType base) {
    int modifier = base.modifier();
    int length = Math.max(0, modifier - 4);
    return switch (base.name()) {
      case "bool" -> Hub.of(DataType.BOOLEAN);
      case "int2" -> Hub.of(DataType.INT2);
      case "int4" -> Hub.of(DataType.INT4);
      case "int8" -> Hub.of(DataType.INT8);
      case "oid" -> Hub.of(DataType.UINT4);
      case "float4" -> Hub.of(DataType.REAL4);
      case "float8" -> Hub.of(DataType.REAL8);
      case "numeric" -> numeric(modifier);
      case "money" -> new Hub(DataType.NUMERIC, Meaning.MONEY, 0, 19, 2);
      case "bpchar" ->
          modifier < 0
              ? Hub.of(DataType.WSTRING)
              : Hub.of(DataType.WSTRING, Meaning.FIXED_CHAR, length);
      case "varchar" -> varchar(length);
      case "char" -> Hub.of(DataType.WSTRING, Meaning.PLAIN, 1);
      case "text" -> Hub.of(DataType.NCLOB);
      case "bytea" -> Hub.of(DataType.BLOB);
      case "date" -> Hub.of(DataType.DATE);
      case "time", "timetz" ->
          new Hub(DataType.TIME, Meaning.PLAIN, 0, 0, fractionDigits(modifier));
      case "timestamp" -> new Hub(DataType.DATETIME, Meaning.PLAIN, 0, 0, fractionDigits(modifier));
      case "timestamptz" ->
          new Hub(DataType.DATETIME, Meaning.INSTANT, 0, 0, fractionDigits(modifier));
      case "interval" -> Hub.of(DataType.STRING, Meaning.INTERVAL, 128);
      case "uuid" -> Hub.of(DataType.STRING, Meaning.UUID, 36);
      case "bit" -> Hub.of(DataType.STRING, Meaning.BITS, Math.max(1, modifier));
      case "varbit" -> Hub.of(DataType.STRING, Meaning.VARBITS, Math.max(0, modifier));
      case "json" -> Hub.of(DataType.NCLOB, Meaning.JSON, 0);
      case "jsonb" ->
          Hub.of(settings.jsonbAsClob() ? DataType.CLOB : DataType.NCLOB, Meaning.JSONB, 0);
      case "xml" -> Hub.of(DataType.CLOB);
      case "inet", "cidr" -> Hub.of(DataType.STRING, Meaning.LITERAL, 50);
      case "macaddr" -> Hub.of(DataType.STRING, Meaning.LITERAL, 18);
      case "macaddr8" -> Hub.of(DataType.STRING, Meaning.LITERAL, 23);
      case "tsvector", "tsquery", "path", "polygon" -> Hub.of(DataType.CLOB, Meaning.LITERAL, 0);
      default ->
          SHORT_LITERALS.contains(base.name())
              ? Hub.of(DataType.STRING, Meaning.LITERAL, 255)
              : Hub.of(DataType.NCLOB, Meaning.LITERAL, 0);
    };
  }

  /**
   * numeric_in packs precision and scale as ((p << 16) | (s & 0x7ff)) + 4; a scale may be negative
   * from 15 on.
   */
  private Hub numeric(int modifier) {
    if (modifier < 4) {
      return settings.unboundedNumericAsString()
          ? Hub.of(DataType.STRING)
          : Hub.of(DataType.NUMERIC);
    }
    int packed = modifier - 4;
    int scale = ((packed & 0x7ff) ^ 1024) - 1024;
    return new Hub(DataType.NUMERIC, Meaning.PLAIN, 0, packed >>> 16 & 0xffff, scale);
  }

  private Hub varchar(int length) {
    if (length <= LONG_VARCHAR_CHARACTERS) {
      return Hub.of(DataType.WSTRING, Meaning.PLAIN, length);
    }
    return switch (settings.longVarcharAs()) {
      case WSTRING -> Hub.of(DataType.WSTRING, Meaning.PLAIN, length);
      case CLOB -> Hub.of(DataType.CLOB, Meaning.PLAIN, length);
      case NCLOB -> Hub.of(DataType.NCLOB, Meaning.PLAIN, length);
    };
  }

  private static int fractionDigits(int modifier) {
    return modifier < 0 ? FRACTION_DIGITS : modifier;
  }

  /** The type that holds every value of the column, when its own type does not exist here. */
  static String equivalent(Column column) {
    return switch (column.type()) {
      case BOOLEAN -> "boolean";
      case INT1, INT2, UINT1 -> "smallint";
      case INT4, UINT2 -> "integer";
      case INT8, UINT4 -> "bigint";
      case UINT8 -> "numeric(20,0)";
      case NUMERIC -> numeric(column);
      case REAL4 -> "real";
      case REAL8 -> "double precision";
      case DATE -> "date";
      case TIME ->
          column.scale() > FRACTION_DIGITS
              ? "character varying(37)"
              : "time(" + column.scale() + ")";
      case DATETIME -> dateTime(column);
      case BYTES, BLOB -> "bytea";
      case STRING, WSTRING, CLOB, NCLOB -> text(column);
    };
  }

  private static String numeric(Column column) {
    if (column.meaning() == Meaning.MONEY) {
      return "numeric(19,2)";
    }
    boolean fits =
        column.precision() > 0 && column.precision() <= NUMERIC_DIGITS_MAX && column.scale() >= 0;
    return fits ? "numeric(" + column.precision() + "," + column.scale() + ")" : "numeric";
  }

  private static String dateTime(Column column) {
    if (column.scale() > FRACTION_DIGITS) {
      return "character varying(37)";
    }
    String zone = column.meaning() == Meaning.INSTANT ? " with time zone" : "";
    return "timestamp(" + column.scale() + ")" + zone;
  }

  private static String text(Column column) {
    return switch (column.meaning()) {
      case UUID -> "uuid";
      case JSON -> "json";
      case JSONB -> "jsonb";
      case BITS -> "bit(" + Math.max(1, column.length()) + ")";
      case VARBITS -> column.length() > 0 ? "bit varying(" + column.length() + ")" : "bit varying";
      case TIME_SPAN, INTERVAL -> "interval";
      case ENUM, SET, ARRAY, HSTORE -> "text";
      case FIXED_CHAR -> sized("character", column);
      case PLAIN, INSTANT, YEAR, MONEY, LITERAL, GEOMETRY ->
          column.type().isLob() ? "text" : sized("character varying", column);
    };
  }

  private static String sized(String type, Column column) {
    boolean fits = column.length() > 0 && column.length() <= VARCHAR_CHARACTERS_MAX;
    return fits ? type + "(" + column.length() + ")" : "text";
  }
}
