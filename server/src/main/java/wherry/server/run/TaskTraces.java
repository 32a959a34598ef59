package wherry.server.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeWriter;
import wherry.connector.Endpoint;
import wherry.connector.LoadLedger;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.task.TaskSettings;

/** What a task that has run keeps in its databases, and its removal. Safe for all threads. */
final class TaskTraces {
  private static final Logger LOG = LoggerFactory.getLogger(TaskTraces.class);

  private final Engines engines;

  TaskTraces(Engines engines) {
    this.engines = engines;
  }

  /**
   * Removes the slot and the publication from the source, then the control rows from the target. A
   * database that is gone keeps nothing else from being removed.
   *
   * @param name resource id of the ARN
   * @param captures whether changes were captured
   * @return what could not be removed and why, a sentence each
   */
  List<String> remove(
      String name,
      Supplier<Endpoint> from,
      Supplier<Endpoint> to,
      boolean captures,
      TaskSettings settings) {
    List<String> failures = new ArrayList<>();
    if (captures) {
      // First, as a slot that nobody reads makes its server keep log for ever.
      attempt(
              name,
              "What the task has created in its source may still be there, a replication slot among"
                  + " it that keeps the log from being removed: ",
              () -> removeFromSource(from.get(), name))
          .ifPresent(failures::add);
    }
    attempt(
            name,
            "The task's rows in the control tables of its target may still be there: ",
            () -> removeFromTarget(to.get(), name, settings, captures))
        .ifPresent(failures::add);
    return failures;
  }

  private void removeFromSource(Endpoint endpoint, String name) {
    try (Source source = engines.of(endpoint.engine()).source(endpoint);
        ChangeLog log = source.changeLog(name)) {
      log.drop();
    }
  }

  private void removeFromTarget(
      Endpoint endpoint, String name, TaskSettings settings, boolean captures) {
    try (Target target = engines.of(endpoint.engine()).target(endpoint)) {
      try (LoadLedger ledger = target.ledger(name, settings.controlSchema())) {
        ledger.open();
        ledger.forget();
      }
      if (captures) {
        Target.ChangeRequest request =
            new Target.ChangeRequest(
                name, settings.controlSchema(), 0, settings.changes().controlTables());
        try (ChangeWriter writer = target.changes(request)) {
          writer.forget();
        }
      }
    }
  }

  private static Optional<String> attempt(String task, String consequence, Runnable removal) {
    try {
      removal.run();
      return Optional.empty();
    } catch (DmsException e) {
      LOG.warn("task {} is not cleaned up: {}", task, e.getMessage());
      return Optional.of(consequence + e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("task {} is not cleaned up", task, e);
      return Optional.of(consequence + e + ". This is a defect in Wherry.");
    }
  }
}
