package wherry.mysql;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** Reads through the log as it is now, without decoding rows. */
final class BinlogScan {
  /** Where the first event of a file begins, behind four bytes of magic. */
  private static final long FILE_START = 4;

  private final MySqlSettings settings;
  private final long serverId;

  BinlogScan(MySqlSettings settings, long serverId) {
    this.settings = settings;
    this.serverId = serverId;
  }

  static BinlogPosition startOf(String file) {
    return new BinlogPosition(file, FILE_START, 0);
  }

  /** Looks at an event; true ends the scan. */
  interface Visitor {
    boolean see(BinlogEvent event, BinlogPosition at) throws IOException;
  }

  /** The events of the files from a position on; a compressed transaction is one. */
  void scan(BinlogPosition from, Visitor visitor) {
    BinlogPlace place = new BinlogPlace(from);
    try (BinlogStream stream = BinlogStream.open(settings, from, serverId, true)) {
      for (BinlogEvent event = stream.next(); event != null; event = stream.next()) {
        if (visitor.see(event, place.pass(event))) {
          return;
        }
      }
    } catch (SQLException e) {
      throw BinlogFailure.of(settings, place.now(), e);
    } catch (IOException e) {
      if (e instanceof BinlogStream.Damaged && place.now().compareTo(from) == 0) {
        throw BinlogFailure.noEvent(settings, from, String.valueOf(e.getMessage()), e);
      }
      throw new DmsException(
          ErrorCode.CONNECTION_FAILED,
          "The binary log of "
              + settings.where()
              + " broke off at "
              + place.now().text()
              + " while it was searched: "
              + e.getMessage(),
          e);
    }
  }

  /** All events from a position on; those of a compressed transaction, too, with its place. */
  void each(BinlogPosition from, Visitor visitor) {
    scan(
        from,
        (event, at) -> {
          if (event.type() != BinlogEvent.TRANSACTION_PAYLOAD) {
            return visitor.see(event, at);
          }
          try (TransactionPayload payload = TransactionPayload.of(event)) {
            for (BinlogEvent part = payload.next(); part != null; part = payload.next()) {
              if (visitor.see(part, at)) {
                return true;
              }
            }
          }
          return false;
        });
  }

  /** The statements from a position to the end, but for those that begin and end transactions. */
  List<QueryEvent> statements(BinlogPosition from) {
    List<QueryEvent> statements = new ArrayList<>();
    scan(
        from,
        (event, at) -> {
          int type = event.type();
          if (type == BinlogEvent.QUERY || type == BinlogEvent.MARIADB_QUERY_COMPRESSED) {
            QueryEvent query =
                QueryEvent.of(type == BinlogEvent.QUERY ? event : CompressedEvent.expanded(event));
            if (query.kind() == QueryEvent.Kind.OTHER) {
              statements.add(query);
            }
          }
          return false;
        });
    return statements;
  }

  /**
   * Where the first transaction begins that was committed at a time or later.
   *
   * @param files that the server still has, oldest first
   * @return empty when there is none yet
   */
  Optional<BinlogPosition> firstCommitted(Instant time, List<String> files) {
    String oldest = files.get(0);
    if (!begunBefore(oldest, time) && !oldest.endsWith(".000001")) {
      throw new DmsException(
          ErrorCode.LOG_LOST,
          "The binary log of "
              + settings.where()
              + " begins with "
              + oldest
              + ", which was begun after "
              + time
              + ": what was before is purged. Choose a later CdcStartTime, or load again.");
    }
    int low = 0;
    int high = files.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (begunBefore(files.get(middle), time)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    List<BinlogPosition> found = new ArrayList<>();
    scan(
        startOf(files.get(low)),
        (event, at) -> {
          if (committed(event).map(when -> !when.isBefore(time)).orElse(false)) {
            found.add(at);
          }
          return !found.isEmpty();
        });
    return found.stream().findFirst();
  }

  /** When the transaction was committed that begins with this event; empty for other events. */
  private static Optional<Instant> committed(BinlogEvent event) {
    return switch (event.type()) {
      case BinlogEvent.GTID, BinlogEvent.ANONYMOUS_GTID, BinlogEvent.GTID_TAGGED ->
          Optional.of(Gtid.mySql(event).committedAt());
      case BinlogEvent.MARIADB_GTID -> Optional.of(Gtid.mariaDb(event).committedAt());
      default -> Optional.empty();
    };
  }

  private boolean begunBefore(String file, Instant time) {
    List<Instant> begun = new ArrayList<>();
    scan(
        startOf(file),
        (event, at) -> {
          if (event.type() == BinlogEvent.FORMAT_DESCRIPTION) {
            begun.add(Instant.ofEpochSecond(event.timestampSeconds()));
          }
          return !begun.isEmpty();
        });
    return begun.stream().anyMatch(begin -> begin.isBefore(time));
  }
}
