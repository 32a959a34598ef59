package wherry.postgresql;

import java.util.List;
import java.util.Optional;
import wherry.postgresql.TableNotice.Partitioned.Loss;

/**
 * What the log has told of a table since its partitions were looked at last. The place of a look in
 * the log lies a moment behind the look itself, so that what was told right before it counts, too.
 *
 * <p>Owned by the reader's thread.
 */
final class SinceLook {
  /** What an earlier reader was told last is not known. */
  private boolean rows = true;

  private boolean rowsBefore = true;
  private boolean truncated;
  private boolean truncatedBefore;

  void row() {
    rows = true;
  }

  void truncated() {
    truncated = true;
  }

  /**
   * The place of another look.
   *
   * @return the first of the losses that the log does not explain
   */
  Optional<Loss> look(List<Loss> losses) {
    boolean anyRows = rows || rowsBefore;
    boolean anyTruncated = truncated || truncatedBefore;
    rowsBefore = rows;
    truncatedBefore = truncated;
    rows = false;
    truncated = false;
    return losses.stream()
        .filter(loss -> (loss.certain() || anyRows) && !(loss.together() && anyTruncated))
        .findFirst();
  }
}
