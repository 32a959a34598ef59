package wherry.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import wherry.connector.Target;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Reads table definitions, a fixed number of queries for any number of tables. */
final class MySqlCatalog {
  private static final Set<String> SYSTEM =
      Set.of("information_schema", "mysql", "performance_schema", "sys", "ndbinfo");

  private final MySqlSession session;

  MySqlCatalog(MySqlSession session) {
    this.session = session;
  }

  /** A table with what its target side has to know beyond the schema. */
  record Definition(TableSchema schema, List<MySqlColumns.Described> described) {}

  List<String> schemas() throws SQLException {
    return session
        .query("SELECT schema_name FROM information_schema.schemata", row -> row.getString(1))
        .stream()
        .filter(name -> !isSystem(name))
        .sorted()
        .toList();
  }

  static boolean isSystem(String database) {
    return SYSTEM.contains(database.toLowerCase(Locale.ROOT));
  }

  boolean hasSchema(String name) throws SQLException {
    return session
        .queryOne("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", row -> 1, name)
        .isPresent();
  }

  List<TableSchema> tables(BiPredicate<TableId, TableSchema.Kind> selected) throws SQLException {
    Map<TableId, TableSchema.Kind> kinds = new TreeMap<>();
    session.query(
        resource("tables"),
        row -> {
          TableId id = new TableId(row.getString(1), row.getString(2));
          TableSchema.Kind kind =
              row.getString(3).equals("VIEW") ? TableSchema.Kind.VIEW : TableSchema.Kind.TABLE;
          if (!Target.CONTROL_TABLES.contains(id.name().toLowerCase(Locale.ROOT))
              && selected.test(id, kind)) {
            kinds.put(id, kind);
          }
          return id;
        });
    return definitions(kinds).stream().map(Definition::schema).toList();
  }

  /** The tables whose engine has no transactions, and the engine. */
  Map<TableId, String> enginesWithoutTransactions() throws SQLException {
    Map<TableId, String> engines = new TreeMap<>();
    session.query(
        resource("engines"),
        row ->
            engines.put(new TableId(row.getString(1), row.getString(2)), row.getString(3)) == null);
    return engines;
  }

