package wherry.postgresql;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Reads definitions from pg_catalog in a few queries over sets of relations (PostgreSQL manual, 53
 * "System Catalogs"). Works inside a transaction of the caller, whose search_path it empties so
 * that names of types are always complete.
 */
final class PostgresCatalog {
  private final Connection session;
  private final PostgresTypes types;
  private final int timeoutSeconds;

  PostgresCatalog(Connection session, PostgresSettings settings) {
    this.session = session;
    this.types = new PostgresTypes(settings);
    this.timeoutSeconds = settings.executeTimeoutSeconds();
  }

  /**
   * @param kind pg_class.relkind
   * @param partitionOf oid of the parent; 0 when it is not a partition
   */
  private record Relation(long oid, TableId id, char kind, long partitionOf, boolean hasColumns) {
    TableSchema.Kind tableKind() {
      return kind == 'v' ? TableSchema.Kind.VIEW : TableSchema.Kind.TABLE;
    }
  }

  /** A column as the catalogue has it, and what a writer has to know beside it. */
  record CatalogColumn(Column column, boolean generated, boolean hasDefault) {}

  /** A relation with all that the catalogue says about it. */
  record CatalogTable(TableSchema schema, List<CatalogColumn> columns) {}

  private record CatalogIndex(
      String name,
      boolean primary,
      boolean unique,
      boolean immediate,
      boolean plain,
      List<String> columns,
      List<Boolean> descending) {}

  /**
   * The selected tables and views, sorted by name. A partition is left out when a table above it is
   * selected.
   */
  List<TableSchema> tables(BiPredicate<TableId, TableSchema.Kind> selected) throws SQLException {
    List<Relation> chosen = withoutCoveredPartitions(relations(null, null), selected);
    return describe(chosen).stream()
        .map(CatalogTable::schema)
        .sorted(Comparator.comparing(TableSchema::id))
        .toList();
  }

  /** Selected tables and views of which a row is nothing but a row. */
  List<TableId> tablesWithoutColumns(BiPredicate<TableId, TableSchema.Kind> selected)
      throws SQLException {
    return withoutCoveredPartitions(relations(null, null), selected).stream()
        .filter(relation -> !relation.hasColumns())
        .map(Relation::id)
        .toList();
  }

  /** One table or view by its exact name. */
  Optional<CatalogTable> table(TableId id) throws SQLException {
    return describe(relations(id.schema(), id.name())).stream().findFirst();
  }

