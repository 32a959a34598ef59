package wherry.transform;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/**
 * Dates and times out of each other and out of text: {@code YYYY:MM:DD} or {@code YYYY-MM-DD},
 * {@code HH:MM:SS}, or both with a blank between ("change-data-type", AWS DMS guide).
 */
final class TimeConversions {
  private static final Pattern DATE = Pattern.compile("(\\d{4})([:-])(\\d{2})\\2(\\d{2})");
  private static final Pattern TIME =
      Pattern.compile("([01]\\d|2[0-3]):([0-5]\\d):([0-5]\\d)(\\.\\d{1,9})?");

  private TimeConversions() {}

  static Optional<CellStep> between(Column source, Column wanted) {
    DataType from = source.type();
    DataType to = wanted.type();
    boolean text = from.isText() && (source.meaning() == Meaning.PLAIN || isCharacters(source));
    boolean moment = from == DataType.DATE || from == DataType.DATETIME;
    boolean time = from == DataType.TIME || source.meaning() == Meaning.TIME_SPAN;
    return switch (to) {
      case DATE ->
          moment
              ? Optional.of(TimeConversions::dateOnly)
              : text ? Optional.of(TimeConversions::parsedDate) : Optional.empty();
      case DATETIME ->
          moment
              ? Optional.of(cell -> dateTime(cell, wanted.scale()))
              : text ? Optional.of(cell -> parsedDateTime(cell, wanted.scale())) : Optional.empty();
      case TIME ->
          from == DataType.DATETIME
              ? Optional.of(cell -> timeOnly(cell, wanted.scale()))
              : text || time
                  ? Optional.of(cell -> parsedTime(cell, wanted.scale()))
                  : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static boolean isCharacters(Column source) {
    return source.meaning() == Meaning.FIXED_CHAR || source.meaning() == Meaning.ENUM;
  }

  /** {@code 2024-02-29 12:00:00 BC} without its time; infinities stay. */
  private static void dateOnly(CellSlice cell) {
    String text = cell.text();
    int time = text.indexOf(' ');
    if (time > 0 && !text.startsWith("BC", time + 1)) {
      int end = text.indexOf(' ', time + 1);
      cell.set(text.substring(0, time) + (end < 0 ? "" : text.substring(end)));
    }
  }

  private static void dateTime(CellSlice cell, int digits) {
    String text = cell.text();
    if (text.endsWith("infinity")) {
      return;
    }
    boolean beforeChrist = text.endsWith(" BC");
    String moment = beforeChrist ? text.substring(0, text.length() - 3) : text;
    String whole = moment.indexOf(' ') < 0 ? moment + " 00:00:00" : cut(moment, digits);
    cell.set(beforeChrist ? whole + " BC" : whole);
  }

  private static void timeOnly(CellSlice cell, int digits) throws CellRefused {
    String text = cell.text();
    int blank = text.indexOf(' ');
    if (blank < 0) {
      throw CellRefused.data(cell.shown() + " has no time of day");
    }
    int end = text.indexOf(' ', blank + 1);
    cell.set(cut(text.substring(blank + 1, end < 0 ? text.length() : end), digits));
  }

  static void parsedDate(CellSlice cell) throws CellRefused {
    String text = cell.text().strip();
    int blank = text.indexOf(' ');
    String date = blank < 0 ? text : text.substring(0, blank);
    if (blank >= 0 && !TIME.matcher(text.substring(blank + 1)).matches()) {
      throw CellRefused.data(cell.shown() + " is not a date; YYYY-MM-DD is expected");
    }
    cell.set(date(cell, date));
  }

  static void parsedDateTime(CellSlice cell, int digits) throws CellRefused {
    String text = cell.text().strip();
    int blank = text.indexOf(' ') < 0 ? text.indexOf('T') : text.indexOf(' ');
    String date = date(cell, blank < 0 ? text : text.substring(0, blank));
    String time = blank < 0 ? "00:00:00" : text.substring(blank + 1);
    if (!TIME.matcher(time).matches()) {
      throw CellRefused.data(
          cell.shown() + " is not a date and time; YYYY-MM-DD HH:MM:SS is expected");
    }
    cell.set(date + " " + cut(time, digits));
  }

  static void parsedTime(CellSlice cell, int digits) throws CellRefused {
    String text = cell.text().strip();
    if (!TIME.matcher(text).matches() && !text.equals("24:00:00")) {
      throw CellRefused.data(cell.shown() + " is not a time of day; HH:MM:SS is expected");
    }
    cell.set(cut(text, digits));
  }

  private static String date(CellSlice cell, String text) throws CellRefused {
    Matcher matcher = DATE.matcher(text);
    if (matcher.matches()) {
      try {
        return LocalDate.of(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(3)),
                Integer.parseInt(matcher.group(4)))
            .toString();
      } catch (DateTimeException e) {
        // Told below.
      }
    }
    throw CellRefused.data(cell.shown() + " is not a date; YYYY-MM-DD is expected");
  }

  /** Digits of the second beyond the wanted ones are cut off. */
  private static String cut(String time, int digits) {
    int point = time.indexOf('.');
    if (point < 0) {
      return time;
    }
    return digits == 0
        ? time.substring(0, point)
        : time.substring(0, Math.min(time.length(), point + 1 + digits));
  }
}
