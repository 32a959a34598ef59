package wherry.postgresql;

/**
 * Where the columns of a row lie in a message of the log (PostgreSQL manual, 54.9, TupleData):
 * Int16 number of columns, then for each a Byte1: {@code n} NULL, {@code u} an unchanged value that
 * is not sent, {@code t} Int32 length and that many bytes of text.
 *
 * <p>Used again for each row; owned by one thread.
 */
final class Tuple {
  static final int NULL = -1;
  static final int UNCHANGED = -2;

  private byte[] message = new byte[0];
  private int count;
  private int[] starts = new int[64];
  private int[] lengths = new int[64];

  /** Finds the columns from {@code at} on; returns where the tuple ends. */
  int read(byte[] source, int at) {
    message = source;
    count = Bytes.int16(source, at);
    if (count > starts.length) {
      starts = new int[count];
      lengths = new int[count];
    }
    int next = at + 2;
    for (int i = 0; i < count; i++) {
      byte kind = source[next++];
      switch (kind) {
        case 'n' -> lengths[i] = NULL;
        case 'u' -> lengths[i] = UNCHANGED;
        case 't' -> {
          lengths[i] = Bytes.int32(source, next);
          starts[i] = next + 4;
          next += 4 + lengths[i];
        }
        default -> throw new IllegalStateException("A column of kind " + (char) kind);
      }
    }
    return next;
  }

  int count() {
    return count;
  }

  byte[] message() {
    return message;
  }

  int start(int column) {
    return starts[column];
  }

  /** In bytes, or {@link #NULL} or {@link #UNCHANGED}. */
  int length(int column) {
    return lengths[column];
  }
}
