package wherry.task;

import java.time.Instant;

/** When a task stops by itself while it applies changes. */
public sealed interface CdcStop {
  record Never() implements CdcStop {}

  /** When the service's clock has passed the time, whether or not the source is idle. */
  record ServerTime(Instant time) implements CdcStop {}

  /** Before the first transaction that the source committed after the time. */
  record CommitTime(Instant time) implements CdcStop {}

  /**
   * Reads the API's CdcStopPosition: {@code server_time:2018-02-09T12:12:12} or {@code
   * commit_time:…}, UTC, blanks after the colon allowed.
   *
   * @param text empty for never
   * @throws IllegalArgumentException telling what is expected
   */
  static CdcStop of(String text) {
    String given = text.strip();
    if (given.isEmpty()) {
      return new Never();
    }
    int colon = given.indexOf(':');
    String time = given.substring(colon + 1).strip();
    return switch (given.substring(0, Math.max(0, colon)).strip()) {
      case "server_time" -> new ServerTime(UtcTime.parse("CdcStopPosition", time));
      case "commit_time" -> new CommitTime(UtcTime.parse("CdcStopPosition", time));
      default ->
          throw new IllegalArgumentException(
              "CdcStopPosition must be server_time:2018-02-09T12:12:12 or"
                  + " commit_time:2018-02-09T12:12:12, in UTC, not "
                  + given
                  + ".");
    };
  }
}
