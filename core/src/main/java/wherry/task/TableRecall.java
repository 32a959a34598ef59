package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeWriter;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Tables as a run that goes on finds them: their counters as the target has committed them, and
 * their columns as the log left them, so that it is noticed what has changed while nobody read it.
 *
 * @param notes what the target knows of the tables
 */
record TableRecall(
    TaskDefinition definition,
    TaskMapping mapping,
    ChangeLog log,
    ChangeWriter writer,
    TableNotes notes) {

  /**
   * Gives the tables what is known of them.
   *
   * @return those whose columns have changed since the task last ran, as nothing will tell
   */
  List<DmsException> recall(Collection<TableLoad> tables) {
    Map<TableId, String> told =
        definition.earlier().stream()
            .collect(
                Collectors.toMap(TableStatistics::table, TableStatistics::definition, (a, b) -> b));
    List<DmsException> untold = new ArrayList<>();
    for (TableLoad table : tables) {
      notes.counts(table.id()).ifPresent(table::recall);
      Optional<String> then =
          notes.definition(table.id()).or(() -> Optional.ofNullable(told.get(table.id())));
      if (then.isPresent() && !isExplained(table, then.get())) {
        untold.add(untold(table.id()));
      }
    }
    return untold;
  }

  private boolean isExplained(TableLoad table, String then) {
    return table.state() != TableState.COMPLETED
        || then.equals(TableLoad.definition(table.found()))
        || recallColumns(table, then)
        || log.tellsStatements();
  }

  private static DmsException untold(TableId table) {
    return new DmsException(
        ErrorCode.TABLE_SUSPENDED,
        table,
        "Columns of table "
            + table
            + " were dropped, renamed or given other types while the task did not run, and the"
            + " source's log does not tell how. Reload the table.",
        null);
  }

  /**
   * The log will tell of columns that have come since the task last ran, provided that we begin
   * without them: those that the target lacks, though it was to have them, where the source had all
   * others by then.
   *
   * @return whether that is all that has changed
   */
  private boolean recallColumns(TableLoad table, String then) {
    MappedTable mapped = table.mapped();
    Set<String> there = writer.columns(mapped.target());
    Set<String> keptOff = notes.columns(table.id()).notOnTarget();
    List<Column> wanted = mapped.target().columns();
    TableSchema found = table.found();
    TableSchema followed =
        found.keepColumns(i ->
            found.isKeyColumn(i)
                || keptOff.contains(found.columns().get(i).name())
                || mapped
                    .transform()
                    .outputOf(found.columns().get(i).name())
                    .map(column -> there.contains(wanted.get(column).name()))
                    .orElse(true));
    boolean explained = then.equals(TableLoad.definition(followed));
    if (explained) {
      table.redefine(mapping.map(followed), followed);
    }
    return explained;
  }
}
