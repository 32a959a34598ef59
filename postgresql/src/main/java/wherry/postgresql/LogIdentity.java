package wherry.postgresql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Which log a position is a place of.
 *
 * @param system the cluster's identifier, which never changes and no other has
 * @param timeline raised by each promotion and recovery to a point in time
 * @param slot that keeps the log
 * @param made where the slot began; one that was made again begins later
 */
record LogIdentity(String system, long timeline, String slot, Lsn made) {
  private static final Pattern TEXT =
      Pattern.compile("(\\d+):(\\d+):([a-z0-9_]+):([0-9A-F]+/[0-9A-F]+)");

  static LogIdentity parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED,
          ("The task has so far read another log than a PostgreSQL slot: %s. Start it with"
                  + " reload-target.")
              .formatted(text));
    }
    return new LogIdentity(
        parts.group(1), Long.parseLong(parts.group(2)), parts.group(3), Lsn.parse(parts.group(4)));
  }

  /** The same server's log, of a slot that began there. */
  LogIdentity madeAt(Lsn place) {
    return new LogIdentity(system, timeline, slot, place);
  }

  String text() {
    return system + ":" + timeline + ":" + slot + ":" + made.text();
  }
}
