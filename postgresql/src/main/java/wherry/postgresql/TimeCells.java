package wherry.postgresql;

/**
 * Binary forms of dates and times (date_send, time_send, timestamp_send, interval_send) from their
 * canonical text. Never another date: what the calendar does not have is refused, and so are
 * fractions that the column would round away.
 */
final class TimeCells {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
  private static final int FRACTION_DIGITS = 6;

  /** From 1970-01-01 to PostgreSQL's epoch, 2000-01-01. */
  private static final long EPOCH_DAYS = 10_957;

  /**
   * Limits of date and timestamp (PostgreSQL manual, 8.5 "Date/Time Types"), in days since the
   * epoch.
   */
  private static final long FIRST_DAY = days(-4713, 11, 24);

  private static final long LAST_DATE = days(5_874_897, 12, 31);
  private static final long LAST_TIMESTAMP_DAY = days(294_276, 12, 31);
  private static final int YEAR_MAX = 9_999_999;
  private static final int HOURS_MAX = 100_000_000;
  private static final int[] MONTH_DAYS = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private static final int SHORTEST_MONTH_DAYS = 28;
  private static final int NOT_USUAL = Integer.MIN_VALUE;

  private static final int INFINITE_INTERVALS_SINCE = 17;

  private TimeCells() {}

  static CellEncoder date() {
    return (slab, start, end, out) -> {
      int usual = usualDay(slab, start, end);
      if (usual != NOT_USUAL) {
        out.putInt(usual);
        return;
      }
      Scan scan = new Scan(slab, start, end, FRACTION_DIGITS);
      int infinity = scan.infinity();
      if (infinity != 0) {
        out.putInt(infinity > 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE);
        return;
      }
      long micros = scan.dateTime(LAST_DATE);
      if (Math.floorMod(micros, MICROS_PER_DAY) != 0 && scan.hasTime) {
        throw CellRefused.truncation(scan + " has a time of day, and the column is a date");
      }
      out.putInt((int) scan.day);
    };
  }

  /** The day of a cell {@code yyyy-mm-dd}, which nearly all are; NOT_USUAL for all others. */
  private static int usualDay(byte[] slab, int start, int end) {
    if (end - start != 10 || slab[start + 4] != '-' || slab[start + 7] != '-') {
      return NOT_USUAL;
    }
    int year = 100 * twoDigits(slab, start) + twoDigits(slab, start + 2);
    int month = twoDigits(slab, start + 5);
    int day = twoDigits(slab, start + 8);
    boolean usual = year > 0 && month > 0 && month <= 12 && day > 0 && day <= SHORTEST_MONTH_DAYS;
    return usual ? (int) days(year, month, day) : NOT_USUAL;
  }

  /** Far below zero, and with it the number that it becomes a part of, when one is no digit. */
  private static int twoDigits(byte[] slab, int at) {
    int tens = slab[at] - '0';
    int ones = slab[at + 1] - '0';
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : -100_000;
  }

  /** Microseconds since 2000-01-01 00:00:00, in UTC for a column with time zone. */
  static CellEncoder timestamp(int fractionDigits) {
    return (slab, start, end, out) -> {
      Scan scan = new Scan(slab, start, end, fractionDigits);
      int infinity = scan.infinity();
      if (infinity != 0) {
        out.putLong(infinity > 0 ? Long.MAX_VALUE : Long.MIN_VALUE);
      } else {
        out.putLong(scan.dateTime(LAST_TIMESTAMP_DAY));
      }
    };
  }

  static CellEncoder time(int fractionDigits) {
    return (slab, start, end, out) -> {
      Scan scan = new Scan(slab, start, end, fractionDigits);
      long micros = scan.span();
      scan.expectEnd();
      if (micros < 0 || micros > MICROS_PER_DAY) {
        throw CellRefused.data(
            scan
                + " is not a time of day, 00:00:00 to 24:00:00. A column of type interval would"
                + " hold it");
      }
      out.putLong(micros);
    };
  }

  /** Int64 microseconds, Int32 days, Int32 months. */
  static CellEncoder interval(int fractionDigits, int serverMajor) {
    return (slab, start, end, out) -> {
      Scan scan = new Scan(slab, start, end, fractionDigits);
      int infinity = scan.infinity();
      if (infinity != 0) {
        if (serverMajor < INFINITE_INTERVALS_SINCE) {
          throw CellRefused.data("an interval can be infinite only from PostgreSQL 17 on");
        }
        putInterval(
            out,
            infinity > 0 ? Long.MAX_VALUE : Long.MIN_VALUE,
            infinity > 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE,
            infinity > 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE);
      } else if (start < end && slab[start] == 'P') {
        scan.isoDuration(out);
      } else {
        long micros = scan.span();
        scan.expectEnd();
        putInterval(out, micros, 0, 0);
      }
    };
  }

  private static void putInterval(CopyBuffer out, long micros, int days, int months) {
    out.putLong(micros);
    out.putInt(days);
    out.putInt(months);
  }

  /** Days since 2000-01-01 in the proleptic Gregorian calendar; year 0 is 1 BC. */
  static long days(long year, int month, int day) {
    long y = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(y, 400);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468 - EPOCH_DAYS;
  }

  private static boolean isLeap(long year) {
    return Math.floorMod(year, 4) == 0
        && (Math.floorMod(year, 100) != 0 || Math.floorMod(year, 400) == 0);
  }

  /** Reads one cell from left to right. */
  private static final class Scan {
    private final byte[] slab;
    private final int start;
    private final int end;
    private final int fractionDigits;
    private int at;
    private long day;
    private boolean hasTime;

