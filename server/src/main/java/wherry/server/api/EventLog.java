package wherry.server.api;

import java.time.Instant;
import java.util.List;
import wherry.server.store.Event;
import wherry.server.store.Store;

/**
 * Writes what happens to instances into the event log, in the words of the AWS DMS user guide
 * (Working with events).
 */
final class EventLog {
  static final String INSTANCE = "replication-instance";
  static final String TASK = "replication-task";
  static final String DATA_MIGRATION = "data-migration";

  private final Store store;

  EventLog(Store store) {
    this.store = store;
  }

  void instance(String identifier, String category, String message) {
    store.events().add(new Event(INSTANCE, identifier, List.of(category), message, Instant.now()));
  }

  void task(String identifier, String category, String message) {
    store.events().add(new Event(TASK, identifier, List.of(category), message, Instant.now()));
  }
}
