package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The statements that create what a table needs, and their execution in the caller's transaction. A
 * column of a PostgreSQL source keeps its type verbatim while the type exists here; a missing enum
 * is created, any other missing type gives way to one that holds its text. NOT NULL is kept for all
 * columns, large ones too: rows arrive whole.
 */
final class PostgresDdl {
  private static final Logger log = LoggerFactory.getLogger(PostgresDdl.class);

  private final Connection session;

  PostgresDdl(Connection session) {
    this.session = session;
  }

  static boolean schemaExists(Connection session, String schema) throws SQLException {
    return exists(session, "SELECT FROM pg_catalog.pg_namespace WHERE nspname = ?", schema);
  }

  /** Whether anything has the name: table, view, sequence, index. */
  static boolean relationExists(Connection session, TableId table) throws SQLException {
    String query =
        "SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE n.nspname = ? AND c.relname = ?";
    return exists(session, query, table.schema(), table.name());
  }

  /** Whether a relation has the name that is no index of the table, which is about to go. */
  static boolean existsBesideIndexesOf(Connection session, TableId table, TableId relation)
      throws SQLException {
    String query =
        """
        SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ? AND c.relname = ?
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
                            WHERE i.indexrelid = c.oid AND t.relnamespace = n.oid AND t.relname = ?)
        """;
    return exists(session, query, relation.schema(), relation.name(), table.name());
  }

  private static boolean exists(Connection session, String query, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  List<String> createSchema(String schema) throws SQLException {
    return schemaExists(session, schema)
        ? List.of()
        : List.of("CREATE SCHEMA IF NOT EXISTS " + PostgresNames.quote(schema));
  }

  /**
   * The statements that create a table, after its schema and the types that are missing here.
   *
   * @param types of its columns, in order; filled
   */
  List<String> createTable(TableSchema wanted, boolean deferKey, List<String> types)
      throws SQLException {
    List<String> statements = new ArrayList<>(createSchema(wanted.id().schema()));
    List<String> parts = new ArrayList<>();
    Map<String, Boolean> known = knownTypes(wanted.columns());
    for (Column column : wanted.columns()) {
      String type = type(wanted.id(), column, known, statements);
      types.add(type);
      parts.add(
          PostgresNames.quote(column.name()) + " " + type + (column.nullable() ? "" : " NOT NULL"));
    }
    if (!deferKey) {
      wanted.key().ifPresent(key -> parts.add(constraint(wanted, key)));
    }
    statements.add(
        "CREATE TABLE %s (%s)"
            .formatted(PostgresNames.quote(wanted.id()), String.join(", ", parts)));
    return statements;
  }

  /** Without a name of its own: the server makes one that is free and short enough. */
  static String createKey(TableSchema wanted, Key key) {
    return "ALTER TABLE %s ADD %s"
        .formatted(PostgresNames.quote(wanted.id()), constraint(wanted, key));
  }

  private static String constraint(TableSchema table, Key key) {
    String columns =
        key.columns().stream()
            .map(column -> PostgresNames.quote(table.columns().get(column).name()))
            .collect(Collectors.joining(", "));
    return (key.primary() ? "PRIMARY KEY (" : "UNIQUE (") + columns + ")";
  }

  /** The type that the column gets here; an enum that is missing is created. */
  String type(TableId table, Column column) throws SQLException {
    List<String> missing = new ArrayList<>();
    String type = type(table, column, knownTypes(List.of(column)), missing);
    execute(missing);
    return type;
  }

  private String type(
      TableId table, Column column, Map<String, Boolean> known, List<String> statements)
      throws SQLException {
    if (!column.nativeType().family().equals(PostgresTypes.FAMILY)) {
      return PostgresTypes.equivalent(column);
    }
    String type = column.nativeType().name();
    if (known.getOrDefault(type, false)) {
      return type;
    }
    if (column.meaning() == Meaning.ENUM) {
      statements.addAll(createEnum(column));
      known.put(type, true);
      return type;
    }
    String instead = PostgresTypes.equivalent(column);
    log.warn(
        "Column {} of target table {} becomes {}: its type {} does not exist here",
        column.name(),
        table,
        instead,
        type);
    return instead;
  }

  /** Which types this database knows by these names, all in one question. */
  private Map<String, Boolean> knownTypes(List<Column> columns) throws SQLException {
    Map<String, Boolean> known = new HashMap<>();
    Object[] names =
        columns.stream()
            .filter(column -> column.nativeType().family().equals(PostgresTypes.FAMILY))
            .map(column -> column.nativeType().name())
            .distinct()
            .toArray();
    String query =
        "SELECT name, pg_catalog.to_regtype(name) IS NOT NULL FROM pg_catalog.unnest(?::text[]) AS"
            + " t (name)";
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setArray(1, session.createArrayOf("text", names));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          known.put(rows.getString(1), rows.getBoolean(2));
        }
      }
    }
    return known;
  }

  /** format_type has quoted the name as SQL wants it. */
  private List<String> createEnum(Column column) throws SQLException {
    String type = column.nativeType().name();
    Optional<String> schema = schemaOf(type);
    List<String> statements = new ArrayList<>();
    if (schema.isPresent()) {
      statements.addAll(createSchema(schema.get()));
    }
    String labels =
        column.labels().stream().map(PostgresNames::literal).collect(Collectors.joining(", "));
    statements.add("CREATE TYPE %s AS ENUM (%s)".formatted(type, labels));
    return statements;
  }

  /** The schema in {@code schema.type}, where either may be quoted; empty without one. */
  static Optional<String> schemaOf(String type) {
    if (!type.startsWith("\"")) {
      int point = type.indexOf('.');
      return point < 0 ? Optional.empty() : Optional.of(type.substring(0, point));
    }
    int end = 1;
    while (end < type.length() && (type.charAt(end) != '"' || type.startsWith("\"\"", end))) {
      end += type.charAt(end) == '"' ? 2 : 1;
    }
    boolean qualified = type.startsWith("\".", end);
    return qualified ? Optional.of(type.substring(1, end).replace("\"\"", "\"")) : Optional.empty();
  }

  /** Foreign keys of other tables that point at this one, as {@code schema.table: name}. */
  List<ForeignKey> referencesTo(TableId table) throws SQLException {
    String query =
        """
        SELECT n.nspname, c.relname, k.conname
          FROM pg_catalog.pg_constraint k
          JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_catalog.pg_class own ON own.oid = k.confrelid
          JOIN pg_catalog.pg_namespace own_schema ON own_schema.oid = own.relnamespace
         WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND own_schema.nspname = ? AND own.relname = ?
         ORDER BY 1, 2, 3
        """;
    List<ForeignKey> references = new ArrayList<>();
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          references.add(
              new ForeignKey(new TableId(rows.getString(1), rows.getString(2)), rows.getString(3)));
        }
      }
    }
    return references;
  }

  /**
   * @param table that has the constraint
   */
  record ForeignKey(TableId table, String name) {
    String drop() {
      return "ALTER TABLE %s DROP CONSTRAINT %s;"
          .formatted(PostgresNames.quote(table), PostgresNames.quote(name));
    }
  }

  void execute(List<String> statements) throws SQLException {
    for (String statement : statements) {
      execute(statement);
    }
  }

  void execute(String statement) throws SQLException {
    try (Statement once = session.createStatement()) {
      once.execute(statement);
    }
  }
}