    Scan(byte[] slab, int start, int end, int fractionDigits) {
      this.slab = slab;
      this.start = start;
      this.end = end;
      this.fractionDigits = fractionDigits;
      this.at = start;
    }

    /** 1 or -1 when the cell is infinity or -infinity, else 0. */
    int infinity() {
      int word = start < end && slab[start] == '-' ? start + 1 : start;
      if (word >= end || slab[word] != 'i' || end - word != 8) {
        return 0;
      }
      return word == start ? 1 : -1;
    }

    /**
     * A date, perhaps with a time of day, perhaps before Christ; in microseconds since the epoch.
     */
    long dateTime(long lastDay) throws CellRefused {
      boolean beforeChrist = end - start > 3 && slab[end - 1] == 'C' && slab[end - 2] == 'B';
      int stop = beforeChrist ? end - 3 : end;
      int year = number(YEAR_MAX);
      expect('-');
      int month = number(99);
      expect('-');
      int dayOfMonth = number(99);
      if (year == 0 || month == 0 || dayOfMonth == 0) {
        throw CellRefused.data(
            this
                + " is a zero date, which no PostgreSQL date can be. To keep it, create the target"
                + " table with a text column in its place and load with TargetTablePrepMode"
                + " DO_NOTHING, or correct it at the source");
      }
      long properYear = beforeChrist ? 1L - year : year;
      if (month > 12
          || dayOfMonth > MONTH_DAYS[month - 1]
          || (month == 2 && dayOfMonth == 29 && !isLeap(properYear))) {
        throw CellRefused.data(this + " is not a day of the calendar");
      }
      day = days(properYear, month, dayOfMonth);
      if (day < FIRST_DAY || day > lastDay) {
        throw CellRefused.data(
            this
                + " is out of the range of the column's type, 4713 BC to "
                + (lastDay == LAST_DATE ? "5874897" : "294276")
                + " AD");
      }
      long micros = 0;
      if (at < stop) {
        hasTime = true;
        at++;
        micros = span();
        if (micros < 0 || micros >= MICROS_PER_DAY) {
          throw notATime();
        }
      }
      if (at != stop) {
        throw notATime();
      }
      return lastDay == LAST_DATE ? micros : day * MICROS_PER_DAY + micros;
    }

    /** {@code [-]hours:minutes:seconds[.fraction]} in microseconds. */
    long span() throws CellRefused {
      boolean negative = at < end && slab[at] == '-';
      at += negative ? 1 : 0;
      long hours = number(HOURS_MAX);
      expect(':');
      int minutes = number(59);
      expect(':');
      int seconds = number(59);
      long micros = ((hours * 60 + minutes) * 60 + seconds) * MICROS_PER_SECOND + fraction();
      return negative ? -micros : micros;
    }

    /** What follows the seconds, in microseconds. */
    private long fraction() throws CellRefused {
      if (at >= end || slab[at] != '.') {
        return 0;
      }
      at++;
      long micros = 0;
      int digits = 0;
      for (; at < end && slab[at] >= '0' && slab[at] <= '9'; at++) {
        int digit = slab[at] - '0';
        digits++;
        if (digit != 0 && digits > Math.min(fractionDigits, FRACTION_DIGITS)) {
          throw CellRefused.truncation(
              this + " has more digits of a second than the " + fractionDigits + " of the column");
        }
        micros = digits <= FRACTION_DIGITS ? micros * 10 + digit : micros;
      }
      for (; digits < FRACTION_DIGITS; digits++) {
        micros *= 10;
      }
      return micros;
    }

    /**
     * ISO 8601 with a sign for each part, as intervalstyle iso_8601 writes it: {@code
     * P-1Y2M3DT-4H5M-6.7S}.
     */
    void isoDuration(CopyBuffer out) throws CellRefused {
      at++;
      long months = 0;
      long days = 0;
      long micros = 0;
      boolean time = false;
      while (at < end) {
        if (slab[at] == 'T' && !time) {
          time = true;
          at++;
          continue;
        }
        boolean negative = slab[at] == '-';
        at += negative ? 1 : 0;
        long number = number(Integer.MAX_VALUE);
        long fraction = fraction();
        byte unit = at < end ? slab[at] : 0;
        at++;
        long sign = negative ? -1 : 1;
        switch (unit) {
          case 'Y' -> months += sign * number * 12;
          case 'W' -> days += sign * number * 7;
          case 'D' -> days += sign * number;
          case 'H' -> micros += sign * number * 3600 * MICROS_PER_SECOND;
          case 'S' -> micros += sign * (number * MICROS_PER_SECOND + fraction);
          case 'M' -> {
            months += time ? 0 : sign * number;
            micros += time ? sign * number * 60 * MICROS_PER_SECOND : 0;
          }
          default -> throw notATime();
        }
        if ((fraction != 0 && unit != 'S') || (int) months != months || (int) days != days) {
          throw notATime();
        }
      }
      putInterval(out, micros, (int) days, (int) months);
    }

    private int number(int max) throws CellRefused {
      int from = at;
      long value = 0;
      for (; at < end && slab[at] >= '0' && slab[at] <= '9' && value <= max; at++) {
        value = value * 10 + slab[at] - '0';
      }
      if (at == from || value > max) {
        throw notATime();
      }
      return (int) value;
    }

    private void expect(char separator) throws CellRefused {
      if (at >= end || slab[at] != separator) {
        throw notATime();
      }
      at++;
    }

    void expectEnd() throws CellRefused {
      if (at != end) {
        throw notATime();
      }
    }

    private CellRefused notATime() {
      return CellRefused.data("'" + this + "' is not a date or time that this column can hold");
    }

    @Override
    public String toString() {
      return TextCells.shown(slab, start, end);
    }
  }
}
