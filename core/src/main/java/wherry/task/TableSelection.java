package wherry.task;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * What the selection rules of a task find in its source.
 *
 * @param tables mapped, in load order
 * @param found as the source has them
 * @param missing tables that a rule names and the source lacks, and such as have nothing to move
 */
record TableSelection(
    List<MappedTable> tables, List<TableSchema> found, List<TableStatistics> missing) {
  private static final String WITHOUT_COLUMNS =
      " has no columns, so nothing of it is migrated, not even how many rows it has. Exclude it, or give it a column.";

  TableSelection {
    found = List.copyOf(found);
    tables = List.copyOf(tables);
    missing = List.copyOf(missing);
  }

  /**
   * Asks the source, and tells in the task log which rules lose and which columns are left out.
   *
   * @throws DmsException NO_TABLES; SETTING_INVALID when two names would clash
   */
  static TableSelection of(
      TaskDefinition definition, Source source, Target target, TaskListener listener) {
    TaskMapping mapping = TaskMapping.of(definition, source, target);
    TaskSettings settings = definition.settings();
    Search search = search(definition, source, mapping);
    List<TableSchema> found = search.tables();
    if (found.isEmpty() && settings.failOnNoTables()) {
      throw new DmsException(
          ErrorCode.NO_TABLES,
          "No tables were found at task initialization. Either the selected table(s) or schemas(s) no longer exist or no match was"
              + " found for the table selection pattern(s). If you would like to start a Task that does not initially capture any"
              + " tables, set Task Setting FailOnNoTablesCaptured to false and restart task.");
    }
    List<MappedTable> mapped = mapping.map(found);
    definition
        .mapping()
        .warnings()
        .forEach(note -> listener.log(Component.TRANSFORMATION, Severity.WARNING, note));
    search.notes().forEach(note -> listener.log(Component.TABLES_MANAGER, Severity.WARNING, note));
    for (MappedTable table : mapped) {
      table.notes().forEach(note -> listener.log(Component.TRANSFORMATION, Severity.WARNING, note));
    }
    listener.log(Component.METADATA_MANAGER, Severity.INFO, mapped.size() + " tables are selected");
    List<TableStatistics> missing = missing(source, mapping, found);
    missing.stream()
        .filter(row -> row.state() == TableState.ERROR)
        .forEach(row -> listener.log(Component.TABLES_MANAGER, Severity.WARNING, row.message()));
    return new TableSelection(mapped, found, missing);
  }

  /**
   * What the rules find, for a run and for a plan alike.
   *
   * @param notes one sentence for each thing that may not be meant
   */
  record Search(List<TableSchema> tables, List<String> notes) {}

  static Search search(TaskDefinition definition, Source source, TaskMapping mapping) {
    Map<TableId, TableSchema.Kind> offered = new HashMap<>();
    List<TableSchema> found =
        source.tables((id, kind) -> {
          offered.put(id, kind);
          return mapping.selects(id, kind);
        });
    boolean ignoreCase = source.ignoresCaseOfNames();
    List<String> notes = new ArrayList<>();
    notes.addAll(definition.mapping().looseUnderscores(offered, ignoreCase));
    if (!found.isEmpty()) {
      notes.addAll(definition.mapping().unusedTransformations(found, mapping.names()));
    }
    notes.addAll(definition.mapping().unusedSettings(found, ignoreCase));
    notes.addAll(lobsLeftOut(definition.settings(), found));
    return new Search(found, notes);
  }

  /** The selected table with all columns that the source has. */
  TableSchema found(TableId id) {
    return found.stream().filter(table -> table.id().equals(id)).findFirst().orElseThrow();
  }

  /** One sentence for each table that loses columns because SupportLobs is false. */
  private static List<String> lobsLeftOut(TaskSettings settings, List<TableSchema> found) {
    if (settings.supportLobs()) {
      return List.of();
    }
    List<String> notes = new ArrayList<>();
    for (TableSchema table : found) {
      List<String> lobs =
          table.columns().stream().filter(c -> c.type().isLob()).map(Column::name).toList();
      if (!lobs.isEmpty()) {
        notes.add(
            "Table "
                + table.id()
                + ": columns "
                + lobs
                + " are LOBs and are not migrated, as SupportLobs is false");
      }
    }
    return notes;
  }

  /** Tables that the rules name and the source lacks, and those that have no column. */
  static List<TableStatistics> missing(
      Source source, TaskMapping mapping, List<TableSchema> found) {
    boolean ignoreCase = source.ignoresCaseOfNames();
    List<TableStatistics> missing = new ArrayList<>();
    for (TableId id : mapping.definition().mapping().named(ignoreCase)) {
      if (found.stream().noneMatch(table -> sameName(table.id(), id, ignoreCase))) {
        missing.add(
            TableStatistics.ofNothing(
                id,
                TableState.DOES_NOT_EXIST,
                "The source has nothing named "
                    + id
                    + " of the table-type that the rule asks for, or its user may not see it."));
      }
    }
    for (TableId id : source.tablesWithoutColumns(mapping::selects)) {
      missing.removeIf(row -> row.table().equals(id));
      missing.add(TableStatistics.ofNothing(id, TableState.ERROR, "Table " + id + WITHOUT_COLUMNS));
    }
    return missing;
  }

  private static boolean sameName(TableId one, TableId other, boolean ignoreCase) {
    return ignoreCase
        ? one.schema().equalsIgnoreCase(other.schema()) && one.name().equalsIgnoreCase(other.name())
        : one.equals(other);
  }
}
