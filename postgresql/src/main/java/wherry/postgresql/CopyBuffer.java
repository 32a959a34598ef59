package wherry.postgresql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import wherry.row.ShortCopy;

/** Bytes on their way to the server, numbers big-endian. Grows; owned by one thread. */
final class CopyBuffer {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);
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

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.BIG_ENDIAN);
  }

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
    SHORT.set(bytes, used, (short) value);
    used += 2;
  }

  void putInt(int value) {
    skip(4);
    setInt(used - 4, value);
  }

  void putLong(long value) {
    skip(8);
    LONG.set(bytes, used - 8, value);
  }

  void put(byte[] source, int start, int length) {
    reserve(length);
    ShortCopy.copy(source, start, bytes, used, length);
    used += length;
  }

  /** Makes room for bytes that are set afterwards. */
  void skip(int length) {
    reserve(length);
    used += length;
  }

  /** Overwrites four bytes that are there already. */
  void setInt(int at, int value) {
    INT.set(bytes, at, value);
  }

  void setShort(int at, int value) {
    SHORT.set(bytes, at, (short) value);
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
