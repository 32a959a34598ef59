package wherry.redis;

import java.nio.charset.StandardCharsets;

/**
 * The slot of a key in a cluster: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384
 * (Redis cluster specification, "Key distribution model" and "Hash tags").
 */
public final class HashSlot {
  private static final int POLYNOMIAL = 0x1021;
  private static final int[] TABLE = table();
  private static final String[] TAGS = tags();

  private HashSlot() {}

  public static int of(byte[] key) {
    return of(key, 0, key.length);
  }

  /** The slot of the key whose {@code length} bytes begin at {@code offset}. */
  public static int of(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int open = indexOf(bytes, (byte) '{', offset, end);
    if (open >= 0) {
      int close = indexOf(bytes, (byte) '}', open + 1, end);
      if (close > open + 1) {
        return crc16(bytes, open + 1, close) % SlotRange.SLOTS;
      }
    }
    return crc16(bytes, offset, end) % SlotRange.SLOTS;
  }

  /** A short text whose slot this is, for the hash tag of a key that must be in it. */
  public static String tagOf(int slot) {
    return TAGS[slot];
  }

  private static int indexOf(byte[] bytes, byte wanted, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static int crc16(byte[] bytes, int from, int end) {
    int crc = 0;
    for (int i = from; i < end; i++) {
      crc = (crc << 8 ^ TABLE[(crc >> 8 ^ bytes[i]) & 0xff]) & 0xffff;
    }
    return crc;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int value = 0; value < table.length; value++) {
      int crc = value << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ POLYNOMIAL;
      }
      table[value] = crc & 0xffff;
    }
    return table;
  }

  private static String[] tags() {
    String[] tags = new String[SlotRange.SLOTS];
    int found = 0;
    for (int number = 0; found < tags.length; number++) {
      String tag = Integer.toString(number, Character.MAX_RADIX);
      int slot = of(tag.getBytes(StandardCharsets.US_ASCII));
      if (tags[slot] == null) {
        tags[slot] = tag;
        found++;
      }
    }
    return tags;
  }
}
