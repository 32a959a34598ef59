package wherry.task;

import wherry.change.Checkpoint;
import wherry.error.DmsException;

/**
 * What a run tells the outside. Called from the run's threads; must be quick and must not throw.
 */
public interface TaskListener {
  /** Components of the task log ("Logging task settings", AWS DMS guide). */
  enum Component {
    SOURCE_UNLOAD,
    TARGET_LOAD,
    TASK_MANAGER,
    TABLES_MANAGER,
    METADATA_MANAGER,
    SOURCE_CAPTURE,
    SORTER,
    TARGET_APPLY,
    TRANSFORMATION,
    PERFORMANCE
  }

  enum Severity {
    ERROR,
    WARNING,
    INFO,
    DEBUG
  }

  /** Connections stand, tables are known, loading begins. */
  void running();

  /** A table's state or committed counts have changed. */
  void tableChanged(TableStatistics statistics);

  /** The source's log position that the load's snapshot has. */
  void snapshotTaken(String position);

  /** All that was asked for is loaded; the run lingers until it is released. */
  void loaded();

  /** An environment error; the run tries again by itself. */
  void retrying(DmsException failure, int attempt, int afterSeconds);

  /** Changes are being read, from here on; tables that were loaded are loaded. */
  default void streaming(String position) {}

  /** Changes up to here are committed on the target. */
  default void checkpointed(Checkpoint checkpoint) {}

  /** How the processing of changes stands; about once a second. */
  default void progress(ChangeProgress progress) {}

  void log(Component component, Severity severity, String message);
}
