package wherry.connector;

import java.util.List;
import java.util.Map;
import java.util.Set;
import wherry.error.DmsException;
import wherry.schema.TableId;

/**
 * Carries what stands around rows (types, tables, keys, views, routines, triggers, counters …) from
 * one database to another of the same family, for one run of a data migration. {@link #stop} may be
 * called from any thread, everything else by one thread.
 *
 * <p>Each step may be done again after it was cut short, or in another run: what is there already
 * is reported as {@link ObjectReport.Outcome#PRESENT} and left alone. One object that cannot be
 * carried keeps no other from being carried; it is reported as {@link ObjectReport.Outcome#LEFT}
 * with the reason.
 *
 * <p>Every step throws {@link DmsException} when it cannot be done at all (a server that cannot be
 * reached, a right or a program that is missing), and {@link InterruptedException} after a stop.
 */
public interface ObjectCarrier extends Resource {
  /**
   * What the selection holds, in the order in which it would be carried, with what is known to be
   * impossible already LEFT. Changes nothing on either side.
   */
  List<ObjectReport> survey() throws InterruptedException;

  /**
   * Prepares the target as {@link ObjectRequest#preparation} says and carries what rows need:
   * schemas, types, routines, tables without keys, views. Never drops or empties anything that the
   * selection does not name.
   */
  List<ObjectReport> beforeRows() throws InterruptedException;

  /**
   * Carries what would slow a load or be fired by it: keys, indexes, constraints, foreign keys,
   * triggers, events, grants; and sets counters as the source has them.
   */
  List<ObjectReport> afterRows() throws InterruptedException;

  /**
   * Moves counters (sequences, AUTO_INCREMENT) forward to the source's, never back, so that the
   * first insert succeeds when the target takes over; and carries what had to wait for the end of
   * changes. May be called many times.
   */
  List<ObjectReport> atCutover() throws InterruptedException;

  /**
   * The columns of selected tables whose values the source computes. The target computes them too,
   * or has them not, so rows come without them.
   */
  default Map<TableId, Set<String>> computedColumns() throws InterruptedException {
    return Map.of();
  }

  /**
   * Takes away again what {@link #atCutover} has carried and what would do once more what the
   * source has done; before changes are applied to a target that was cut over already.
   */
  default List<ObjectReport> beforeChanges() throws InterruptedException {
    return List.of();
  }

  /** Ends a step under way within seconds; it then throws InterruptedException. */
  void stop();
}
