package wherry.mapping;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What rules of rule-type table-settings say of one table.
 *
 * @param parallelLoadRule id of the rule that says how it is cut; 0 where none does
 * @param lobs what becomes of its LOBs; empty where the task's settings say it
 */
public record TableSettings(long parallelLoadRule, ParallelLoad parallelLoad, Optional<Lobs> lobs) {
  public static final TableSettings NONE =
      new TableSettings(0, new ParallelLoad.Automatic(), Optional.empty());

  /**
   * {@code lob-settings}.
   *
   * @param bytesMax where LOBs are cut; empty in mode unlimited
   */
  public record Lobs(OptionalInt bytesMax) {}
}
