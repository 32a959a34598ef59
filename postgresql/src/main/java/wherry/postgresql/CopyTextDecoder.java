package wherry.postgresql;

import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;

/**
 * COPY's text format into cells (PostgreSQL manual, COPY, "Text Format"): fields end at a tab, the
 * row at a newline, {@code \N} is NULL, and of the escapes the server writes only {@code \b \f \n
 * \r \t \v \\}. Cells of binary columns are turned from hexadecimal into their bytes.
 *
 * <p>Owned by one thread.
 */
final class CopyTextDecoder {
  private static final byte TAB = '\t';
  private static final byte NEWLINE = '\n';
  private static final byte ESCAPE = '\\';
  private static final byte[] UNESCAPED = new byte[256];
  private static final byte[] NIBBLE = new byte[256];

  static {
    for (int i = 0; i < UNESCAPED.length; i++) {
      UNESCAPED[i] = (byte) i;
    }
    UNESCAPED['b'] = '\b';
    UNESCAPED['f'] = '\f';
    UNESCAPED['n'] = '\n';
    UNESCAPED['r'] = '\r';
    UNESCAPED['t'] = '\t';
    UNESCAPED['v'] = 0x0b;
    for (int i = 0; i < 16; i++) {
      NIBBLE[Character.forDigit(i, 16)] = (byte) i;
    }
  }

  private final RowBatchBuilder builder;
  private final boolean[] isBinary;

  CopyTextDecoder(TableSchema table) {
    this.builder = new RowBatchBuilder(table);
    this.isBinary = new boolean[table.columns().size()];
    for (int i = 0; i < isBinary.length; i++) {
      isBinary[i] = table.columns().get(i).type().isBinary();
    }
  }

  int rows() {
    return builder.rows();
  }

  int bytes() {
    return builder.bytes();
  }

  RowBatch build() {
    return builder.build();
  }

  /** Adds the row that a message holds, newline included. */
  void decode(byte[] message) {
    builder.reserve(message.length);
    byte[] slab = builder.slab();
    int at = 0;
    for (int column = 0; column < isBinary.length; column++) {
      at = isBinary[column] ? bytes(message, at) : text(message, at, slab);
    }
    builder.endRow();
  }

  /** One field; returns where the next begins. */
  private int text(byte[] message, int start, byte[] slab) {
    int at = start;
    byte b = message[at];
    while (b != TAB && b != NEWLINE && b != ESCAPE) {
      b = message[++at];
    }
    int target = builder.used();
    System.arraycopy(message, start, slab, target, at - start);
    if (b != ESCAPE) {
      builder.commit(at - start);
      return at + 1;
    }
    if (at == start && message[at + 1] == 'N') {
      builder.addNull();
      return at + 3;
    }
    return escaped(message, at, slab, target + at - start);
  }

  private int escaped(byte[] message, int from, byte[] slab, int to) {
    int at = from;
    int target = to;
    byte b = message[at];
    while (b != TAB && b != NEWLINE) {
      if (b == ESCAPE) {
        b = UNESCAPED[message[++at] & 0xff];
      }
      slab[target++] = b;
      b = message[++at];
    }
    builder.commit(target - builder.used());
    return at + 1;
  }

  /** {@code \N}, or {@code \\x} and two digits a byte. */
  private int bytes(byte[] message, int start) {
    if (message[start + 1] == 'N') {
      builder.addNull();
      return start + 3;
    }
    byte[] slab = builder.slab();
    int target = builder.used();
    int at = start + 3;
    while (message[at] != TAB && message[at] != NEWLINE) {
      slab[target++] = (byte) (NIBBLE[message[at]] << 4 | NIBBLE[message[at + 1]]);
      at += 2;
    }
    builder.commit(target - builder.used());
    return at + 1;
  }
}
