package wherry.filter;

/**
 * Sort keys of dates and times in their canonical form, zero dates, years before Christ and beyond
 * 9999, and infinities included: what no class of java.time can hold.
 */
final class Instants {
  /** In order of days, then of microseconds; days are no count, they only sort. */
  record Key(long day, long microseconds) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byDay = Long.compare(day, other.day);
      return byDay != 0 ? byDay : Long.compare(microseconds, other.microseconds);
    }
  }

  private Instants() {}

  static Key key(Literal.Moment literal) {
    return key(literal.time().isEmpty() ? literal.date() : literal.date() + " " + literal.time());
  }

  /** Of {@code 2024-02-29}, {@code 2024-02-29 12:00:00.5}, each with {@code BC}; of infinities. */
  static Key key(String cell) {
    if (cell.equals("infinity")) {
      return new Key(Long.MAX_VALUE, 0);
    }
    if (cell.equals("-infinity")) {
      return new Key(Long.MIN_VALUE, 0);
    }
    boolean beforeChrist = cell.endsWith(" BC");
    String text = beforeChrist ? cell.substring(0, cell.length() - 3) : cell;
    int month = text.indexOf('-') + 1;
    int day = text.indexOf('-', month) + 1;
    int blank = text.indexOf(' ', day);
    long year = Long.parseLong(text, 0, month - 1, 10);
    long days =
        ((beforeChrist ? 1 - year : year) * 13 + Integer.parseInt(text, month, day - 1, 10)) * 32
            + Integer.parseInt(text, day, blank < 0 ? text.length() : blank, 10);
    return new Key(days, blank < 0 ? 0 : microseconds(text.substring(blank + 1)));
  }

  /** Of {@code -838:59:59.000001}. */
  static long microseconds(String time) {
    boolean negative = time.startsWith("-");
    int minutes = time.indexOf(':') + 1;
    int seconds = time.indexOf(':', minutes) + 1;
    int point = time.indexOf('.');
    int end = point < 0 ? time.length() : point;
    long sum = Long.parseLong(time, negative ? 1 : 0, minutes - 1, 10) * 3600;
    sum += Integer.parseInt(time, minutes, seconds - 1, 10) * 60L;
    sum += Integer.parseInt(time, seconds, end, 10);
    sum *= 1_000_000;
    long unit = 100_000;
    for (int at = end + 1; at < time.length() && unit > 0; at++, unit /= 10) {
      sum += (time.charAt(at) - '0') * unit;
    }
    return negative ? -sum : sum;
  }
}
