package wherry.server.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeWriter;
import wherry.connector.Endpoint;
import wherry.connector.LoadLedger;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.task.MigrationType;
import wherry.task.TaskSettings;

/** What a task that has run keeps in its databases, and its removal. Safe for all threads. */
final class TaskTraces {
  private static final Logger LOG = LoggerFactory.getLogger(TaskTraces.class);

  private final Engines engines;
  private final Function<String, Endpoint> endpoints;

  TaskTraces(Engines engines, Function<String, Endpoint> endpoints) {
    this.engines = engines;
    this.endpoints = endpoints;
  }

  /**
   * Removes the slot and the publication from the source, then the control rows from the target. A
   * database that is gone keeps nothing else from being removed.
   *
   * @return what could not be removed and why, a sentence each
   */
  List<String> remove(ReplicationTask task, TaskSettings settings) {
    String name = TaskRecords.resourceId(task.replicationTaskArn());
    List<String> failures = new ArrayList<>();
    boolean captures = MigrationType.ofWire(task.migrationTypeAsString()).capturesChanges();
    if (captures) {
      // First, as a slot that nobody reads makes its server keep log for ever.
      attempt(
              name,
              "What the task has created in its source may still be there, a replication slot among"
                  + " it that keeps the log from being removed: ",
              () -> removeFromSource(task, name))
          .ifPresent(failures::add);
    }
    attempt(
            name,
            "The task's rows in the control tables of its target may still be there: ",
            () -> removeFromTarget(task, name, settings, captures))
        .ifPresent(failures::add);
    return failures;
  }

  private void removeFromSource(ReplicationTask task, String name) {
    Endpoint endpoint = endpoints.apply(task.sourceEndpointArn());
    try (Source source = engines.of(endpoint.engine()).source(endpoint);
        ChangeLog log = source.changeLog(name)) {
      log.drop();
    }
  }

  private void removeFromTarget(
      ReplicationTask task, String name, TaskSettings settings, boolean captures) {
    Endpoint endpoint = endpoints.apply(task.targetEndpointArn());
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
