package wherry.server.run;

import java.util.Arrays;
import java.util.Locale;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import wherry.task.MigrationType;

/**
 * The statuses of a data migration. The console's names are documented, the API's are not; these
 * are the console's in lower case, joined by hyphens.
 */
public enum MigrationStatus {
  CREATING,
  READY,
  STARTING,
  LOAD_RUNNING,
  RELOADING_TARGET,
  LOAD_COMPLETE_REPLICATION_ONGOING,
  REPLICATION_ONGOING,
  STOPPING,
  STOPPED,
  FAILED,
  DELETING;

  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws IllegalArgumentException when the stored status is none
   */
  public static MigrationStatus of(DataMigration migration) {
    return Arrays.stream(values())
        .filter(status -> status.wire().equals(migration.dataMigrationStatus()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("No status: " + migration.dataMigrationStatus()));
  }

  /** Whether nothing is done now, so that it may be started, changed or deleted. */
  public boolean isResting() {
    return switch (this) {
      case READY, STOPPED, FAILED -> true;
      case CREATING,
          STARTING,
          LOAD_RUNNING,
          RELOADING_TARGET,
          LOAD_COMPLETE_REPLICATION_ONGOING,
          REPLICATION_ONGOING,
          STOPPING,
          DELETING ->
          false;
    };
  }

  /** Whether it works and may be stopped. */
  public boolean isRunning() {
    return switch (this) {
      case STARTING,
          LOAD_RUNNING,
          RELOADING_TARGET,
          LOAD_COMPLETE_REPLICATION_ONGOING,
          REPLICATION_ONGOING ->
          true;
      case CREATING, READY, STOPPING, STOPPED, FAILED, DELETING -> false;
    };
  }

  /** While changes are applied. */
  static MigrationStatus replicating(MigrationType type) {
    return type.loads() ? LOAD_COMPLETE_REPLICATION_ONGOING : REPLICATION_ONGOING;
  }
}
