package wherry.task;

import java.util.concurrent.atomic.AtomicInteger;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/** Puts tables into error that a run cannot follow, each with its reason; the others go on. */
final class RefusedTables {
  private final TaskDefinition definition;
  private final Target target;
  private final TaskTables tables;
  private final TaskListener listener;
  private final AtomicInteger tableErrors;

  /**
   * @param tableErrors of the whole run
   */
  RefusedTables(
      TaskDefinition definition,
      Target target,
      TaskTables tables,
      TaskListener listener,
      AtomicInteger tableErrors) {
    this.definition = definition;
    this.target = target;
    this.tables = tables;
    this.listener = listener;
    this.tableErrors = tableErrors;
  }

  /** The log does not carry the table's changes in full, so it cannot be followed. */
  void refuse(DmsException why) {
    TableLoad table = tables.known(why.table().orElseThrow());
    if (table.state() == TableState.ERROR) {
      return;
    }
    table.suspend(String.valueOf(why.getMessage()));
    listener.tableChanged(table.statistics());
    failed(table.id(), String.valueOf(why.getMessage()));
  }

  /** It is in error, and the task goes on without it as far as its settings say. */
  void failed(TableId table, String why) {
    listener.log(Component.TABLES_MANAGER, Severity.ERROR, why);
    tableErrors.incrementAndGet();
    if (definition.settings().errors().tableStopsTask()) {
      throw new DmsException(
          ErrorCode.TASK_STOPPED_BY_POLICY, table, why + " TableErrorPolicy is STOP_TASK.", null);
    }
  }

  /** A table that was followed, and of which the log lacks what has happened since. */
  void refuseReplaced(TableId id) {
    if (tables.known(id).state() == TableState.COMPLETED) {
      refuse(
          new DmsException(
              ErrorCode.TABLE_SUSPENDED,
              id,
              "The source's log lacks changes of table "
                  + id
                  + ", which the task has followed before: it was dropped and made again under its"
                  + " name while the task did not run, or somebody has taken it out of the"
                  + " publication. Reload the table.",
              null));
    }
  }

  /** A task of type cdc creates target tables that are missing, and touches no other. */
  void followUnloaded(TableLoad table) {
    if (table.state().isOver()) {
      return;
    }
    try {
      target.prepare(table.mapped().target(), definition.prepareMode(), false);
      table.follow();
    } catch (DmsException e) {
      if (e.code().kind() != ErrorCode.Kind.TABLE) {
        throw e;
      }
      refuse(
          e.table().isPresent() && e.table().get().equals(table.id())
              ? e
              : new DmsException(e.code(), table.id(), String.valueOf(e.getMessage()), e));
    }
  }
}
