package wherry.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was found to be wrong. Safe for all threads. */
final class Findings {
  private static final int KEPT = 20;

  /** The ways in which a copy can be wrong. */
  enum Kind {
    /** An acknowledged write, or a row or its last version, is missing on the target. */
    LOST,
    /** On the target more often than in the source: applied twice, or never to be there at all. */
    DOUBLED,
    /** A row was seen in an older version after a newer one. */
    INVERTED,
    /** Part of a transaction was seen without the rest. */
    TORN,
    /** The task failed, put rows aside or did not catch up; or the test itself could not go on. */
    BROKEN
  }

  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
  private final List<String> examples = new ArrayList<>();

  /**
   * As they were told before.
   *
   * @param example the first of them; empty when there is none
   */
  static Findings of(Map<Kind, Long> counts, String example) {
    Findings findings = new Findings();
    counts.forEach((kind, count) -> {
      if (count > 0) {
        findings.counts.put(kind, count);
      }
    });
    if (!example.isEmpty()) {
      findings.examples.add(example);
    }
    return findings;
  }

  synchronized void add(Kind kind, String what) {
    counts.merge(kind, 1L, Long::sum);
    if (examples.size() < KEPT) {
      examples.add(kind + ": " + what);
    }
  }

  synchronized long count(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  synchronized boolean none() {
    return counts.isEmpty();
  }

  /** The first of them in words. */
  synchronized List<String> examples() {
    return List.copyOf(examples);
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}
