package wherry.mysql;

import java.nio.charset.StandardCharsets;
import wherry.row.RowBatchBuilder;

/** Numbers of row events. */
final class LoggedNumbers {
  /** Characters of a long in decimal digits at most. */
  static final int LONG_DIGITS_MAX = 20;

  private LoggedNumbers() {}

  /** An integer of {@code bytesOfValue} bytes. */
  record Whole(int bytesOfValue, boolean unsigned) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return bytesOfValue;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      if (unsigned) {
        long value = LittleEndian.unsigned(bytes, at, bytesOfValue);
        if (value < 0) {
          cells.add(Long.toUnsignedString(value).getBytes(StandardCharsets.ISO_8859_1));
        } else {
          add(value, cells);
        }
      } else {
        add(LittleEndian.signed(bytes, at, bytesOfValue), cells);
      }
    }
  }

  /** YEAR: years since 1900 in a byte; 0 is the year 0. */
  record Year() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 1;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int value = bytes[at] & 0xFF;
      add(value == 0 ? 0 : 1900 + value, cells);
    }
  }

  record Float4() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 4;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      float value = Float.intBitsToFloat((int) LittleEndian.unsigned(bytes, at, 4));
      cells.add(Float.toString(value).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  record Double8() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 8;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      double value = Double.longBitsToDouble(LittleEndian.unsigned(bytes, at, 8));
      cells.add(MySqlDouble.text(value).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** A bit string, the most significant byte first. */
  record Bits(int bits) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return (bits + 7) / 8;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      long value = 0;
      for (int i = 0; i < length; i++) {
        value = value << 8 | (bytes[at + i] & 0xFF);
      }
      cells.reserve(bits);
      byte[] slab = cells.slab();
      int to = cells.used();
      if (bits == 1) {
        slab[to] = (byte) (value == 0 ? 'f' : 't');
      } else {
        for (int i = 0; i < bits; i++) {
          slab[to + i] = (byte) ('0' + (value >>> (bits - 1 - i) & 1));
        }
      }
      cells.commit(bits);
    }
  }

  private static void add(long value, RowBatchBuilder cells) {
    cells.reserve(LONG_DIGITS_MAX);
    cells.commit(write(value, cells.slab(), cells.used()));
  }

  /** Writes decimal digits and tells how many bytes they take. */
  static int write(long value, byte[] to, int at) {
    if (value == Long.MIN_VALUE) {
      byte[] smallest = Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(smallest, 0, to, at, smallest.length);
      return smallest.length;
    }
    int sign = value < 0 ? 1 : 0;
    if (value < 0) {
      to[at] = '-';
      value = -value;
    }
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    writePadded(value, digits, to, at + sign);
    return sign + digits;
  }

  /** Writes the last {@code digits} digits of a number that is not negative. */
  static void writePadded(long value, int digits, byte[] to, int at) {
    long rest = value;
    for (int i = digits - 1; i >= 0; i--) {
      to[at + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
