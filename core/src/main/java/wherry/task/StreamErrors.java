package wherry.task;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.Target.ControlTable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * Puts a table into error while the others go on, as TableErrorPolicy says. Owned by the thread
 * that applies.
 */
final class StreamErrors {
  private final TaskDefinition definition;
  private final ChangeWriter writer;
  private final TaskListener listener;
  private final AtomicInteger tableErrors;

  /**
   * @param tableErrors failed tables of the whole run so far
   */
  StreamErrors(
      TaskDefinition definition,
      ChangeWriter writer,
      TaskListener listener,
      AtomicInteger tableErrors) {
    this.definition = definition;
    this.writer = writer;
    this.listener = listener;
    this.tableErrors = tableErrors;
  }

  /**
   * Suspends the table for a failure of its own.
   *
   * @throws DmsException any other failure, as it is
   */
  void failed(StreamTable table, DmsException failure) {
    if (failure.code().kind() != ErrorCode.Kind.TABLE) {
      throw failure;
    }
    suspend(table, failure);
  }

  /**
   * Nothing more of the table is applied from here on; what was stays.
   *
   * @throws DmsException TASK_STOPPED_BY_POLICY when the task ends with it
   */
  void suspend(StreamTable table, DmsException failure) {
    String why = String.valueOf(failure.getMessage());
    table.load().suspend(why);
    listener.log(
        Component.TABLES_MANAGER, Severity.ERROR, "Table " + table.id() + " is in error: " + why);
    listener.tableChanged(table.load().statistics());
    ChangeSettings changes = definition.settings().changes();
    if (changes.controlTables().contains(ControlTable.SUSPENDED_TABLES)) {
      writer.write(
          new ControlRow.Suspended(
              definition.serverName(), table.load().mapped().target().id(), why, Instant.now()));
    }
    TaskSettings.ErrorBehavior policy = definition.settings().errors();
    int errors = tableErrors.incrementAndGet();
    boolean tooMany = policy.tableEscalationCount() > 0 && errors >= policy.tableEscalationCount();
    if (policy.tableStopsTask() || tooMany) {
      throw new DmsException(
          ErrorCode.TASK_STOPPED_BY_POLICY,
          table.id(),
          why
              + (policy.tableStopsTask()
                  ? " TableErrorPolicy is STOP_TASK."
                  : " " + errors + " tables are in error, as TableErrorEscalationCount allows."),
          failure);
    }
  }
}
