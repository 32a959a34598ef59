package wherry.mysql;

import org.jspecify.annotations.Nullable;

/**
 * What happens to a column's cells on their way into the target: a check that the column can hold
 * exactly this value, and for some columns another spelling. Stateless; NULL never gets here.
 */
interface CellRule {
  /**
   * What is wrong with the cell; null when nothing is. Called for each cell, so it makes no object
   * when all is well.
   */
  @Nullable Refusal check(byte[] slab, int start, int end);

  /** Another spelling of a checked cell; null when it goes as it is. */
  default byte @Nullable [] respelled(byte[] slab, int start, int end) {
    return null;
  }

  /** Lets everything pass; the server's own checks decide. */
  CellRule ANY = (slab, start, end) -> null;
}
