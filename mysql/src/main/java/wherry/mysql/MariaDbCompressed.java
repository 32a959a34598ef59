package wherry.mysql;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import wherry.row.RowBatchBuilder;

/**
 * A value of a column that MariaDB keeps compressed ("Storage-Engine Independent Column
 * Compression"). Behind the value's length comes a byte: in its upper half how (0 not at all, 8
 * zlib), in its lower half whether the zlib header is left out and how many bytes the original
 * length takes, which follow, the most significant first.
 *
 * @param value what the original value would be decoded with
 */
record MariaDbCompressed(LoggedCell value, int lengthBytes) implements LoggedCell {
  private static final int WITHOUT_HEADER = 8;
  private static final int LENGTH_BYTES = 7;

  @Override
  public int length(byte[] bytes, int at) {
    return lengthBytes + Math.toIntExact(LittleEndian.unsigned(bytes, at, lengthBytes));
  }

  @Override
  public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
    int from = at + lengthBytes;
    int given = length - lengthBytes;
    byte[] original =
        given == 0 || bytes[from] == 0
            ? withLength(bytes, from + 1, Math.max(0, given - 1))
            : inflated(bytes, from, given);
    value.decode(original, 0, original.length, cells);
  }

  /** As a plain value of its column would stand in the log. */
  private byte[] withLength(byte[] bytes, int at, int count) {
    byte[] all = new byte[lengthBytes + count];
    LittleEndian.put(all, 0, lengthBytes, count);
    System.arraycopy(bytes, at, all, lengthBytes, count);
    return all;
  }

  private byte[] inflated(byte[] bytes, int at, int given) {
    int head = bytes[at] & 0xFF;
    if (head >> 4 != 8) {
      throw new IllegalArgumentException("a value is compressed in the unknown way " + (head >> 4));
    }
    int sizeBytes = head & LENGTH_BYTES;
    int size = (int) LoggedTimes.bigEndian(bytes, at + 1, sizeBytes);
    byte[] original = new byte[lengthBytes + size];
    LittleEndian.put(original, 0, lengthBytes, size);
    Inflater inflater = new Inflater((head & WITHOUT_HEADER) != 0);
    try {
      inflater.setInput(bytes, at + 1 + sizeBytes, given - 1 - sizeBytes);
      int used = 0;
      while (used < size) {
        int more = inflater.inflate(original, lengthBytes + used, size - used);
        if (more == 0) {
          throw new IllegalArgumentException("a compressed value ends too early");
        }
        used += more;
      }
      return original;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("a compressed value is damaged", e);
    } finally {
      inflater.end();
    }
  }
}
