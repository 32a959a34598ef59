package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.postgresql.PostgresCatalog.CatalogColumn;
import wherry.postgresql.PostgresCatalog.CatalogTable;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Compares a table as it is wanted with the table as it stands on the target. */
final class TargetTables {
  private TargetTables() {}

  /** The wanted columns in the wanted order, as the target has them. */
  static TableSchema matched(TableSchema wanted, Optional<CatalogTable> standing) {
    if (standing.isEmpty()) {
      throw failed(
          wanted.id(),
          "does not exist on the target; was it dropped? Start the task with reload-target.");
    }
    Map<String, CatalogColumn> byName = new HashMap<>();
    standing.get().columns().forEach(column -> byName.put(column.column().name(), column));
    checkColumns(wanted, byName);
    List<Column> columns =
        wanted.columns().stream()
            .map(column -> Objects.requireNonNull(byName.get(column.name())).column())
            .toList();
    TableSchema found = standing.get().schema();
    return new TableSchema(
        wanted.id(),
        TableSchema.Kind.TABLE,
        columns,
        found.key().flatMap(key -> moved(key, found, wanted)),
        found.indexes().stream().flatMap(index -> moved(index, found, wanted).stream()).toList(),
        found.indexesLeftOut());
  }

  private static void checkColumns(TableSchema wanted, Map<String, CatalogColumn> byName) {
    List<String> problems = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Column column : wanted.columns()) {
      names.add(column.name());
      CatalogColumn found = byName.get(column.name());
      if (found == null) {
        problems.add(
            "column %s is missing%s"
                .formatted(PostgresNames.quote(column.name()), similar(column.name(), byName)));
      } else if (found.generated()) {
        problems.add(
            "column %s is generated and takes no values"
                .formatted(PostgresNames.quote(column.name())));
      }
    }
    for (CatalogColumn column : byName.values()) {
      boolean cannotBeLeftOut =
          !column.column().nullable() && !column.hasDefault() && !column.generated();
      if (cannotBeLeftOut && !names.contains(column.column().name())) {
        problems.add(
            "column %s is NOT NULL without default, and the source has none such"
                .formatted(PostgresNames.quote(column.column().name())));
      }
    }
    if (!problems.isEmpty()) {
      throw failed(
          wanted.id(),
          ("on the target does not fit: %s. Alter the table, add transformation rules, or load with"
                  + " TargetTablePrepMode DROP_AND_CREATE.")
              .formatted(String.join("; ", problems)));
    }
  }

  private static String similar(String name, Map<String, CatalogColumn> byName) {
    return byName.keySet().stream()
        .filter(name::equalsIgnoreCase)
        .findFirst()
        .map(other ->
            " (there is "
                + PostgresNames.quote(other)
                + "; a convert-lowercase or rename rule would match it)")
        .orElse("");
  }

  private static Optional<Key> moved(Key key, TableSchema from, TableSchema to) {
    List<Integer> columns = key.columns().stream().map(column -> place(from, column, to)).toList();
    return columns.contains(-1) ? Optional.empty() : Optional.of(new Key(key.primary(), columns));
  }

  private static Optional<Index> moved(Index index, TableSchema from, TableSchema to) {
    List<Index.Part> parts =
        index.parts().stream()
            .map(part ->
                new Index.Part(
                    place(from, part.column(), to), part.descending(), part.prefixLength()))
            .toList();
    boolean whole = parts.stream().allMatch(part -> part.column() >= 0);
    return whole ? Optional.of(new Index(index.name(), index.unique(), parts)) : Optional.empty();
  }

  private static int place(TableSchema from, int column, TableSchema to) {
    String name = from.columns().get(column).name();
    for (int i = 0; i < to.columns().size(); i++) {
      if (to.columns().get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether the table has a key or unique index that makes this one needless. */
  static boolean hasKey(TableSchema found, Key wanted) {
    boolean same = found.key().filter(key -> key.columns().equals(wanted.columns())).isPresent();
    boolean primary = found.key().filter(Key::primary).isPresent();
    boolean unique =
        found.indexes().stream()
            .anyMatch(index ->
                index.unique()
                    && index.parts().stream()
                        .map(Index.Part::column)
                        .toList()
                        .equals(wanted.columns()));
    return wanted.primary() ? primary : same || unique;
  }

  /** A view of the name cannot be loaded, and must not be dropped. */
  static void checkIsTable(Connection session, PostgresSettings settings, TableId table)
      throws SQLException {
    Optional<CatalogTable> standing = new PostgresCatalog(session, settings).table(table);
    if (standing.filter(found -> found.schema().kind() == TableSchema.Kind.TABLE).isEmpty()) {
      throw failed(
          table,
          "cannot be prepared: something else than a table has that name on the target. Drop it, or"
              + " add a rename transformation rule.");
    }
  }

  /** DROP and TRUNCATE would fail, and CASCADE would reach tables that nobody has named. */
  static void checkNotReferenced(PostgresDdl ddl, TableId table, String done) throws SQLException {
    List<PostgresDdl.ForeignKey> references = ddl.referencesTo(table);
    if (!references.isEmpty()) {
      String names =
          references.stream()
              .map(key -> key.name() + " of " + key.table())
              .collect(Collectors.joining(", "));
      String drops =
          references.stream().map(PostgresDdl.ForeignKey::drop).collect(Collectors.joining(" "));
      throw failed(
          table,
          ("cannot be %s, for foreign keys of other tables point at it: %s. Drop them for the load"
                  + " and create them again after it: %s Or load with TargetTablePrepMode DO_NOTHING.")
              .formatted(done, names, drops));
    }
  }

  private static DmsException failed(TableId table, String what) {
    return new DmsException(
        ErrorCode.TARGET_TABLE_FAILED, table, "Table " + table + " " + what, null);
  }

  /** Asks whether a relation has this name. */
  @FunctionalInterface
  interface Names {
    boolean isTaken(TableId relation) throws SQLException;
  }

  /**
   * An index to create.
   *
   * @param note why it cannot be; empty when it can
   */
  record IndexPlan(TableSchema table, Index index, Optional<String> note) {
    /** The source's name when it is free here, else one that begins with the table's. */
    String statement(Names names) throws SQLException {
      String parts =
          index.parts().stream()
              .map(part ->
                  PostgresNames.quote(table.columns().get(part.column()).name())
                      + (part.descending() ? " DESC" : ""))
              .collect(Collectors.joining(", "));
      String own = PostgresNames.shortened(index.name());
      boolean taken = names.isTaken(new TableId(table.id().schema(), own));
      String name = taken ? PostgresNames.shortened(table.id().name() + "_" + index.name()) : own;
      return "CREATE %sINDEX %s ON %s (%s)"
          .formatted(
              index.unique() ? "UNIQUE " : "",
              PostgresNames.quote(name),
              PostgresNames.quote(table.id()),
              parts);
    }
  }

  /** One sentence for each index of the source that has no equal here. */
  static List<String> indexesLeftOut(TableSchema wanted) {
    return wanted.indexesLeftOut().stream()
        .map(name ->
            "Index %s of %s has no equal here and is not created".formatted(name, wanted.id()))
        .toList();
  }

  static List<IndexPlan> missingIndexes(TableSchema wanted, TableSchema found) {
    List<IndexPlan> plans = new ArrayList<>();
    for (Index index : wanted.indexes()) {
      boolean prefix = index.parts().stream().anyMatch(part -> part.prefixLength() > 0);
      boolean there =
          found.indexes().stream()
              .anyMatch(
                  other -> other.unique() == index.unique() && other.parts().equals(index.parts()));
      if (prefix) {
        String note =
            "Index %s of %s is over a prefix of a column, which has no equal here, and is not created"
                .formatted(index.name(), wanted.id());
        plans.add(new IndexPlan(wanted, index, Optional.of(note)));
      } else if (!there) {
        plans.add(new IndexPlan(wanted, index, Optional.empty()));
      }
    }
    return plans;
  }
}
