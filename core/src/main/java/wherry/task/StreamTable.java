package wherry.task;

import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SourceTransaction;
import wherry.connector.ChangeWriter;
import wherry.connector.Resource;
import wherry.connector.TableRoute;
import wherry.error.DmsException;
import wherry.mapping.MappedTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * A table in the stream of changes: what of it the target has already, and where the rest goes.
 * Owned by the thread that applies.
 */
final class StreamTable implements Resource {
  /** What is to be done with the changes of a transaction. */
  enum Standing {
    /** The rows that were loaded hold them. */
    HELD,
    /** Some of the rows that were loaded hold them, others do not. */
    PERHAPS_HELD,
    /** They are to be applied. */
    DUE
  }

  private final TableLoad load;
  private final TaskMapping mapping;
  private final ChangeWriter writer;
  private final ConflictPolicy conflicts;
  private final ChangeTally tally = new ChangeTally();
  private final List<Cut> cuts;
  private final KeptColumns kept;
  private MappedTable mapped;
  private @Nullable RowRoute route;
  private @Nullable TableSchema uncommitted;
  private boolean altering;

  /**
   * @param cuts of the snapshots that the table was loaded under; empty when it was not loaded
   * @param kept of its columns, here and in later streams
   */
  StreamTable(
      TableLoad load, List<Cut> cuts, KeptColumns kept, TaskMapping mapping, ChangeWriter writer) {
    this.kept = kept;
    TaskSettings settings = mapping.definition().settings();
    this.load = load;
    this.mapped = load.mapped();
    this.cuts = List.copyOf(cuts);
    this.mapping = mapping;
    this.writer = writer;
    this.conflicts = new ConflictPolicy(load.id(), settings.changes().errors(), settings.errors());
  }

  TableId id() {
    return load.id();
  }

  TableLoad load() {
    return load;
  }

  ChangeTally tally() {
    return tally;
  }

  ConflictPolicy conflicts() {
    return conflicts;
  }

  /** Whether its changes are applied: it is loaded, and in no error. */
  boolean follows() {
    return load.state() == TableState.COMPLETED;
  }

  Standing standing(SourceTransaction transaction) {
    int holding = 0;
    for (Cut cut : cuts) {
      if (cut.contains(transaction)) {
        holding++;
      }
    }
    if (holding == 0) {
      return Standing.DUE;
    }
    return holding == cuts.size() ? Standing.HELD : Standing.PERHAPS_HELD;
  }

  /** Whether changes from there on may be missing from the rows that were loaded. */
  boolean mayLack(Position at) {
    return cuts.isEmpty() || cuts.stream().anyMatch(cut -> at.compareTo(cut.from()) >= 0);
  }

  /** The table as the rules map it now. */
  MappedTable mapped() {
    return mapped;
  }

  /** The table on the target, as the rules name it. */
  TableSchema target() {
    return mapped.target();
  }

  /** The target's table was altered with the source's. */
  void altered(MappedTable now, TableSchema after) {
    mapped = now;
    uncommitted = after;
    leaveRoute();
  }

  /** The source's columns have changed and the target's stay as they are. */
  void keepsColumns(List<ColumnChange> changes, TableSchema after) {
    kept.keep(changes);
    uncommitted = after;
    leaveRoute();
  }

  /**
   * What was altered is about to be so on the target; a later stream of the run begins with it.
   *
   * @param end where reading goes on then
   * @param notes of later runs
   */
  void commits(@Nullable Position end, TableNotes notes) {
    if (uncommitted != null && end != null) {
      load.altering(mapping.map(uncommitted), uncommitted, end);
      notes.defined(id(), TableLoad.definition(uncommitted));
      uncommitted = null;
      altering = true;
    }
  }

  /** It is. */
  void committed(StreamCheckpoint checkpoint) {
    if (altering) {
      load.reached(checkpoint.reached(id()));
      altering = false;
    }
  }

  private void leaveRoute() {
    if (route != null) {
      route.close();
    }
    route = null;
  }

  @Override
  public void close() {
    leaveRoute();
  }

  /**
   * The change with its rows as the target has them.
   *
   * @param log the batch that the change is of
   * @throws DmsException TARGET_TABLE_FAILED; TABLE_SUSPENDED when the log lacks what the rules
   *     need
   */
  MappedChange map(RowChange change, LogContext log) {
    RowRoute to = routeOf(change.rows().schema());
    long cutBefore = to.lobsCut();
    MappedChange mapped = to.map(change, log);
    load.shortened(to.lobsCut() - cutBefore);
    return mapped;
  }

  /** Whether a deleted row stays on the target, so that an insert may find its key there. */
  boolean keepsDeletedRows() {
    return route != null && route.keepsDeletedRows();
  }

  /** Where the rows go that {@link #map} has mapped last. */
  TableRoute route() {
    if (route == null) {
      throw new IllegalStateException("No row of " + id() + " was mapped");
    }
    return route.route();
  }

  private RowRoute routeOf(TableSchema from) {
    if (route == null || (route.from() != from && !route.from().equals(from))) {
      TableSchema named = kept.named(from);
      MappedTable now = narrowed(mapping.map(named));
      leaveRoute();
      route =
          new RowRoute(
              from, named, now, mapping.definition().settings(), writer.describe(now.target()));
    }
    return route;
  }

  private MappedTable narrowed(MappedTable whole) {
    return kept.notOnTarget().isEmpty() ? whole : whole.without(kept.notOnTarget());
  }

  /** Lets go of the rows that were mapped last. */
  void forgetRows() {
    if (route != null) {
      route.forgetRows();
    }
  }
}
