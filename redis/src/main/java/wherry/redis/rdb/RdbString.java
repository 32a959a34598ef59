package wherry.redis.rdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import wherry.redis.protocol.ByteInput;
import wherry.redis.protocol.MalformedException;

/**
 * Lengths and strings (rdb.h, "Defines related to the dump file format"): the two highest bits of
 * the first byte say whether the length has 6, 14, 32 or 64 bits, or that an integer or an
 * LZF-compressed string follows.
 */
final class RdbString {
  private static final int LENGTH_32_BITS = 0x80;
  private static final int LENGTH_64_BITS = 0x81;
  private static final int INT8 = 0xc0;
  private static final int INT16 = 0xc1;
  private static final int INT32 = 0xc2;
  private static final int LZF = 0xc3;

  /** Takes a long string part by part. */
  @FunctionalInterface
  interface Parts {
    void take(byte[] bytes, int offset, int length) throws IOException;
  }

  private RdbString() {}

  static long length(ByteInput in) throws IOException {
    return length(in, in.read());
  }

  private static long length(ByteInput in, int first) throws IOException {
    return switch (first >> 6) {
      case 0 -> first & 0x3f;
      case 1 -> (first & 0x3f) << 8 | in.read();
      default ->
          switch (first) {
            case LENGTH_32_BITS -> in.readBigEndian(4);
            case LENGTH_64_BITS -> in.readBigEndian(8);
            default -> throw new MalformedException("no length begins with byte " + first);
          };
    };
  }

  static void skip(ByteInput in) throws IOException {
    int first = in.read();
    switch (first) {
      case INT8 -> in.skip(1);
      case INT16 -> in.skip(2);
      case INT32 -> in.skip(4);
      case LZF -> {
        long compressed = length(in);
        length(in);
        in.skip(compressed);
      }
      default -> in.skip(length(in, first));
    }
  }

  /** A whole string; it has to fit into an array. */
  static byte[] read(ByteInput in) throws IOException {
    int first = in.read();
    return switch (first) {
      case INT8 -> decimal((byte) in.read());
      case INT16 -> decimal((short) littleEndian(in, 2));
      case INT32 -> decimal((int) littleEndian(in, 4));
      case LZF -> {
        length(in);
        Lzf lzf = new Lzf(in, length(in));
        byte[] whole = new byte[Math.toIntExact(lzf.left())];
        for (int at = 0; at < whole.length; ) {
          at += lzf.read(whole, at, whole.length - at);
        }
        yield whole;
      }
      default -> in.readBytes(Math.toIntExact(length(in, first)));
    };
  }

  /** A string of any length in parts of at most this size. */
  static void read(ByteInput in, int partBytes, Parts parts) throws IOException {
    int first = in.read();
    switch (first) {
      case INT8, INT16, INT32 -> {
        byte[] digits =
            switch (first) {
              case INT8 -> decimal((byte) in.read());
              case INT16 -> decimal((short) littleEndian(in, 2));
              default -> decimal((int) littleEndian(in, 4));
            };
        parts.take(digits, 0, digits.length);
      }
      case LZF -> {
        length(in);
        Lzf lzf = new Lzf(in, length(in));
        byte[] part = new byte[partBytes];
        while (lzf.left() > 0) {
          parts.take(part, 0, lzf.read(part, 0, partBytes));
        }
      }
      default -> {
        byte[] part = new byte[partBytes];
        long left = length(in, first);
        while (left > 0) {
          int size = (int) Math.min(left, partBytes);
          in.readFully(part, 0, size);
          parts.take(part, 0, size);
          left -= size;
        }
      }
    }
  }

  private static long littleEndian(ByteInput in, int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) in.read() << Byte.SIZE * i;
    }
    return value;
  }

  static byte[] decimal(long value) {
    return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
  }
}