  /**
   * The table as it stands; a view is found too. The name is compared as the server compares names.
   */
  Optional<Definition> table(TableId id) throws SQLException {
    Map<TableId, TableSchema.Kind> kinds = new TreeMap<>();
    session.query(
        "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        row -> {
          TableSchema.Kind kind =
              row.getString(3).contains("VIEW") ? TableSchema.Kind.VIEW : TableSchema.Kind.TABLE;
          kinds.put(new TableId(row.getString(1), row.getString(2)), kind);
          return kind;
        },
        id.schema(),
        id.name());
    return definitions(kinds).stream().findFirst();
  }

  private List<Definition> definitions(Map<TableId, TableSchema.Kind> kinds) throws SQLException {
    if (kinds.isEmpty()) {
      return List.of();
    }
    Set<String> schemas = new TreeSet<>();
    kinds.keySet().forEach(id -> schemas.add(id.schema()));
    Set<String> checked = checkedJson(schemas);
    Map<TableId, List<MySqlColumns.Described>> columns = new HashMap<>();
    query("columns", schemas, row -> described(row, checked, columns, kinds));
    Map<TableId, Map<String, List<KeyPart>>> keys = new HashMap<>();
    query("keys", schemas, row -> keyPart(row, keys, kinds));
    List<Definition> definitions = new ArrayList<>();
    kinds.forEach((id, kind) -> {
      List<MySqlColumns.Described> described = columns.getOrDefault(id, List.of());
      if (kind == TableSchema.Kind.TABLE && described.isEmpty()) {
        return; // Gone since its name was read: each table has a column.
      }
      definitions.add(
          new Definition(schema(id, kind, described, keys.getOrDefault(id, Map.of())), described));
    });
    return definitions;
  }

  /**
   * {@code schema.table.column} of MariaDB's json columns; the clause is {@code
   * json_valid(`column`)}.
   */
  private Set<String> checkedJson(Set<String> schemas) throws SQLException {
    Set<String> checked = new HashSet<>();
    if (session.server().mariaDb() && session.server().atLeast(10, 3)) {
      query(
          "json-checks",
          schemas,
          row -> {
            String clause = row.getString(3);
            int start = clause.indexOf('`');
            int end = clause.lastIndexOf('`');
            if (start >= 0 && end > start && clause.endsWith("`)")) {
              String column = clause.substring(start + 1, end).replace("``", "`");
              checked.add(row.getString(1) + "." + row.getString(2) + "." + column);
            }
            return 1;
          });
    }
    return checked;
  }

  private static int described(
      ResultSet row,
      Set<String> checked,
      Map<TableId, List<MySqlColumns.Described>> columns,
      Map<TableId, TableSchema.Kind> kinds)
      throws SQLException {
    TableId id = new TableId(row.getString(1), row.getString(2));
    if (kinds.containsKey(id)) {
      String name = row.getString(3);
      boolean nullable = row.getString(12).equals("YES");
      String extra = String.valueOf(row.getString(13)).toLowerCase(Locale.ROOT);
      boolean generated = extra.contains("generated") && !extra.contains("default_generated");
      boolean needed =
          !nullable && row.getString(14) == null && !extra.contains("auto_increment") && !generated;
      columns
          .computeIfAbsent(id, key -> new ArrayList<>())
          .add(
              new MySqlColumns.Described(
                  name,
                  row.getString(4),
                  row.getString(5),
                  row.getLong(6),
                  row.getInt(7),
                  row.getInt(8),
                  row.getInt(9),
                  orEmpty(row.getString(10)),
                  orEmpty(row.getString(11)),
                  nullable,
                  checked.contains(id + "." + name),
                  generated,
                  needed));
    }
    return 1;
  }

  /** One column of an index; the column is null in an index over an expression. */
  private record KeyPart(
      @Nullable String column, boolean unique, boolean descending, int prefix, String kind) {}

  private static int keyPart(
      ResultSet row,
      Map<TableId, Map<String, List<KeyPart>>> keys,
      Map<TableId, TableSchema.Kind> kinds)
      throws SQLException {
    TableId id = new TableId(row.getString(1), row.getString(2));
    if (kinds.containsKey(id)) {
      boolean descending = "D".equals(row.getString(6));
      keys.computeIfAbsent(id, key -> new LinkedHashMap<>())
          .computeIfAbsent(row.getString(3), key -> new ArrayList<>())
          .add(
              new KeyPart(
                  row.getString(5),
                  !row.getBoolean(4),
                  descending,
                  row.getInt(7),
                  row.getString(8)));
    }
    return 1;
  }

  private static TableSchema schema(
      TableId id,
      TableSchema.Kind kind,
      List<MySqlColumns.Described> described,
      Map<String, List<KeyPart>> keys) {
    List<Column> columns = described.stream().map(MySqlColumns::column).toList();
    Map<String, Integer> places = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < columns.size(); i++) {
      places.put(columns.get(i).name(), i);
    }
    List<Index> indexes = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    Optional<Key> primary = Optional.empty();
    for (Map.Entry<String, List<KeyPart>> entry : keys.entrySet()) {
      List<KeyPart> parts = entry.getValue();
      boolean plain =
          parts.stream()
                  .allMatch(part -> part.column() != null && places.containsKey(part.column()))
              && (parts.get(0).kind().equals("BTREE") || parts.get(0).kind().equals("HASH"));
      if (!plain) {
        leftOut.add(entry.getKey());
        continue;
      }
      Index index = index(entry.getKey(), parts, places);
      if (entry.getKey().equals("PRIMARY")) {
        primary =
            Optional.of(new Key(true, index.parts().stream().map(Index.Part::column).toList()));
      } else {
        indexes.add(index);
      }
    }
    Optional<Key> key = primary.or(() -> uniqueKey(indexes, columns));
    return new TableSchema(id, kind, columns, key, indexes, leftOut);
  }

  private static Index index(String name, List<KeyPart> parts, Map<String, Integer> places) {
    List<Index.Part> indexParts = new ArrayList<>();
    for (KeyPart part : parts) {
      Integer place = part.column() == null ? null : places.get(part.column());
      if (place != null) {
        indexParts.add(new Index.Part(place, part.descending(), part.prefix()));
      }
    }
    return new Index(name, parts.get(0).unique(), indexParts);
  }

  /**
   * Without a primary key: the unique index with the fewest columns, none of them nullable or cut
   * to a prefix.
   */
  private static Optional<Key> uniqueKey(List<Index> indexes, List<Column> columns) {
    return indexes.stream()
        .filter(Index::unique)
        .filter(i ->
            i.parts().stream()
                .allMatch(p -> p.prefixLength() == 0 && !columns.get(p.column()).nullable()))
        .min(Comparator.comparingInt((Index i) -> i.parts().size()).thenComparing(Index::name))
        .map(i -> new Key(false, i.parts().stream().map(Index.Part::column).toList()));
  }

  private <T> void query(
      String resource, Collection<String> schemas, MySqlSession.RowMapper<T> mapper)
      throws SQLException {
    String places = String.join(", ", schemas.stream().map(schema -> "?").toList());
    session.query(resource(resource).replace(":schemas", places), mapper, schemas.toArray());
  }

  static String resource(String name) {
    try (InputStream in = MySqlCatalog.class.getResourceAsStream(name + ".sql")) {
      if (in == null) {
        throw new IllegalStateException("The resource " + name + ".sql is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("The resource " + name + ".sql cannot be read", e);
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
