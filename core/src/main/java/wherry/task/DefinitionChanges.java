package wherry.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.change.ChangeEvent;
import wherry.change.PartitionsSeen;
import wherry.change.RowChange;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableCreated;
import wherry.change.SchemaChange.TableDropped;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SchemaChange.TableRenamed;
import wherry.change.TableTruncated;
import wherry.connector.ChangeWriter;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * Does on the target what statements that define or empty tables did on the source, as
 * ChangeProcessingDdlHandlingPolicy says. Everything captured before is applied when it is called.
 * Owned by the thread that applies.
 */
final class DefinitionChanges {
  private final ChangeSettings settings;
  private final TaskMapping mapping;
  private final ChangeWriter writer;
  private final TaskListener listener;
  private final StreamErrors errors;
  private final NewTables newTables;

  /** Takes tables that came to be on the source and that the task selects. */
  interface NewTables {
    /** Asks to be loaded. */
    void add(TableSchema created);

    /**
     * The log cannot carry its changes.
     *
     * @param why with what to do about it
     */
    void refuse(TableId table, String why);

    /** One that was refused is no longer there. */
    void gone(TableId table);
  }

  DefinitionChanges(
      TaskMapping mapping,
      ChangeWriter writer,
      TaskListener listener,
      StreamErrors errors,
      NewTables newTables) {
    this.settings = mapping.definition().settings().changes();
    this.mapping = mapping;
    this.writer = writer;
    this.listener = listener;
    this.errors = errors;
    this.newTables = newTables;
  }

  /** A table of which the stream knows nothing yet. */
  void unknown(ChangeEvent event) {
    switch (event) {
      case TableCreated table -> newTables.add(table.created());
      case TableRenamed table -> follow(table);
      case TableLost table -> newTables.refuse(table.table(), table.reason());
      case TableDropped table -> newTables.gone(table.table());
      case ColumnsChanged change -> {}
      case TableTruncated truncated -> {}
      case RowChange row -> {}
      case PartitionsSeen seen -> {}
    }
  }

  /**
   * A table of the stream.
   *
   * @throws DmsException what ends the run; a failure of the table does not
   */
  void of(StreamTable table, ChangeEvent event) {
    try {
      writer.savepoint();
      act(table, event);
    } catch (DmsException e) {
      if (e.code().kind() == ErrorCode.Kind.TABLE) {
        writer.rollBackToSavepoint();
      }
      errors.failed(table, e);
    }
  }

  private void act(StreamTable table, ChangeEvent event) {
    switch (event) {
      case RowChange row -> throw new IllegalArgumentException("Rows define no table");
      case PartitionsSeen seen ->
          throw new IllegalArgumentException("What was found in order defines no table");
      case TableCreated known -> {} // Seen when the task started.
      case TableTruncated truncated -> truncate(table);
      case ColumnsChanged change -> alter(table, change);
      case TableDropped change -> drop(table, change);
      case TableRenamed change -> rename(table, change);
      case TableLost change ->
          throw new DmsException(
              ErrorCode.TABLE_SUSPENDED,
              table.id(),
              change.reason()
                  + (change.statement().isEmpty() ? "" : " Statement: " + change.statement()),
              null);
    }
  }

  private void truncate(StreamTable table) {
    table.tally().capturedDdl();
    if (settings.failOnTruncate()) {
      throw new DmsException(
          ErrorCode.TASK_STOPPED_BY_POLICY,
          table.id(),
          "Table "
              + table.id()
              + " was truncated on the source, and ApplyErrorFailOnTruncationDdl is true.",
          null);
    }
    if (settings.truncateTables()) {
      writer.truncate(table.target());
      table.tally().appliedDdl();
    } else {
      leftAlone(table, "TRUNCATE", "HandleSourceTableTruncated");
    }
  }

