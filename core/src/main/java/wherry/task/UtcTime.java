package wherry.task;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/** Times as the API writes them in positions: ISO 8601 without a zone, which is UTC. */
final class UtcTime {
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}.*");

  private UtcTime() {}

  /** Whether the text is meant to be a time, be it a right one or not. */
  static boolean isMeant(String text) {
    return DATE.matcher(text).matches();
  }

  /**
   * @param member of the request, for the message
   * @throws IllegalArgumentException telling what is expected
   */
  static Instant parse(String member, String text) {
    try {
      return LocalDateTime.parse(text.endsWith("Z") ? text.substring(0, text.length() - 1) : text)
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          member + " has no time like 2018-03-08T12:12:12 (UTC), but " + text + ".", e);
    }
  }
}
