package wherry.demo;

import java.util.List;

/**
 * A table that the demonstration fills and compares.
 *
 * @param name its name in both databases
 * @param columns its columns in order
 * @param key the names of its key columns, all of them whole numbers
 */
public record DemoTable(String name, List<DemoColumn> columns, List<String> key) {
  public DemoTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /**
   * A column.
   *
   * @param type the type and constraints in the SQL of the source
   * @param kind how its values are compared
   */
  public record DemoColumn(String name, String type, ValueKind kind) {}

  /** The statement that creates it in a schema (PostgreSQL) or database (MariaDB). */
  public String createStatement(Engine engine, String schema) {
    List<String> definitions =
        columns.stream().map(column -> engine.quoted(column.name()) + " " + column.type()).toList();
    List<String> keyColumns = key.stream().map(engine::quoted).toList();
    return "CREATE TABLE %s.%s (%s, PRIMARY KEY (%s))"
        .formatted(
            engine.quoted(schema),
            engine.quoted(name),
            String.join(", ", definitions),
            String.join(", ", keyColumns));
  }
}
