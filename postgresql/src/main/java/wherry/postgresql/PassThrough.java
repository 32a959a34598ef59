package wherry.postgresql;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.row.RowFormat;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * The COPY streams that one PostgreSQL may hand to another unopened. Both ends compute the names
 * from the native types in column order, so equal names mean equal types.
 */
final class PassThrough {
  private static final String BINARY = "pg-copy-binary/";
  private static final String TEXT = "pg-copy-text/";

  /**
   * Built-in types whose send and receive functions have spoken the same form since PostgreSQL 10
   * and hold no oid but those of built-in types. xml is not among them: its binary form carries an
   * encoding of its own.
   */
  private static final Set<String> TRUSTED =
      Set.of(
          "boolean",
          "\"char\"",
          "smallint",
          "integer",
          "bigint",
          "real",
          "double precision",
          "numeric",
          "money",
          "text",
          "character varying",
          "character",
          "bpchar",
          "bytea",
          "date",
          "time without time zone",
          "time with time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "interval",
          "uuid",
          "json",
          "jsonb",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "bit",
          "bit varying",
          "point",
          "line",
          "lseg",
          "box",
          "path",
          "polygon",
          "circle",
          "int4range",
          "int8range",
          "numrange",
          "daterange",
          "tsrange",
          "tstzrange");

  private PassThrough() {}

  /** Best first; without {@link RowFormat#CELLS}. */
  static List<RowFormat> formats(TableSchema table) {
    List<RowFormat> formats = new ArrayList<>();
    if (table.columns().stream()
        .allMatch(column -> column.nativeType().family().equals(PostgresTypes.FAMILY))) {
      String types =
          table.columns().stream()
              .map(column -> column.nativeType().name())
              .collect(Collectors.joining(","));
      if (table.columns().stream().allMatch(PassThrough::isTrusted)) {
        formats.add(new RowFormat(BINARY + types));
      }
      formats.add(new RowFormat(TEXT + types));
    }
    return formats;
  }

  static boolean isBinary(RowFormat format) {
    return format.name().startsWith(BINARY);
  }

  /** The type without array brackets and without what stands in parentheses. */
  private static boolean isTrusted(Column column) {
    String name = column.nativeType().name();
    String element = name.endsWith("[]") ? name.substring(0, name.length() - 2) : name;
    int open = element.indexOf('(');
    if (open >= 0) {
      int close = element.indexOf(')', open);
      element = close < 0 ? element : element.substring(0, open) + element.substring(close + 1);
    }
    return TRUSTED.contains(element) || element.startsWith("interval ");
  }
}
