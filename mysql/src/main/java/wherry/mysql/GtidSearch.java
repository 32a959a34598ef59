package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Finds places of a server's log by the names of the transactions before them, and the other way
 * round. A task reads by file and offset; names tell where to begin in the log of another server.
 */
final class GtidSearch {
  private final MySqlSession session;
  private final BinlogScan scan;

  GtidSearch(MySqlSession session, BinlogScan scan) {
    this.session = session;
    this.scan = scan;
  }

  /**
   * The place behind a set: the first transaction that is not in it, where all of it are before.
   *
   * @return empty when the log ends with the set
   * @throws DmsException LOG_LOST when transactions that the set lacks are purged, LOG_CHANGED when
   *     the server lacks some of the set, SETTING_INVALID when the set leaves out one that was
   *     committed before others of it
   */
  Optional<BinlogPosition> behind(GtidSet set) throws SQLException {
    if (!BinlogChecks.of(session).hasGtids()) {
      throw invalid("transactions have no names here, gtid_mode is " + variable("gtid_mode"));
    }
    refuseMissing(set);
    refusePurged(set);
    FirstMissing search = new FirstMissing(set);
    scan.scan(BinlogScan.startOf(lastFileWithin(set)), search);
    return Optional.ofNullable(search.found)
        .map(at -> new BinlogPosition(at.file(), at.offset(), at.begun(), Optional.of(set)));
  }

  /** A replica that took over without all that the target has would never be equal to it. */
  private void refuseMissing(GtidSet set) throws SQLException {
    String executed = variable(session.server().mariaDb() ? "gtid_binlog_pos" : "gtid_executed");
    if (!GtidSet.parse(executed).map(has -> has.contains(set)).orElse(false)) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED,
          "The server "
              + session.settings().where()
              + " has not all transactions of CdcStartPosition ("
              + set.text()
              + ") in its binary log, but only "
              + executed.replaceAll("\\s", "")
              + ": it took over before they had reached it, it writes no log of what it replicates"
              + " (log_replica_updates), or its log was reset. Wait until it has them, or load the"
              + " tables again.");
    }
  }

  /** What MySQL has without having it in its log: purged, restored, or replicated unlogged. */
  private void refusePurged(GtidSet set) throws SQLException {
    if (!session.server().mariaDb()
        && !GtidSet.parse(variable("gtid_purged")).map(set::contains).orElse(false)) {
      throw purged("gtid_purged");
    }
  }

  private String variable(String name) throws SQLException {
    return session.queryOne("SELECT @@global." + name, row -> row.getString(1)).orElse("");
  }

  /** The last file before which there is nothing that the set lacks. */
  private String lastFileWithin(GtidSet set) throws SQLException {
    List<String> files = List.copyOf(BinlogStatus.files(session).keySet());
    for (String file : files.reversed()) {
      if (before(file).map(set::contains).orElse(false)) {
        return file;
      }
    }
    throw purged(files.stream().findFirst().orElse("no file"));
  }

  private DmsException purged(String before) {
    return new DmsException(
        ErrorCode.LOG_LOST,
        "The binary log of "
            + session.settings().where()
            + " has no longer all transactions that CdcStartPosition lacks: some of those before "
            + before
            + " are purged. Load the tables again, and keep the log longer"
            + " (binlog_expire_logs_seconds).");
  }

  /** What the files before one hold, as it says at its beginning. */
  private Optional<GtidSet> before(String file) {
    List<GtidSet> told = new ArrayList<>();
    scan.scan(
        BinlogScan.startOf(file),
        (event, at) -> {
          switch (event.type()) {
            case BinlogEvent.PREVIOUS_GTIDS -> GtidSet.previous(event).ifPresent(told::add);
            case BinlogEvent.MARIADB_GTID_LIST -> told.add(GtidSet.list(event));
            default -> {
              return name(event).isPresent();
            }
          }
          return true;
        });
    return told.stream().findFirst();
  }

  /** The transactions before a place; empty where not all have names. */
  Optional<GtidSet> before(BinlogPosition place) {
    BinlogPlace passed = new BinlogPlace(BinlogScan.startOf(place.file()));
    scan.scan(
        BinlogScan.startOf(place.file()),
        (event, at) -> {
          if (at.compareTo(place) >= 0) {
            return true;
          }
          passed.pass(event);
          Optional<Gtid> name = name(event);
          name.ifPresent(passed::ended);
          return name.isPresent() && !name.get().isNamed();
        });
    return passed.now().gtids();
  }

  private static Optional<Gtid> name(BinlogEvent event) {
    return switch (event.type()) {
      case BinlogEvent.GTID, BinlogEvent.ANONYMOUS_GTID, BinlogEvent.GTID_TAGGED ->
          Optional.of(Gtid.mySql(event));
      case BinlogEvent.MARIADB_GTID -> Optional.of(Gtid.mariaDb(event));
      default -> Optional.empty();
    };
  }

  private final class FirstMissing implements BinlogScan.Visitor {
    private final GtidSet set;
    private @Nullable BinlogPosition found;
    private String first = "";

    private FirstMissing(GtidSet set) {
      this.set = set;
    }

    @Override
    public boolean see(BinlogEvent event, BinlogPosition at) {
      Optional<Gtid> gtid = name(event);
      if (gtid.isEmpty()) {
        return false;
      }
      if (!gtid.get().isNamed()) {
        throw invalid(
            "the transaction at " + at.text() + " has no name that could be in it (gtid_mode)");
      }
      boolean held = set.contains(gtid.get());
      if (held && found != null) {
        throw invalid(
            "it has " + gtid.get().text() + " and not " + first + ", which was committed before");
      }
      if (!held && found == null) {
        found = at;
        first = gtid.get().text();
      }
      return false;
    }
  }

  private DmsException invalid(String why) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        "CdcStartPosition is a set of GTIDs that is no place in the binary log of "
            + session.settings().where()
            + ": "
            + why
            + ". Give a position such as binlog.000024:373.");
  }
}
