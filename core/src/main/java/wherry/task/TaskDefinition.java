package wherry.task;

import java.util.List;
import wherry.mapping.TableMapping;

/**
 * What a run shall do.
 *
 * @param name resource id of the task's ARN; names its entries in control tables
 * @param start how it starts
 * @param earlier what earlier runs have done, for RESUME
 */
public record TaskDefinition(
    String name,
    TableMapping mapping,
    TaskSettings settings,
    Start start,
    List<TableStatistics> earlier) {

  /** StartReplicationTaskType, for a full load. */
  public enum Start {
    /** All tables from the beginning (start-replication and reload-target). */
    FRESH,
    /** Only what is not complete (resume-processing). */
    RESUME
  }
}
