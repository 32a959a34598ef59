package wherry.mysql;

import wherry.row.RowBatchBuilder;

/** Writes a cell piece by piece into its slab. Not thread-safe. */
final class CellText {
  private final RowBatchBuilder cells;
  private int length;

  CellText(RowBatchBuilder cells) {
    this.cells = cells;
  }

  void append(int b) {
    cells.reserve(length + 1);
    cells.slab()[cells.used() + length++] = (byte) b;
  }

  /** Characters of ASCII. */
  void append(String ascii) {
    cells.reserve(length + ascii.length());
    byte[] to = cells.slab();
    int at = cells.used() + length;
    for (int i = 0; i < ascii.length(); i++) {
      to[at + i] = (byte) ascii.charAt(i);
    }
    length += ascii.length();
  }

  void append(byte[] bytes, int at, int count) {
    cells.reserve(length + count);
    System.arraycopy(bytes, at, cells.slab(), cells.used() + length, count);
    length += count;
  }

  void append(long number) {
    cells.reserve(length + LoggedNumbers.LONG_DIGITS_MAX);
    length += LoggedNumbers.write(number, cells.slab(), cells.used() + length);
  }

  /** All that was appended is the cell. */
  void end() {
    cells.commit(length);
  }
}
