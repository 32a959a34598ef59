package wherry.mysql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers as MySQL's protocol and log write them, the least significant byte first. */
final class LittleEndian {
  private static final VarHandle TWO = view(short[].class);
  private static final VarHandle FOUR = view(int[].class);
  private static final VarHandle EIGHT = view(long[].class);

  private LittleEndian() {}

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  /** {@code count} bytes as an unsigned number; all 64 bits of it when there are eight. */
  static long unsigned(byte[] bytes, int at, int count) {
    return switch (count) {
      case 2 -> (short) TWO.get(bytes, at) & 0xFFFF;
      case 4 -> (int) FOUR.get(bytes, at) & 0xFFFFFFFFL;
      case 8 -> (long) EIGHT.get(bytes, at);
      default -> {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
          value = value << 8 | (bytes[at + i] & 0xFF);
        }
        yield value;
      }
    };
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
