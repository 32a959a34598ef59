package wherry.transform;

/**
 * Changes a cell. A step may keep a buffer, so it belongs to one thread; what it has made is valid
 * until its next cell.
 */
@FunctionalInterface
interface CellStep {
  /**
   * @throws CellRefused when the cell has no counterpart; the row is rejected then
   */
  void apply(CellSlice cell) throws CellRefused;
}
