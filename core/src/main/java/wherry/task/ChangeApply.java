package wherry.task;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import wherry.change.Collapse;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.connector.ChangeRefused;
import wherry.connector.ChangeWriter;
import wherry.connector.ChangeWriter.NetCounts;
import wherry.connector.ControlRow;
import wherry.connector.TableRoute;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.schema.TableId;
import wherry.task.ChangeWindow.Run;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * Applies windows of changes to the target, within its open transaction: as sets, for nobody can
 * see the order in which things happen inside one transaction. A set that the target refuses, or
 * that finds other rows than it should, is undone and tried again in halves, down to the single
 * change that is at fault; the error policies decide over that one, and the mode stays as it is.
 * Owned by one thread.
 */
final class ChangeApply {
  private static final int LOGGED_CHANGES_MAX = 100;

  private final ChangeWriter writer;
  private final TaskListener listener;
  private final StreamErrors errors;
  private int logged;

  ChangeApply(ChangeWriter writer, TaskListener listener, StreamErrors errors) {
    this.writer = writer;
    this.listener = listener;
    this.errors = errors;
  }

  /**
   * Applies all changes of the window; nothing is committed.
   *
   * @throws DmsException what ends the run; a failure of one table does not
   */
  void apply(ChangeWindow window) throws InterruptedException {
    for (Run run : window.runs()) {
      if (!run.table().follows()) {
        continue; // An earlier change has put it into error.
      }
      try {
        apply(run, run.changes());
      } catch (DmsException e) {
        if (e.code().kind() == ErrorCode.Kind.TABLE) {
          writer.rollBackToSavepoint();
        }
        errors.failed(run.table(), e);
      }
    }
  }

  private void apply(Run run, List<RowChange> changes) throws InterruptedException {
    boolean singly =
        changes.size() == 1
            || writer.acts(run.route())
                && changes.stream().anyMatch(change -> change.operation() != Operation.INSERT);
    if (singly) {
      for (RowChange change : changes) {
        applyOne(run, change);
      }
      return;
    }
    if (!applySet(run, changes)) {
      int half = changes.size() / 2;
      apply(run, changes.subList(0, half));
      apply(run, changes.subList(half, changes.size()));
    }
  }

  /** Tells whether the changes are applied; nothing of them is otherwise. */
  private boolean applySet(Run run, List<RowChange> changes) throws InterruptedException {
    Optional<NetChanges> net = net(run, changes);
    writer.savepoint();
    if (net.isEmpty()) {
      return false;
    }
    try {
      if (isAsExpected(run, net.get(), writer.apply(run.route(), net.get()))) {
        changes.forEach(change -> run.table().tally().applied(change.operation()));
        return true;
      }
    } catch (ChangeRefused e) {
      listener.log(
          Component.TARGET_APPLY,
          Severity.INFO,
          "Bulk apply operation failed. Trying to execute bulk statements in 'one-by-one' mode: table "
              + run.table().id()
              + ", "
              + changes.size()
              + " changes: "
              + e.getMessage());
    }
    writer.rollBackToSavepoint();
    return false;
  }

  private static Optional<NetChanges> net(Run run, List<RowChange> changes) {
    List<Integer> key = run.route().key();
    if (!key.isEmpty()) {
      return run.lenient() ? Collapse.lenient(changes, key) : Collapse.of(changes, key);
    }
    return changes.stream().allMatch(change -> change.operation() == Operation.INSERT)
        ? Optional.of(NetChanges.inserting(changes))
        : Optional.empty();
  }

  /**
   * Whether the target has touched as many rows as there were. Missing ones are fine where nobody
   * wants to know of them.
   */
  private static boolean isAsExpected(Run run, NetChanges net, NetCounts counts) {
    long updates = net.updates().stream().mapToLong(update -> update.rows().count()).sum();
    if (counts.inserted() != net.inserts().count()) {
      return false;
    }
    if (run.lenient()) {
      return counts.updated() == updates;
    }
    ConflictPolicy conflicts = run.table().conflicts();
    long deletesMissing = net.deletes().count() - counts.deleted();
    long updatesMissing = updates - counts.updated();
    boolean expected =
        (deletesMissing == 0 || (deletesMissing > 0 && conflicts.ignoresMissing(Operation.DELETE)))
            && (updatesMissing == 0
                || (updatesMissing > 0 && conflicts.ignoresMissing(Operation.UPDATE)));
    if (expected) {
      run.table().tally().ignoredInstead(Operation.DELETE, deletesMissing);
      run.table().tally().ignoredInstead(Operation.UPDATE, updatesMissing);
    }
    return expected;
  }

