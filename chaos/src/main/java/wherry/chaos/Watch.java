package wherry.chaos;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import wherry.chaos.Findings.Kind;

/**
 * Judges what an observer of the target sees, one look after the other: no row ever goes back to an
 * older version, and no transaction is seen in part. While tables are loaded and until they have
 * caught up neither holds, so it is armed only afterwards. Safe for all threads.
 */
final class Watch {
  private final Findings findings;
  private final boolean transactional;
  private final Map<Table, Map<Long, Long>> versions = new EnumMap<>(Table.class);
  private int armings;
  private boolean armed;
  private long looks;

  /**
   * @param transactional whether the task promises that transactions are whole
   */
  Watch(Findings findings, boolean transactional) {
    this.findings = findings;
    this.transactional = transactional;
  }

  synchronized void arm() {
    versions.clear();
    armings++;
    armed = true;
  }

  synchronized void disarm() {
    armed = false;
  }

  /**
   * Taken before a look, so that what was read before it was armed is not judged by it; 0 when it
   * is not armed.
   */
  synchronized int ticket() {
    return armed ? armings : 0;
  }

  /** How many looks were judged. */
  synchronized long looks() {
    return looks;
  }

  /**
   * @param seen the version of each row, by the number that the row keeps for all its life
   */
  synchronized void see(int ticket, Table table, Map<Long, Long> seen) {
    if (!isValid(ticket)) {
      return;
    }
    looks++;
    Map<Long, Long> known = versions.computeIfAbsent(table, unused -> new HashMap<>());
    seen.forEach((row, version) -> {
      Long before = known.put(row, version);
      if (before != null && before > version) {
        findings.add(
            Kind.INVERTED, "%s %d: version %d after %d".formatted(table, row, version, before));
      }
    });
  }

  /** A figure that every transaction leaves as it is. */
  synchronized void seeInvariant(int ticket, String what, long expected, long seen) {
    if (isValid(ticket) && transactional && expected != seen) {
      findings.add(Kind.TORN, "%s is %d instead of %d".formatted(what, seen, expected));
    }
  }

  private boolean isValid(int ticket) {
    return armed && ticket == armings;
  }
}
