package wherry.mysql;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Finds XA transactions in the log that were prepared before a place of it, and reads them again;
 * over a connection of its own, as the reader's goes on.
 */
final class PreparedScan {
  /** The log's files, oldest first. */
  interface Files {
    List<String> now();
  }

  private final MySqlSettings settings;
  private final BinlogScan scan;
  private final Files files;

  PreparedScan(MySqlSettings settings, BinlogScan scan, Files files) {
    this.settings = settings;
    this.scan = scan;
    this.files = files;
  }

  /**
   * Reads the events of a transaction up to XA PREPARE.
   *
   * @param committed at this place
   * @param take tells whether to go on
   * @return false when it was told not to
   * @throws DmsException LOG_LOST when the log no longer has it
   */
  boolean read(
      BinlogDecoder.Replay transaction, BinlogPosition committed, Predicate<BinlogEvent> take) {
    BinlogPosition from =
        transaction
            .at()
            .or(() -> find(transaction.id(), committed))
            .orElseThrow(() -> gone(transaction.id(), committed));
    boolean[] goesOn = {true};
    scan.each(
        from,
        (event, at) -> {
          if (event.type() == BinlogEvent.XA_PREPARE) {
            return true;
          }
          goesOn[0] = take.test(event);
          return !goesOn[0];
        });
    return goesOn[0];
  }

  /** The last one of this name before a place; most are in the same file. */
  private Optional<BinlogPosition> find(String id, BinlogPosition before) {
    for (String file : files.now().reversed()) {
      BinlogPosition start = BinlogScan.startOf(file);
      if (start.compareTo(before) < 0) {
        Search search = new Search(id, before, file);
        scan.each(start, search);
        if (search.found != null) {
          return Optional.of(search.found);
        }
      }
    }
    return Optional.empty();
  }

  private static final class Search implements BinlogScan.Visitor {
    private final String id;
    private final BinlogPosition before;
    private final String file;
    private @Nullable BinlogPosition begin;
    private @Nullable BinlogPosition found;

    Search(String id, BinlogPosition before, String file) {
      this.id = id;
      this.before = before;
      this.file = file;
    }

    @Override
    public boolean see(BinlogEvent event, BinlogPosition at) {
      if (at.compareTo(before) >= 0 || !at.file().equals(file)) {
        return true;
      }
      switch (event.type()) {
        case BinlogEvent.GTID,
            BinlogEvent.ANONYMOUS_GTID,
            BinlogEvent.GTID_TAGGED,
            BinlogEvent.MARIADB_GTID ->
            begin = at;
        case BinlogEvent.XA_PREPARE -> found = XaPrepare.of(event).id().equals(id) ? begin : found;
        default -> {}
      }
      return false;
    }
  }

  private DmsException gone(String id, BinlogPosition committed) {
    return new DmsException(
        ErrorCode.LOG_LOST,
        "The XA transaction "
            + id
            + " is committed before "
            + committed.text()
            + " of the binary log of "
            + settings.where()
            + ", but the file in which it was prepared is purged, so that nobody can tell what it"
            + " has changed. Start the task again with reload-target, keep the log longer"
            + " (binlog_expire_logs_seconds), and look for forgotten transactions with XA RECOVER.");
  }
}