  private void alter(StreamTable table, ColumnsChanged change) {
    table.tally().capturedDdl();
    if (!settings.alterTables()) {
      table.keepsColumns(change.changes(), change.after());
      leftAlone(table, change.statement(), "HandleSourceTableAltered");
      return;
    }
    MappedTable before = table.mapped();
    MappedTable after = mapping.map(change.after());
    List<ColumnChange> onTarget = new ArrayList<>();
    ExistingRows existing = new ExistingRows(mapping, change.after(), after);
    change.changes().forEach(c -> onTarget(c, before, after, existing).ifPresent(onTarget::add));
    if (!onTarget.isEmpty()) {
      writer.alter(before.target(), after.target(), onTarget);
    }
    table.altered(after, change.after());
    table.tally().appliedDdl();
    listener.log(
        Component.TARGET_APPLY,
        Severity.INFO,
        "Table " + table.id() + ": definition changed on the target: " + change.statement());
  }

  /** The change under the target's names; empty when it does not reach the target. */
  private static Optional<ColumnChange> onTarget(
      ColumnChange change, MappedTable before, MappedTable after, ExistingRows existing) {
    return switch (change) {
      case ColumnChange.Added added ->
          target(after, added.column().name())
              .map(column -> new ColumnChange.Added(column, existing.of(added)));
      case ColumnChange.Dropped dropped ->
          target(before, dropped.column()).map(c -> new ColumnChange.Dropped(c.name()));
      case ColumnChange.Retyped retyped ->
          target(after, retyped.to().name()).map(ColumnChange.Retyped::new);
      case ColumnChange.Renamed renamed -> {
        Optional<Column> old = target(before, renamed.from());
        Optional<Column> now = target(after, renamed.to().name());
        if (old.isPresent() && now.isPresent()) {
          yield Optional.of(new ColumnChange.Renamed(old.get().name(), now.get()));
        }
        // A rule selects columns by name, so that one of the names may be left out.
        if (now.isPresent()) {
          throw new DmsException(
              ErrorCode.TABLE_SUSPENDED,
              after.source().id(),
              "Column "
                  + renamed.to().name()
                  + ", which the rules take, was "
                  + renamed.from()
                  + " before, which they left out: the target has none of its values. Reload the"
                  + " table.",
              null);
        }
        yield old.map(c -> new ColumnChange.Dropped(c.name()));
      }
    };
  }

  private static Optional<Column> target(MappedTable mapped, String sourceColumn) {
    return mapped.transform().outputOf(sourceColumn).map(mapped.target().columns()::get);
  }

  private void drop(StreamTable table, TableDropped change) {
    table.tally().capturedDdl();
    if (settings.dropTables()) {
      writer.drop(table.target());
      table.tally().appliedDdl();
    } else {
      leftAlone(table, change.statement(), "HandleSourceTableDropped");
    }
    gone(table, "The table was dropped on the source.");
  }

  /** Followed under its new name as any table that comes to be: by a load of its own. */
  private void rename(StreamTable table, TableRenamed change) {
    table.tally().capturedDdl();
    gone(
        table,
        "The table is named "
            + change.renamed().id()
            + " on the source now; "
            + table.mapped().target().id()
            + " stays on the target as it is.");
    follow(change);
  }

  /** Under its new name, when the task selects that. */
  void follow(TableRenamed change) {
    if (mapping.selects(change.renamed().id(), change.renamed().kind())) {
      newTables.add(change.renamed());
    }
  }

  private void gone(StreamTable table, String why) {
    table.load().gone(why);
    listener.log(Component.TABLES_MANAGER, Severity.WARNING, "Table " + table.id() + ": " + why);
    listener.tableChanged(table.load().statistics());
  }

  private void leftAlone(StreamTable table, String statement, String setting) {
    listener.log(
        Component.TARGET_APPLY,
        Severity.WARNING,
        "Table "
            + table.id()
            + ": "
            + statement
            + " is not done on the target, as "
            + setting
            + " is false");
  }
}
