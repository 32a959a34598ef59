package wherry.mysql;

import java.util.Arrays;

/** A growing array of bytes that is filled, sent and filled again. */
final class Bytes {
  private static final int KEPT_MAX = 16 << 20;

  private byte[] array;
  private int length;

  Bytes(int capacity) {
    array = new byte[capacity];
  }

  void add(int value) {
    reserve(1);
    array[length++] = (byte) value;
  }

  void add(byte[] source, int from, int to) {
    reserve(to - from);
    System.arraycopy(source, from, array, length, to - from);
    length += to - from;
  }

  void add(byte[] source) {
    add(source, 0, source.length);
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  /** Empties it, and lets an unusually large array go. */
  void clear() {
    length = 0;
    if (array.length > KEPT_MAX) {
      array = new byte[KEPT_MAX / 16];
    }
  }

  private void reserve(int more) {
    if (length + more > array.length || length + more < 0) {
      array =
          Arrays.copyOf(
              array,
              (int)
                  Math.min(
                      Integer.MAX_VALUE - 16, Math.max((long) length + more, 2L * array.length)));
    }
  }
}
