package wherry.mysql;

import wherry.row.RowBatchBuilder;

/** MySQL's JSON: a length of {@code lengthBytes} and the document in its binary form. */
record LoggedJson(int lengthBytes) implements LoggedCell {
  @Override
  public int length(byte[] bytes, int at) {
    return lengthBytes + Math.toIntExact(LittleEndian.unsigned(bytes, at, lengthBytes));
  }

  @Override
  public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
    CellText text = new CellText(cells);
    if (length == lengthBytes) {
      text.append("null"); // Written by INSERT IGNORE for an invalid document.
    } else {
      new BinaryJson(bytes, text).write(at + lengthBytes);
    }
    text.end();
  }
}
