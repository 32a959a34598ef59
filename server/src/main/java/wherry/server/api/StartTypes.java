package wherry.server.api;

import java.util.Locale;
import wherry.server.run.TaskRun;
import wherry.server.wire.Fault;
import wherry.task.MigrationType;
import wherry.task.TaskDefinition;

/** What a StartReplicationTaskType means for a task, by its type and by what it has done so far. */
final class StartTypes {
  private StartTypes() {}

  /**
   * @param wire {@code start-replication}, {@code resume-processing} or {@code reload-target}
   * @param startGiven whether this call names a place to start from
   * @throws Fault InvalidParameterCombinationException when the type of start does not fit
   */
  static TaskDefinition.Start how(
      String wire, MigrationType type, TaskRun run, boolean startGiven) {
    return switch (wire) {
      case "start-replication" -> {
        boolean again = type == MigrationType.CDC && startGiven;
        if (run.everStarted() && !again) {
          throw Fault.invalidParameterCombination(
              "Start Type : START_REPLICATION, valid only for tasks running for the first time"
                  + (type == MigrationType.CDC
                      ? ", or with a CdcStartTime or CdcStartPosition to start from."
                      : ""));
        }
        yield TaskDefinition.Start.FRESH;
      }
      case "resume-processing" -> {
        requireEarlierRun(wire, run);
        // A start from the beginning that has never begun is still owed.
        yield run.afterRestart();
      }
      case "reload-target" -> {
        requireEarlierRun(wire, run);
        if (!type.loads()) {
          throw Fault.invalidParameterCombination(
              "Start Type : RELOAD_TARGET, valid only for tasks that load; a task of type cdc goes"
                  + " on with resume-processing, or starts at a CdcStartPosition with"
                  + " start-replication.");
        }
        yield TaskDefinition.Start.FRESH;
      }
      default -> throw Fault.invalidParameterValue("Unknown StartReplicationTaskType " + wire);
    };
  }

  private static void requireEarlierRun(String wire, TaskRun run) {
    if (!run.everStarted()) {
      throw Fault.invalidParameterCombination(
          "Start Type : "
              + wire.toUpperCase(Locale.ROOT).replace('-', '_')
              + ", valid only for tasks that have run before; the first start is start-replication");
    }
  }
}
