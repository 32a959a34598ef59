package wherry.mysql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import wherry.sandbox.MySqlFamilyServer;

/**
 * All that a server says about its databases, as lines; two servers with the same objects say the
 * same. Written for the tests, with nothing of what carries objects.
 */
public final class CatalogText {
  /** What differs between two servers with the same objects: sizes, places and times. */
  private static final Set<String> VOLATILE =
      Set.of(
          "cardinality",
          "created",
          "last_altered",
          "last_executed",
          "originator",
          "auto_increment",
          "table_rows",
          "avg_row_length",
          "data_length",
          "max_data_length",
          "index_length",
          "data_free",
          "create_time",
          "update_time",
          "check_time",
          "checksum",
          "max_index_length");

  private static final List<String> VIEWS =
      List.of(
          "schemata|schema_name",
          "tables|table_schema",
          "columns|table_schema",
          "statistics|table_schema",
          "table_constraints|constraint_schema",
          "key_column_usage|constraint_schema",
          "referential_constraints|constraint_schema",
          "check_constraints|constraint_schema",
          "partitions|table_schema",
          "views|table_schema",
          "routines|routine_schema",
          "parameters|specific_schema",
          "triggers|trigger_schema",
          "events|event_schema");

  private final List<String> lines = new ArrayList<>();

  private CatalogText() {}

  static List<String> of(MySqlFamilyServer server, String... databases) throws SQLException {
    CatalogText text = new CatalogText();
    String names = "'" + String.join("','", databases) + "'";
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION time_zone='+00:00', sql_mode=''");
      for (String view : VIEWS) {
        String[] parts = view.split("\\|");
        text.add(
            statement,
            parts[0],
            "SELECT * FROM information_schema."
                + parts[0]
                + " WHERE "
                + parts[1]
                + " IN ("
                + names
                + ")");
      }
      for (String[] object : text.objects(statement, names)) {
        text.add(
            statement,
            object[2],
            "SHOW CREATE "
                + object[0]
                + " `"
                + object[1].replace("`", "``")
                + "`.`"
                + object[2].replace("`", "``")
                + "`");
      }
    }
    text.lines.sort(null);
    return text.lines;
  }

  /** What only one of them says, marked with the side. */
  public static List<String> differences(
      MySqlFamilyServer source, MySqlFamilyServer target, String... databases) throws SQLException {
    List<String> here = of(source, databases);
    List<String> there = of(target, databases);
    List<String> differences = new ArrayList<>();
    here.stream()
        .filter(line -> !there.contains(line))
        .forEach(l -> differences.add("source: " + l));
    there.stream()
        .filter(line -> !here.contains(line))
        .forEach(l -> differences.add("target: " + l));
    return differences;
  }

  private List<String[]> objects(Statement statement, String names) throws SQLException {
    List<String[]> objects = new ArrayList<>();
    try (ResultSet row =
        statement.executeQuery(
            "SELECT IF(table_type IN ('VIEW','SEQUENCE'), table_type, 'TABLE'), table_schema, table_name"
                + " FROM information_schema.tables WHERE table_schema IN ("
                + names
                + ") UNION ALL SELECT routine_type, routine_schema, routine_name FROM information_schema.routines"
                + " WHERE routine_schema IN ("
                + names
                + ") UNION ALL SELECT 'TRIGGER', trigger_schema, trigger_name FROM information_schema.triggers"
                + " WHERE trigger_schema IN ("
                + names
                + ") UNION ALL SELECT 'EVENT', event_schema, event_name FROM information_schema.events"
                + " WHERE event_schema IN ("
                + names
                + ")")) {
      while (row.next()) {
        objects.add(new String[] {row.getString(1), row.getString(2), row.getString(3)});
      }
    }
    return objects;
  }

  private void add(Statement statement, String what, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      ResultSetMetaData columns = row.getMetaData();
      while (row.next()) {
        StringBuilder line = new StringBuilder(what);
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          String column = columns.getColumnLabel(i).toLowerCase(Locale.ROOT);
          if (!VOLATILE.contains(column)) {
            line.append(" | ").append(column).append('=').append(row.getString(i));
          }
        }
        // MySQL names the character set of a collation or does not, by how the column came to be.
        lines.add(
            line.toString()
                .replaceAll(" AUTO_INCREMENT=\\d+", "")
                .replaceAll(" CHARACTER SET \\w+(?= COLLATE)", ""));
      }
    }
  }
}