  private List<Relation> relations(@Nullable String schema, @Nullable String name)
      throws SQLException {
    List<Relation> all = new ArrayList<>();
    try (Statement setting = session.createStatement();
        PreparedStatement statement = session.prepareStatement(Sql.RELATIONS)) {
      setting.execute("SET LOCAL search_path = ''");
      statement.setQueryTimeout(timeoutSeconds);
      statement.setString(1, schema);
      statement.setString(2, name);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          TableId id = new TableId(rows.getString("nspname"), rows.getString("relname"));
          all.add(
              new Relation(
                  rows.getLong("oid"),
                  id,
                  rows.getString("relkind").charAt(0),
                  rows.getLong("partition_of"),
                  rows.getBoolean("has_columns")));
        }
      }
    }
    return all;
  }

  /** Reading a partitioned table reads its partitions: selecting both must not load a row twice. */
  private static List<Relation> withoutCoveredPartitions(
      List<Relation> all, BiPredicate<TableId, TableSchema.Kind> selected) {
    Map<Long, Long> parents = new HashMap<>();
    Set<Long> chosen = new HashSet<>();
    for (Relation relation : all) {
      parents.put(relation.oid(), relation.partitionOf());
      if (selected.test(relation.id(), relation.tableKind())) {
        chosen.add(relation.oid());
      }
    }
    return all.stream()
        .filter(r -> chosen.contains(r.oid()) && !isCovered(r, parents, chosen))
        .toList();
  }

  private static boolean isCovered(Relation relation, Map<Long, Long> parents, Set<Long> chosen) {
    for (long parent = relation.partitionOf();
        parent != 0;
        parent = parents.getOrDefault(parent, 0L)) {
      if (chosen.contains(parent)) {
        return true;
      }
    }
    return false;
  }

  private List<CatalogTable> describe(Collection<Relation> relations) throws SQLException {
    Array oids = session.createArrayOf("bigint", relations.stream().map(Relation::oid).toArray());
    Map<Long, List<CatalogColumn>> columns = columns(oids);
    Map<Long, List<CatalogIndex>> indexes = indexes(oids);
    List<CatalogTable> tables = new ArrayList<>();
    for (Relation relation : relations) {
      List<CatalogColumn> own = columns.getOrDefault(relation.oid(), List.of());
      if (!own.isEmpty()) { // Else it is told as a table without columns.
        tables.add(
            new CatalogTable(
                schema(relation, own, indexes.getOrDefault(relation.oid(), List.of())), own));
      }
    }
    return tables;
  }

  private Map<Long, List<CatalogColumn>> columns(Array oids) throws SQLException {
    Map<Long, List<CatalogColumn>> byRelation = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.COLUMNS)) {
      statement.setQueryTimeout(timeoutSeconds);
      statement.setArray(1, oids);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          byRelation
              .computeIfAbsent(rows.getLong("relation"), oid -> new ArrayList<>())
              .add(column(rows));
        }
      }
    }
    return byRelation;
  }

  private CatalogColumn column(ResultSet row) throws SQLException {
    return new CatalogColumn(
        column(row, row.getString("attname"), !row.getBoolean("not_null")),
        row.getBoolean("generated"),
        row.getBoolean("has_default"));
  }

  private Column column(ResultSet row, String name, boolean nullable) throws SQLException {
    PostgresTypes.BaseType base =
        new PostgresTypes.BaseType(
            row.getString("base_name"),
            row.getString("base_kind").charAt(0),
            row.getString("base_category").charAt(0),
            row.getBoolean("base_built_in"),
            row.getInt("base_modifier"),
            texts(row.getArray("labels")));
    NativeType nativeType = new NativeType(PostgresTypes.FAMILY, row.getString("native_type"));
    return types.column(name, base, nullable, nativeType);
  }

  /**
   * The columns of a relation as the log describes it, whatever the table has become since; empty
   * when a type is gone.
   */
  Optional<List<Column>> columns(LoggedRelation relation) throws SQLException {
    List<LoggedRelation.Column> wanted = relation.columns();
    List<Column> found = new ArrayList<>();
    try (Statement setting = session.createStatement();
        PreparedStatement statement = session.prepareStatement(Sql.COLUMN_TYPES)) {
      setting.execute("SET LOCAL search_path = ''");
      statement.setArray(
          1,
          session.createArrayOf(
              "bigint", wanted.stream().map(c -> Integer.toUnsignedLong(c.type())).toArray()));
      statement.setArray(
          2,
          session.createArrayOf(
              "int", wanted.stream().map(LoggedRelation.Column::modifier).toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String name = wanted.get(rows.getInt("place") - 1).name();
          found.add(column(rows, name, !rows.getBoolean("not_null")));
        }
      }
    }
    return found.size() == wanted.size() ? Optional.of(found) : Optional.empty();
  }

  private Map<Long, List<CatalogIndex>> indexes(Array oids) throws SQLException {
    Map<Long, List<CatalogIndex>> byRelation = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.INDEXES)) {
      statement.setQueryTimeout(timeoutSeconds);
      statement.setArray(1, oids);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          CatalogIndex index =
              new CatalogIndex(
                  rows.getString("name"),
                  rows.getBoolean("indisprimary"),
                  rows.getBoolean("indisunique"),
                  rows.getBoolean("immediate"),
                  rows.getBoolean("plain"),
                  texts(rows.getArray("columns")),
                  flags(rows.getArray("descending")));
          byRelation.computeIfAbsent(rows.getLong("relation"), oid -> new ArrayList<>()).add(index);
        }
      }
    }
    return byRelation;
  }

  private static TableSchema schema(
      Relation relation, List<CatalogColumn> own, List<CatalogIndex> indexes) {
    List<Column> columns = own.stream().map(CatalogColumn::column).toList();
    Map<String, Integer> place = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      place.put(columns.get(i).name(), i);
    }
    Optional<CatalogIndex> keyIndex = keyIndex(indexes, columns, place);
    List<Index> secondary = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    for (CatalogIndex index : indexes) {
      if (!index.plain()) {
        leftOut.add(index.name());
      } else if (!keyIndex.equals(Optional.of(index))) {
        secondary.add(new Index(index.name(), index.unique(), parts(index, place)));
      }
    }
    Optional<Key> key =
        keyIndex.map(
            index -> new Key(index.primary(), index.columns().stream().map(place::get).toList()));
    return new TableSchema(relation.id(), relation.tableKind(), columns, key, secondary, leftOut);
  }

  private static List<Index.Part> parts(CatalogIndex index, Map<String, Integer> place) {
    List<Index.Part> parts = new ArrayList<>();
    for (int i = 0; i < index.columns().size(); i++) {
      parts.add(
          new Index.Part(
              place.getOrDefault(index.columns().get(i), 0), index.descending().get(i), 0));
    }
    return parts;
  }

  /**
   * The primary key, else the shortest unique index whose columns are all not null and which holds
   * at every moment.
   */
  private static Optional<CatalogIndex> keyIndex(
      List<CatalogIndex> indexes, List<Column> columns, Map<String, Integer> place) {
    Optional<CatalogIndex> primary = indexes.stream().filter(CatalogIndex::primary).findFirst();
    if (primary.isPresent()) {
      return primary;
    }
    return indexes.stream()
        .filter(index -> index.unique() && index.immediate() && index.plain())
        .filter(index ->
            index.columns().stream()
                .allMatch(name ->
                    place.containsKey(name)
                        && !columns.get(place.getOrDefault(name, 0)).nullable()))
        .min(
            Comparator.comparingInt((CatalogIndex index) -> index.columns().size())
                .thenComparing(CatalogIndex::name));
  }

  private static List<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
  }

  private static List<Boolean> flags(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : Arrays.asList((Boolean[]) array.getArray());
  }
}