  private void applyOne(Run run, RowChange change) throws InterruptedException {
    writer.savepoint();
    try {
      if (run.lenient() ? overwrite(run, change) : writer.apply(run.route(), change) > 0) {
        run.table().tally().applied(change.operation());
        return;
      }
    } catch (ChangeRefused e) {
      writer.rollBackToSavepoint();
      if (e.kind() == ChangeRefused.Kind.DUPLICATE_KEY && run.table().keepsDeletedRows()) {
        replace(run, change, told(run, change) + " is not applied: " + e.getMessage());
      } else {
        refused(run, change, e);
      }
      return;
    }
    missing(run, change);
  }

  /**
   * Makes the row what it is after the change, whatever it was before. Tells whether it could.
   *
   * @throws ChangeRefused as the writer
   */
  private boolean overwrite(Run run, RowChange change) throws InterruptedException {
    Optional<NetChanges> net =
        run.route().key().isEmpty()
            ? Optional.empty()
            : Collapse.lenient(List.of(change), run.route().key());
    if (net.isEmpty()) {
      return writer.apply(run.route(), change) > 0;
    }
    NetCounts counts = writer.apply(run.route(), net.get());
    return net.get().updates().isEmpty() || counts.updated() > 0;
  }

  private void missing(Run run, RowChange change) throws InterruptedException {
    String told = told(run, change) + " is not applied: the target has no such row.";
    if (run.lenient()) {
      if (change.operation() == Operation.DELETE) {
        run.table().tally().applied(change.operation());
        return;
      }
      throw new DmsException(
          ErrorCode.TABLE_SUSPENDED,
          run.table().id(),
          told
              + " The table was loaded in several parts under different snapshots, and the log does not carry all values of"
              + " the row. Reload the table to go on with it.",
          null);
    }
    switch (run.table().conflicts().missing(change.operation(), told)) {
      case IGNORE -> run.table().tally().ignored();
      case KEEP -> keep(run, change, told);
      case REPLACE -> replace(run, change, told);
    }
  }

  private void refused(Run run, RowChange change, ChangeRefused refusal)
      throws InterruptedException {
    String told =
        told(run, change)
            + " is not applied: "
            + refusal.getMessage()
            + " ["
            + refusal.sqlState()
            + "]";
    switch (run.table().conflicts().refused(change.operation(), refusal.kind(), told)) {
      case IGNORE -> run.table().tally().ignored();
      case KEEP -> keep(run, change, told);
      case REPLACE -> replace(run, change, told);
    }
  }

  /** A change whose row the rules could not transform. */
  void rejected(StreamTable table, Operation operation, MappedChange.Refused refused) {
    String told =
        "Table "
            + table.id()
            + ": "
            + operation
            + " of "
            + refused.key()
            + " is not applied, column "
            + refused.refusal().column()
            + ": "
            + refused.refusal().reason()
            + ".";
    switch (table.conflicts().rejected(refused.refusal().kind(), told)) {
      case IGNORE -> table.tally().ignored();
      case KEEP, REPLACE -> {
        TableId target = table.target().id();
        keep(table, target, operation + " " + target + ": " + refused.row(), told);
      }
    }
  }

  private void replace(Run run, RowChange change, String told) throws InterruptedException {
    try {
      if (overwrite(run, change)) {
        run.table().tally().applied(change.operation());
        return;
      }
    } catch (ChangeRefused e) {
      writer.rollBackToSavepoint();
      keep(run, change, told + " Nor can it replace the row that is there: " + e.getMessage());
      return;
    }
    keep(run, change, told + " The log does not carry all values of the row to insert it.");
  }

  private void keep(Run run, RowChange change, String told) {
    keep(run.table(), run.route().target().id(), writer.statement(run.route(), change), told);
  }

  private void keep(StreamTable table, TableId target, String statement, String told) {
    table.tally().kept();
    writer.write(new ControlRow.ApplyException(target, Instant.now(), statement, told));
    if (logged++ < LOGGED_CHANGES_MAX) {
      listener.log(Component.TARGET_APPLY, Severity.WARNING, told);
    } else if (logged == LOGGED_CHANGES_MAX + 1) {
      listener.log(
          Component.TARGET_APPLY,
          Severity.WARNING,
          "Further changes that are not applied are not logged one by one; awsdms_apply_exceptions on the target has all of"
              + " them");
    }
  }

  private static String told(Run run, RowChange change) {
    return "Table "
        + run.table().id()
        + ": "
        + change.operation()
        + " of "
        + key(run.route(), change);
  }

  private static String key(TableRoute route, RowChange change) {
    RowBatch rows = change.rows();
    int row = change.before() == RowChange.NONE ? change.after() : change.before();
    List<Integer> columns = route.key().isEmpty() ? List.of(0) : route.key();
    StringBuilder text = new StringBuilder();
    for (int column : columns) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(rows.schema().columns().get(column).name())
          .append('=')
          .append(rows.text(row, column));
    }
    return text.toString();
  }
}
