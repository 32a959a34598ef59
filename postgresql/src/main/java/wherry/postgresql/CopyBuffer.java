package wherry.postgresql;

import java.util.Arrays;

/** Bytes on their way to the server, numbers big-endian. Grows; owned by one thread. */
final class CopyBuffer {
  private static final int FIRST_BYTES = 64 * 1024;
  private static final int KEPT_BYTES_MAX = 8 << 20;

  /**
   * A larger buffer holds a wide row: it grows by little, for the heap has to hold the row several
   * times.
   */
  private static final int DOUBLED_BYTES_MAX = 16 << 20;

  private static final int BYTES_MAX = Integer.MAX_VALUE - 16;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int used;

  byte[] bytes() {
    return bytes;
  }

  int used() {
    return used;
  }

  /**
   * Forgets what was appended since; 0 empties the buffer and gives back what a wide batch has
   * taken.
   */
  void cutTo(int size) {
    used = size;
    if (size == 0 && bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[FIRST_BYTES];
    }
  }

  void put(int oneByte) {
    reserve(1);
    bytes[used++] = (byte) oneByte;
  }

  void putShort(int value) {
    reserve(2);
    bytes[used] = (byte) (value >>> 8);
    bytes[used + 1] = (byte) value;
    used += 2;
  }

  void putInt(int value) {
    skip(4);
    setInt(used - 4, value);
  }

  void putLong(long value) {
    skip(8);
    setInt(used - 8, (int) (value >>> 32));
    setInt(used - 4, (int) value);
  }

  void put(byte[] source, int start, int length) {
    reserve(length);
    System.arraycopy(source, start, bytes, used, length);
    used += length;
  }

  /** Makes room for bytes that are set afterwards. */
  void skip(int length) {
    reserve(length);
    used += length;
  }

  /** Overwrites four bytes that are there already. */
  void setInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  void setShort(int at, int value) {
    bytes[at] = (byte) (value >>> 8);
    bytes[at + 1] = (byte) value;
  }

  private void reserve(int more) {
    long needed = (long) used + more;
    if (needed > bytes.length) {
      if (needed > BYTES_MAX) {
        throw new IllegalStateException("A batch of rows does not fit into 2 GiB");
      }
      long roomy = bytes.length < DOUBLED_BYTES_MAX ? 2L * bytes.length : needed + (needed >> 3);
      bytes = Arrays.copyOf(bytes, (int) Math.min(BYTES_MAX, Math.max(needed, roomy)));
    }
  }
}
