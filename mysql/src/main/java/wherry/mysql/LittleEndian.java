package wherry.mysql;

/** Numbers as MySQL's protocol and log write them, the least significant byte first. */
final class LittleEndian {
  private LittleEndian() {}

  /** {@code count} bytes as an unsigned number; all 64 bits of it when there are eight. */
  static long unsigned(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xFF);
    }
    return value;
  }

  /** {@code count} bytes as a number in two's complement. */
  static long signed(byte[] bytes, int at, int count) {
    int unused = 64 - 8 * count;
    return unsigned(bytes, at, count) << unused >> unused;
  }

  static void put(byte[] bytes, int at, int count, long value) {
    for (int i = 0; i < count; i++) {
      bytes[at + i] = (byte) (value >>> 8 * i);
    }
  }
}
