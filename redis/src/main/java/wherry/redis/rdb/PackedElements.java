package wherry.redis.rdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import wherry.redis.protocol.MalformedException;

/** The forms in which a server packs a short collection into one string. */
final class PackedElements {
  private static final int END = 0xff;

  private PackedElements() {}

  /**
   * A listpack (listpack.c): 4 bytes of size, 2 of count; per element an encoding, the data, and
   * the length of both, to go backwards; then 0xff.
   */
  static List<byte[]> listpack(byte[] packed) throws IOException {
    List<byte[]> elements = new ArrayList<>();
    int at = 6;
    while ((packed[at] & 0xff) != END) {
      int first = packed[at] & 0xff;
      int header;
      int data;
      if (first < 0x80) { // 0xxxxxxx: 7 bits
        elements.add(RdbString.decimal(first));
        header = 1;
        data = 0;
      } else if (first < 0xc0) { // 10xxxxxx: a string of up to 63 bytes
        header = 1;
        data = first & 0x3f;
        elements.add(Arrays.copyOfRange(packed, at + 1, at + 1 + data));
      } else if (first < 0xe0) { // 110xxxxx: 13 bits with sign
        int value = (first & 0x1f) << 8 | packed[at + 1] & 0xff;
        elements.add(RdbString.decimal(value < 1 << 12 ? value : value - (1 << 13)));
        header = 2;
        data = 0;
      } else if (first < 0xf0) { // 1110xxxx: a string of up to 4095 bytes
        header = 2;
        data = (first & 0x0f) << 8 | packed[at + 1] & 0xff;
        elements.add(Arrays.copyOfRange(packed, at + 2, at + 2 + data));
      } else if (first == 0xf0) { // a string with 4 bytes of length
        header = 5;
        data = (int) integer(packed, at + 1, 4);
        elements.add(Arrays.copyOfRange(packed, at + 5, at + 5 + data));
      } else { // 0xf1 … 0xf4: 16, 24, 32, 64 bits
        header = 1;
        data =
            switch (first) {
              case 0xf1 -> 2;
              case 0xf2 -> 3;
              case 0xf3 -> 4;
              case 0xf4 -> 8;
              default ->
                  throw new MalformedException("no element of a listpack begins with " + first);
            };
        elements.add(RdbString.decimal(integer(packed, at + 1, data)));
      }
      at += header + data + backLength(header + data);
    }
    return elements;
  }

  /** How many bytes the length of an element takes, 7 bits in each (lpEncodeBacklen). */
  private static int backLength(int length) {
    if (length <= 127) {
      return 1;
    }
    return length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5;
  }

  /**
   * A ziplist (ziplist.c, servers before 7.0): 10 bytes of header; per element the length of the
   * one before, an encoding and the data; then 0xff.
   */
  static List<byte[]> ziplist(byte[] packed) throws IOException {
    List<byte[]> elements = new ArrayList<>();
    int at = 10;
    while ((packed[at] & 0xff) != END) {
      at += (packed[at] & 0xff) < 254 ? 1 : 5;
      int first = packed[at] & 0xff;
      int data;
      if (first >> 6 == 3) {
        data =
            switch (first) {
              case 0xc0 -> 2;
              case 0xd0 -> 4;
              case 0xe0 -> 8;
              case 0xf0 -> 3;
              case 0xfe -> 1;
              default -> 0; // 1111xxxx: the value itself, plus one
            };
        elements.add(
            RdbString.decimal(data == 0 ? (first & 0x0f) - 1 : integer(packed, at + 1, data)));
        at += 1 + data;
      } else {
        int header = first >> 6 == 0 ? 1 : first >> 6 == 1 ? 2 : 5;
        data =
            switch (header) {
              case 1 -> first;
              case 2 -> (first & 0x3f) << 8 | packed[at + 1] & 0xff;
              default -> ByteBuffer.wrap(packed, at + 1, 4).getInt();
            };
        elements.add(Arrays.copyOfRange(packed, at + header, at + header + data));
        at += header + data;
      }
    }
    return elements;
  }

  /** An intset (intset.c): 4 bytes for the width of each number, 4 for the count, the numbers. */
  static List<byte[]> intset(byte[] packed) {
    int width = (int) integer(packed, 0, 4);
    int count = (int) integer(packed, 4, 4);
    List<byte[]> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      elements.add(RdbString.decimal(integer(packed, 8 + i * width, width)));
    }
    return elements;
  }

  /**
   * A zipmap (zipmap.c, servers before 2.6): a byte of count; per field a length and the bytes, per
   * value also a byte that says how many unused ones follow it; then 0xff.
   */
  static List<byte[]> zipmap(byte[] packed) {
    List<byte[]> elements = new ArrayList<>();
    int at = 1;
    boolean value = false;
    while ((packed[at] & 0xff) != END) {
      int first = packed[at] & 0xff;
      int length = first < 254 ? first : (int) integer(packed, at + 1, 4);
      at += first < 254 ? 1 : 5;
      int unused = value ? packed[at++] & 0xff : 0;
      elements.add(Arrays.copyOfRange(packed, at, at + length));
      at += length + unused;
      value = !value;
    }
    return elements;
  }

  /** A little-endian number with sign. */
  private static long integer(byte[] bytes, int at, int width) {
    ByteBuffer padded = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    padded.put(bytes, at, width);
    byte sign = (byte) (bytes[at + width - 1] >> 7);
    while (padded.hasRemaining()) {
      padded.put(sign);
    }
    return padded.getLong(0);
  }
}
