package wherry.postgresql;

/** Turns a cell's canonical form into a field of COPY; stateless unless it says otherwise. */
@FunctionalInterface
interface CellEncoder {
  /**
   * Appends the field without its length.
   *
   * @throws CellRefused when the column would hold another value than the cell; what was appended
   *     is to be thrown away
   */
  void encode(byte[] slab, int start, int end, CopyBuffer out) throws CellRefused;
}
