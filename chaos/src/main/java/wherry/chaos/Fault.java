package wherry.chaos;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import wherry.chaos.Fault.Phase;

/** What goes wrong in a run, and when it may. */
enum Fault {
  NOTHING(EnumSet.of(Phase.STREAM)),
  /** kill -9 at random moments, one to three times. */
  KILL_SERVICE(EnumSet.allOf(Phase.class)),
  CRASH_BEFORE_COMMIT(EnumSet.allOf(Phase.class)),
  CRASH_AFTER_COMMIT(EnumSet.allOf(Phase.class)),
  CRASH_BEFORE_ACKNOWLEDGE(EnumSet.of(Phase.STREAM)),
  KILL_SOURCE(EnumSet.allOf(Phase.class)),
  KILL_TARGET(EnumSet.allOf(Phase.class)),
  CUT_SOURCE(EnumSet.allOf(Phase.class)),
  CUT_TARGET(EnumSet.allOf(Phase.class)),
  STALL_SOURCE(EnumSet.allOf(Phase.class)),
  STALL_TARGET(EnumSet.allOf(Phase.class)),
  HALF_OPEN_SOURCE(EnumSet.of(Phase.STREAM)),
  HALF_OPEN_TARGET(EnumSet.of(Phase.STREAM)),
  SLOW_NETWORK(EnumSet.of(Phase.CATCH_UP, Phase.STREAM)),
  FULL_DISK(EnumSet.allOf(Phase.class)),
  LOCKED_ROWS(EnumSet.of(Phase.CATCH_UP, Phase.STREAM)),
  DEADLOCK(EnumSet.of(Phase.CATCH_UP, Phase.STREAM)),
  STOP_AND_RESUME(EnumSet.allOf(Phase.class)),
  RELOAD_TABLES(EnumSet.of(Phase.CATCH_UP, Phase.STREAM));

  /** A part of the life of a task. */
  enum Phase {
    LOAD,
    CATCH_UP,
    STREAM
  }

  private final Set<Phase> phases;

  Fault(Set<Phase> phases) {
    this.phases = phases;
  }

  Set<Phase> phases() {
    return phases;
  }

  /** Why it cannot be had between these two; empty when it can. */
  String impossible(Pair pair) {
    return this == CRASH_BEFORE_ACKNOWLEDGE && pair.source() != Dialect.POSTGRES
        ? "a binary log is not acknowledged"
        : "";
  }

  /** For instance {@code kill-service}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
