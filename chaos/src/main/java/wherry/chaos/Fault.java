package wherry.chaos;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import wherry.sandbox.Availability;
import wherry.sandbox.ShiftedClock;
import wherry.sandbox.SmallDisk;

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
  /** The clock of the service. */
  SERVICE_CLOCK(EnumSet.allOf(Phase.class)),
  /** The clock of the source. */
  SOURCE_CLOCK(EnumSet.allOf(Phase.class)),
  STOP_AND_RESUME(EnumSet.allOf(Phase.class)),
  RELOAD_TABLES(EnumSet.of(Phase.CATCH_UP, Phase.STREAM));

  /** A part of the life of a task. */
  enum Phase {
    LOAD,
    CATCH_UP,
    STREAM;

    /**
     * Of {@code catch-up} and so on.
     *
     * @throws IllegalArgumentException when there is none of the name
     */
    static Phase of(String name) {
      return named(values(), name);
    }

    @Override
    public String toString() {
      return shown(this);
    }
  }

  private final Set<Phase> phases;

  Fault(Set<Phase> phases) {
    this.phases = phases;
  }

  /**
   * Of {@code kill-service} and so on.
   *
   * @throws IllegalArgumentException when there is none of the name
   */
  static Fault of(String name) {
    return named(values(), name);
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

  /** Whether it can be had on this machine. */
  Availability available() {
    return switch (this) {
      case FULL_DISK -> SmallDisk.available();
      case SERVICE_CLOCK, SOURCE_CLOCK -> ShiftedClock.available();
      default -> new Availability(true, "");
    };
  }

  private static <E extends Enum<E>> E named(E[] all, String name) {
    List<String> names = Stream.of(all).map(Fault::shown).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException("no '" + name + "'; there are " + names);
    }
    return all[names.indexOf(name)];
  }

  private static String shown(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** For instance {@code kill-service}. */
  @Override
  public String toString() {
    return shown(this);
  }
}
