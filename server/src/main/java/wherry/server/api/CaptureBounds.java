package wherry.server.api;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.server.wire.Fault;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;

/**
 * What a task moves, and where its capture of changes begins and ends ("Creating tasks for ongoing
 * replication using AWS DMS"), in the words in which it is kept and shown.
 *
 * @param start CdcStartPosition; empty for from now on
 * @param stop CdcStopPosition; empty for never
 */
record CaptureBounds(MigrationType type, String start, String stop) {
  private static final DateTimeFormatter POSITION_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  /** A log sequence number, {@code 4AF/B00000D0}. */
  private static final Pattern POSTGRESQL_POSITION =
      Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");

  /**
   * A file and a place in it, {@code mysql-bin.000024:373}, with the further numbers that a
   * checkpoint of AWS DMS has.
   */
  private static final Pattern BINLOG_POSITION = Pattern.compile("[^:]+\\.\\d{6,}:\\d+(:.*)?");

  /** MySQL's {@code uuid:1-77:80} or MariaDB's {@code 0-1-100}, several with commas. */
  private static final Pattern GTIDS =
      Pattern.compile("(\\s*([0-9a-fA-F-]{36}(:\\d+(-\\d+)?)+|\\d+-\\d+-\\d+)\\s*(,(?!\\s*$)|$))+");

  /** What is kept of a task. */
  static CaptureBounds of(ReplicationTask task) {
    return new CaptureBounds(
        MigrationType.ofWire(task.migrationTypeAsString()),
        Objects.requireNonNullElse(task.cdcStartPosition(), ""),
        Objects.requireNonNullElse(task.cdcStopPosition(), ""));
  }

  /**
   * @throws Fault InvalidParameterValueException for a type that there is not
   */
  static MigrationType type(@Nullable String wire) {
    try {
      return MigrationType.ofWire(String.valueOf(wire));
    } catch (IllegalArgumentException e) {
      throw Fault.invalidParameterValue(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What CdcStartPosition shows of the two ways to give a start; empty when neither is given.
   *
   * @throws Fault InvalidParameterCombinationException when both are
   */
  static Optional<String> startGiven(@Nullable Instant time, @Nullable String position) {
    if (time != null && position != null) {
      throw Fault.invalidParameterCombination(
          "CdcStartTime and CdcStartPosition exclude each other. Give one of them.");
    }
    return time != null ? Optional.of(POSITION_TIME.format(time)) : Optional.ofNullable(position);
  }

  /** These, but for what a request gives. */
  CaptureBounds with(Optional<String> givenStart, @Nullable String givenStop) {
    return new CaptureBounds(
        type, givenStart.orElse(start), Objects.requireNonNullElse(givenStop, stop));
  }

  /**
   * A full load has no use for them, so it takes whatever it is given, as AWS does.
   *
   * @throws Fault InvalidParameterValueException when a position cannot be read or is none of the
   *     engine's, InvalidParameterCombinationException when the type takes no start
   */
  CaptureBounds checked(String sourceEngine) {
    if (!type.capturesChanges()) {
      return this;
    }
    try {
      CdcStop.of(stop);
      CdcStart from = CdcStart.of(start);
      if (type.loads() && !(from instanceof CdcStart.FromNow)) {
        throw Fault.invalidParameterCombination(
            "A task of type full-load-and-cdc captures changes from its own load on, so it takes no"
                + " CdcStartTime or CdcStartPosition, but has "
                + start
                + ". Leave it out (an empty CdcStartPosition removes it), or use the type cdc.");
      }
      boolean postgresql =
          EngineCatalog.structure(sourceEngine).equals(EngineCatalog.POSTGRESQL_STRUCTURE);
      switch (from) {
        case CdcStart.FromNow now -> {}
        case CdcStart.FromTime time -> refuseTime(postgresql);
        case CdcStart.FromPosition position -> checkNative(position, postgresql);
      }
    } catch (IllegalArgumentException e) {
      throw Fault.invalidParameterValue(String.valueOf(e.getMessage()));
    }
    return this;
  }

  private void refuseTime(boolean postgresql) {
    if (postgresql) {
      throw Fault.invalidParameterValue(
          "A PostgreSQL source cannot start at a time ("
              + start
              + "), as its log is not ordered by time. Give a log sequence number such as"
              + " 4AF/B00000D0 that the replication slot of the endpoint's SlotName still holds, or"
              + " a checkpoint.");
    }
  }

  private void checkNative(CdcStart.FromPosition position, boolean postgresql) {
    String text = position.nativeText();
    boolean known =
        postgresql
            ? POSTGRESQL_POSITION.matcher(text).matches()
            : BINLOG_POSITION.matcher(text).matches() || GTIDS.matcher(text).matches();
    if (!known) {
      throw Fault.invalidParameterValue(
          "CdcStartPosition "
              + start
              + " is no position in the log of this source. "
              + (postgresql
                  ? "A log sequence number such as 4AF/B00000D0"
                  : "A file and place such as mysql-bin-changelog.000024:373, the GTIDs that the"
                      + " target has already (uuid:1-77 on MySQL, 0-1-100 on MariaDB), a date such"
                      + " as 2018-03-08T12:12:12")
              + " or a checkpoint:V1#… is expected.");
    }
  }

  /** The task with these. */
  ReplicationTask.Builder putInto(ReplicationTask.Builder task) {
    return task.migrationType(type.wire())
        .cdcStartPosition(start.isEmpty() ? null : start)
        .cdcStopPosition(stop.isEmpty() ? null : stop);
  }
}
