package wherry.change;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import wherry.schema.TableId;

/**
 * How far a task's changes are on its target. It commits with the rows that it speaks of.
 *
 * @param position every change before it is applied; reading goes on here
 * @param committedAt when the source committed the last transaction applied
 * @param ahead as {@code position}, for the tables that are not in {@code behind}; equal to it when
 *     no table is behind
 * @param behind source names of tables that were loaded (again) while the others went on, and now
 *     catch up with them
 * @param suspended source names of tables whose changes before {@code position} are not all
 *     applied, because they are in error or still wait to be loaded again; only a load heals them
 * @param identity of the source's log, as {@code ChangeLog.LogStart} has it
 * @param notes what the task wants to find again with it, in its own words; empty for nothing
 * @param partitions as {@code notes}, what the task knows of the partitions of the source's tables;
 *     much text that seldom changes
 */
public record Checkpoint(
    String position,
    Instant committedAt,
    String ahead,
    List<TableId> behind,
    List<TableId> suspended,
    String identity,
    String notes,
    String partitions) {
  public Checkpoint {
    behind = List.copyOf(behind);
    suspended = List.copyOf(suspended);
  }

  /** Without suspended tables and notes. */
  public Checkpoint(
      String position, Instant committedAt, String ahead, List<TableId> behind, String identity) {
    this(position, committedAt, ahead, behind, List.of(), identity, "", "");
  }

  /** With more tables that have missed changes. */
  public Checkpoint suspending(Collection<TableId> tables) {
    Set<TableId> all = new LinkedHashSet<>(suspended);
    all.addAll(tables);
    return new Checkpoint(
        position, committedAt, ahead, behind, List.copyOf(all), identity, notes, partitions);
  }

  /**
   * As AWS DMS writes a RecoveryCheckpoint, {@code checkpoint:V1#1#<position>#0#0#*#0#0}: the third
   * field is the position in the engine's notation, and CdcStartPosition takes the whole.
   */
  public String text() {
    return "checkpoint:V1#1#" + position + "#0#0#*#0#0";
  }
}
