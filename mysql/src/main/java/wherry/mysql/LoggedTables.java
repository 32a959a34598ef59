package wherry.mysql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.change.SchemaChange;
import wherry.change.SchemaChange.TableLost;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** The task's tables as they are at the place of the log that is being read. Not thread-safe. */
final class LoggedTables {
  private final Map<TableId, TableSchema> tables = new HashMap<>();
  private final boolean ignoresCase;
  private final LoggedCells types;

  LoggedTables(List<TableSchema> tables, boolean ignoresCase, LoggedCells types) {
    this.ignoresCase = ignoresCase;
    this.types = types;
    tables.stream()
        .filter(table -> table.kind() == TableSchema.Kind.TABLE)
        .forEach(table -> this.tables.put(key(table.id()), table));
  }

  private TableId key(TableId id) {
    return ignoresCase
        ? new TableId(id.schema().toLowerCase(Locale.ROOT), id.name().toLowerCase(Locale.ROOT))
        : id;
  }

  /**
   * @param decoder null when the rows are not the task's, or cannot be understood
   */
  record Decoding(@Nullable RowDecoder decoder, Optional<SchemaChange> lost) {}

  /** What the rows behind a TABLE_MAP are decoded with. */
  Decoding decoding(TableMap map, BinlogPosition at) {
    TableSchema table = tables.get(key(map.table()));
    if (table == null) {
      return new Decoding(null, Optional.empty());
    }
    RowDecoder.Found found = RowDecoder.of(map, table, types);
    if (found.decoder() != null) {
      return new Decoding(found.decoder(), Optional.empty());
    }
    tables.remove(key(map.table()));
    String reason =
        "At "
            + at.text()
            + " the binary log's rows of "
            + table.id()
            + " do not fit the table's definition: "
            + found.reason()
            + ". The table was changed in between. Reload the table.";
    return new Decoding(null, Optional.of(new TableLost(table.id(), "", reason)));
  }

  /** What a statement does to the task's tables. */
  List<SchemaChange> statement(QueryEvent query) {
    List<SchemaChange> changes = new ArrayList<>();
    return changes;
  }
}
