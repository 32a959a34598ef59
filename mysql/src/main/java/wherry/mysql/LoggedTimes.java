package wherry.mysql;

import wherry.row.RowBatchBuilder;

/**
 * Dates and times of row events (my_time.c: my_datetime_packed_from_binary and its like). Zero
 * dates and dates that do not exist come out as they are.
 */
final class LoggedTimes {
  private static final int SECONDS_PER_DAY = 86400;

  private LoggedTimes() {}

  /** DATE: three bytes; five bits of day, four of month, the year. */
  record Date() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 3;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int value = (int) LittleEndian.unsigned(bytes, at, 3);
      cells.reserve(10);
      writeDate(value >> 9, value >> 5 & 15, value & 31, cells.slab(), cells.used());
      cells.commit(10);
    }
  }

  /** DATETIME(fraction): 40 bits and the fraction, most significant byte first. */
  record DateTime(int fraction) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 5 + fractionBytes(fraction);
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      long value = bigEndian(bytes, at, 5) - 0x8000000000L;
      int date = (int) (value >> 17);
      int yearMonth = date >> 5;
      cells.reserve(26);
      byte[] to = cells.slab();
      int out = cells.used();
      writeDate(yearMonth / 13, yearMonth % 13, date & 31, to, out);
      to[out + 10] = ' ';
      writeTime((int) (value >> 12 & 31), (int) (value >> 6 & 63), (int) value & 63, to, out + 11);
      int more = writeFraction(fractionOf(bytes, at + 5, fraction), fraction, to, out + 19);
      cells.commit(19 + more);
    }
  }

  /** TIMESTAMP(fraction): seconds since 1970 in UTC; 0 is the zero date. */
  record Timestamp(int fraction) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 4 + fractionBytes(fraction);
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      writeInstant(bigEndian(bytes, at, 4), fractionOf(bytes, at + 4, fraction), fraction, cells);
    }
  }

  /** TIMESTAMP of before MySQL 5.6. */
  record OldTimestamp() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 4;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      writeInstant(LittleEndian.unsigned(bytes, at, 4), 0, 0, cells);
    }
  }

  /** DATETIME of before MySQL 5.6: decimal digits YYYYMMDDhhmmss in eight bytes. */
  record OldDateTime() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 8;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      long value = LittleEndian.unsigned(bytes, at, 8);
      int date = (int) (value / 1_000_000);
      int time = (int) (value % 1_000_000);
      cells.reserve(19);
      byte[] to = cells.slab();
      int out = cells.used();
      writeDate(date / 10000, date / 100 % 100, date % 100, to, out);
      to[out + 10] = ' ';
      writeTime(time / 10000, time / 100 % 100, time % 100, to, out + 11);
      cells.commit(19);
    }
  }

  /**
   * TIME(fraction): a sign bit that is inverted, ten bits of hours, six and six; a negative time as
   * a whole in two's complement, its fraction included.
   */
  record Time(int fraction) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 3 + fractionBytes(fraction);
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int fractionBytes = length - 3;
      long packed = bigEndian(bytes, at, length) - (0x800000L << 8 * fractionBytes);
      boolean negative = packed < 0;
      long value = Math.abs(packed);
      int micros = micros((int) (value & (1L << 8 * fractionBytes) - 1), fractionBytes);
      int seconds = (int) (value >> 8 * fractionBytes);
      writeSpan(negative, seconds >> 12, seconds >> 6 & 63, seconds & 63, micros, fraction, cells);
    }
  }

  /** TIME of before MySQL 5.6: decimal digits hhmmss in three bytes, signed. */
  record OldTime() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 3;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int packed = (int) LittleEndian.signed(bytes, at, 3);
      int value = Math.abs(packed);
      writeSpan(packed < 0, value / 10000, value / 100 % 100, value % 100, 0, 0, cells);
    }
  }

  private static void writeInstant(
      long epochSeconds, int micros, int fraction, RowBatchBuilder cells) {
    cells.reserve(26);
    byte[] to = cells.slab();
    int out = cells.used();
    if (epochSeconds == 0 && micros == 0) {
      writeDate(0, 0, 0, to, out);
    } else {
      writeEpochDay(epochSeconds / SECONDS_PER_DAY, to, out);
    }
    to[out + 10] = ' ';
    int second = (int) (epochSeconds % SECONDS_PER_DAY);
    writeTime(second / 3600, second / 60 % 60, second % 60, to, out + 11);
    cells.commit(19 + writeFraction(micros, fraction, to, out + 19));
  }

  /** Civil date from days since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date"). */
  private static void writeEpochDay(long epochDay, byte[] to, int at) {
    int day = (int) epochDay + 719468;
    int era = day / 146097;
    int ofEra = day % 146097;
    int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
    int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int shifted = (5 * ofYear + 2) / 153;
    int month = shifted < 10 ? shifted + 3 : shifted - 9;
    int year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    writeDate(year, month, ofYear - (153 * shifted + 2) / 5 + 1, to, at);
  }

  private static void writeSpan(
      boolean negative,
      int hours,
      int minutes,
      int seconds,
      int micros,
      int fraction,
      RowBatchBuilder cells) {
    cells.reserve(17);
    byte[] to = cells.slab();
    int start = cells.used();
    int out = start;
    if (negative) {
      to[out++] = '-';
    }
    if (hours >= 100) {
      to[out++] = (byte) ('0' + hours / 100);
    }
    writeTime(hours % 100, minutes, seconds, to, out);
    out += 8;
    out += writeFraction(micros, fraction, to, out);
    cells.commit(out - start);
  }

  static void writeDate(int year, int month, int day, byte[] to, int at) {
    LoggedNumbers.writePadded(year, 4, to, at);
    to[at + 4] = '-';
    two(month, to, at + 5);
    to[at + 7] = '-';
    two(day, to, at + 8);
  }

  static void writeTime(int hour, int minute, int second, byte[] to, int at) {
    two(hour, to, at);
    to[at + 2] = ':';
    two(minute, to, at + 3);
    to[at + 5] = ':';
    two(second, to, at + 6);
  }

  private static void two(int value, byte[] to, int at) {
    to[at] = (byte) ('0' + value / 10);
    to[at + 1] = (byte) ('0' + value % 10);
  }

  static int writeFraction(int micros, int digits, byte[] to, int at) {
    if (digits == 0) {
      return 0;
    }
    to[at] = '.';
    int value = micros;
    for (int i = digits; i < 6; i++) {
      value /= 10;
    }
    LoggedNumbers.writePadded(value, digits, to, at + 1);
    return 1 + digits;
  }

  private static int fractionBytes(int digits) {
    return (digits + 1) / 2;
  }

  private static int fractionOf(byte[] bytes, int at, int digits) {
    int count = fractionBytes(digits);
    return micros((int) bigEndian(bytes, at, count), count);
  }

  /** One byte counts hundredths, two bytes 1/10,000, three microseconds. */
  private static int micros(int value, int count) {
    return switch (count) {
      case 1 -> value * 10_000;
      case 2 -> value * 100;
      default -> value;
    };
  }

  static long bigEndian(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | (bytes[at + i] & 0xFF);
    }
    return value;
  }
}
