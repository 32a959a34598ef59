package wherry.task;

import java.util.List;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.mapping.TableMapping;

/**
 * What a run shall do.
 *
 * @param name resource id of the task's ARN; names its entries in control tables
 * @param start how it starts
 * @param earlier what earlier runs have done, for RESUME
 * @param type whether rows are loaded, changes applied, or both
 * @param cdcStart where a fresh run of type cdc begins in the log
 * @param cdcStop where the processing of changes ends by itself
 * @param serverName of the replication instance, for control tables
 */
public record TaskDefinition(
    String name,
    TableMapping mapping,
    TaskSettings settings,
    Start start,
    List<TableStatistics> earlier,
    MigrationType type,
    CdcStart cdcStart,
    CdcStop cdcStop,
    String serverName) {

  /** A full load. */
  public TaskDefinition(
      String name,
      TableMapping mapping,
      TaskSettings settings,
      Start start,
      List<TableStatistics> earlier) {
    this(
        name,
        mapping,
        settings,
        start,
        earlier,
        MigrationType.FULL_LOAD,
        new CdcStart.FromNow(),
        new CdcStop.Never(),
        "");
  }

  /**
   * What happens to target tables first: a task that loads nothing creates those that are missing,
   * and touches no other.
   */
  PrepareMode prepareMode() {
    return type.loads() ? settings.prepareMode() : PrepareMode.DO_NOTHING;
  }

  /** What the target needs to know to take this task's changes. */
  Target.ChangeRequest changeRequest() {
    return new Target.ChangeRequest(
        name,
        settings.controlSchema(),
        settings.changes().statementCacheSize(),
        settings.changes().controlTables());
  }

  /** StartReplicationTaskType. */
  public enum Start {
    /** All tables from the beginning (start-replication and reload-target). */
    FRESH,
    /** Only what is not complete (resume-processing). */
    RESUME
  }
}
