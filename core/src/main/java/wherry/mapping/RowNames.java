package wherry.mapping;

import java.util.Optional;
import wherry.schema.Column;
import wherry.schema.TableSchema;
import wherry.transform.OutputColumn;

/** What {@code $NAME} means in an expression over the rows of one table. */
final class RowNames {
  private final TableSchema table;
  private final boolean ignoreCase;

  RowNames(TableSchema table, boolean ignoreCase) {
    this.table = table;
    this.ignoreCase = ignoreCase;
  }

  /**
   * A header, metadata, a column, or with {@code BI_} or {@code BI__} before its name a column as
   * it was before the change; a column of that very name comes first.
   */
  Optional<OutputColumn.Variable> variable(String name) {
    Optional<OutputColumn.Variable> column =
        column(name).map(found -> new OutputColumn.ColumnValue(found.name()));
    if (column.isPresent()) {
      return column;
    }
    OutputColumn.Header header = OutputColumn.Header.named(name);
    if (header != null) {
      return Optional.of(header);
    }
    if (MetadataNames.ALL.contains(name)) {
      return Optional.of(
          new OutputColumn.Constant(MetadataNames.value(name, table.id(), null).orElse("")));
    }
    return before(name, "BI__").or(() -> before(name, "BI_"));
  }

  private Optional<OutputColumn.Variable> before(String name, String prefix) {
    return name.startsWith(prefix)
        ? column(name.substring(prefix.length()))
            .map(found -> new OutputColumn.ValueBefore(found.name()))
        : Optional.empty();
  }

  private Optional<Column> column(String name) {
    Optional<Column> exact =
        table.columns().stream().filter(column -> column.name().equals(name)).findFirst();
    return exact.isPresent() || !ignoreCase
        ? exact
        : table.columns().stream().filter(c -> c.name().equalsIgnoreCase(name)).findFirst();
  }

  static boolean same(String one, String other, boolean ignoreCase) {
    return ignoreCase ? one.equalsIgnoreCase(other) : one.equals(other);
  }

  static int index(TableSchema table, String name) {
    for (int i = 0; i < table.columns().size(); i++) {
      if (table.columns().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("Table " + table.id() + " has no column " + name);
  }
}
