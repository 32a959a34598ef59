package wherry.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A table as the catalogue has it now.
 *
 * @param columns in their order
 */
record StormTable(String schema, String name, List<Column> columns) {
  private static final String GENERATED_POSTGRES = "c.is_generated = 'ALWAYS'";
  private static final String GENERATED_MYSQL = "coalesce(c.generation_expression, '') <> ''";

  /** PostgreSQL's partitions are tables, too, and of no interest by themselves. */
  private static final String NO_PARTITION =
      " AND NOT (SELECT p.relispartition FROM pg_catalog.pg_class p WHERE p.oid ="
          + " format('%I.%I', c.table_schema, c.table_name)::regclass)";

  private static final String COLUMNS =
      """
      SELECT c.table_name, c.column_name, c.data_type, %s,
             EXISTS (SELECT 1 FROM information_schema.key_column_usage k
                       JOIN information_schema.table_constraints t
                         ON t.constraint_schema = k.constraint_schema AND t.constraint_name = k.constraint_name
                        AND t.table_name = k.table_name AND t.constraint_type = 'PRIMARY KEY'
                      WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name
                        AND k.column_name = c.column_name)
        FROM information_schema.columns c
        JOIN information_schema.tables b ON b.table_schema = c.table_schema AND b.table_name = c.table_name
       WHERE c.table_schema = ? AND b.table_type = 'BASE TABLE'%s
       ORDER BY c.table_name, c.ordinal_position\
      """;

  /**
   * A column.
   *
   * @param type the catalogue's word for it, such as {@code integer} or {@code decimal}
   */
  record Column(String name, String type, boolean generated, boolean key) {
    boolean isNumber() {
      return switch (type) {
        case "int", "integer", "bigint", "smallint", "decimal", "numeric" -> true;
        default -> false;
      };
    }

    boolean isDecimal() {
      return type.equals("decimal") || type.equals("numeric");
    }
  }

  /** The tables of a schema, by name. */
  static Map<String, StormTable> of(Connection connection, Dialect dialect, String schema)
      throws SQLException {
    Map<String, StormTable> tables = new LinkedHashMap<>();
    String generated = dialect == Dialect.POSTGRES ? GENERATED_POSTGRES : GENERATED_MYSQL;
    String whole = dialect == Dialect.POSTGRES ? NO_PARTITION : "";
    try (PreparedStatement statement =
        connection.prepareStatement(COLUMNS.formatted(generated, whole))) {
      statement.setString(1, schema);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tables
              .computeIfAbsent(
                  rows.getString(1), name -> new StormTable(schema, name, new ArrayList<>()))
              .columns
              .add(
                  new Column(
                      rows.getString(2),
                      rows.getString(3).toLowerCase(Locale.ROOT),
                      rows.getBoolean(4),
                      rows.getBoolean(5)));
        }
      }
    }
    return tables;
  }

  /** As statements name it. */
  String sqlName() {
    return schema + "." + name;
  }

  boolean isKeyed() {
    return columns.stream().anyMatch(Column::key);
  }

  /** What rows can be given values for. */
  List<Column> written() {
    return columns.stream().filter(column -> !column.generated()).toList();
  }
}
