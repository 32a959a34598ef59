package wherry.mysql;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.SourceTransaction;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableId;

/**
 * Makes transactions of events. In the log a transaction is a group: a GTID event or BEGIN, then
 * for each statement the TABLE_MAPs and rows, then XID or COMMIT; a statement that defines tables
 * is a group of its own. Not thread-safe.
 */
final class BinlogDecoder {
  private static final int ROWS_HEADER_BYTES = 8;
  private static final int ROWS_FLAGS_AT = 6;

  /** NO_FOREIGN_KEY_CHECKS_F of rows_event.h: the session had foreign_key_checks off. */
  private static final int ROWS_UNCHECKED = 2;

  private static final int MAPPED_MAX = 4096;

  /** Flag of MariaDB's GTID event: a single statement follows, without COMMIT. */
  private static final int MARIADB_STANDALONE = 1;

  /** Flag of MariaDB's GTID event: the transaction is prepared, and ends by another one. */
  private static final int MARIADB_PREPARED = 64;

  /** A table number of the log, and what its rows are decoded with; null when not the task's. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by its contents, where it is.
  private record Mapped(byte[] definition, TableId table, @Nullable RowDecoder decoder) {}

  private final LoggedTables tables;
  private final List<ChangeEvent> untold;
  private final ChangeAssembly changes = new ChangeAssembly();
  private final Map<Long, Mapped> mapped = new HashMap<>();
  private final PreparedTransactions xa = new PreparedTransactions();
  private final BinlogPosition from;
  private final BinlogPlace place;
  private BinlogPosition reached;

  private @Nullable SourceTransaction transaction;
  private Gtid gtid = Gtid.unnamed(Instant.EPOCH);
  private boolean begun;
  private boolean prepared;
  private @Nullable Replay replay;
  private boolean handedOnInPart;

  /**
   * @param untold what is to be told with the first transaction
   */
  BinlogDecoder(LoggedTables tables, BinlogPosition from, List<ChangeEvent> untold) {
    this.untold = new ArrayList<>(untold);
    this.tables = tables;
    this.from = from;
    this.place = new BinlogPlace(from);
    this.reached = from;
  }

  /** Takes in one event. */
  void read(BinlogEvent event) {
    BinlogPosition at = place.pass(event);
    try {
      dispatch(CompressedEvent.is(event) ? CompressedEvent.expanded(event) : event, at);
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw new DmsException(
          ErrorCode.INTERNAL,
          "An event of type "
              + event.type()
              + " at "
              + at.text()
              + " of the binary log could not be decoded: "
              + e.getMessage()
              + ". Report it with the output of mysqlbinlog for this position; reloading its table"
              + " passes it over.",
          e);
    }
    if (transaction == null) {
      reached = place.now();
    }
  }

  private void dispatch(BinlogEvent event, BinlogPosition at) {
    switch (event.type()) {
      case BinlogEvent.FORMAT_DESCRIPTION -> {
        mapped.clear();
        refuseAnotherFile();
      }
      case BinlogEvent.GTID, BinlogEvent.ANONYMOUS_GTID, BinlogEvent.GTID_TAGGED ->
          open(Gtid.mySql(event), at);
      case BinlogEvent.MARIADB_GTID -> {
        open(Gtid.mariaDb(event), at);
        begun = (Gtid.mariaDbFlags(event) & MARIADB_STANDALONE) == 0;
        prepares((Gtid.mariaDbFlags(event) & MARIADB_PREPARED) != 0);
      }
      case BinlogEvent.QUERY -> query(QueryEvent.of(event), event, at);
      case BinlogEvent.XID -> end();
      case BinlogEvent.XA_PREPARE -> prepared(XaPrepare.of(event));
      case BinlogEvent.TABLE_MAP -> map(event, at);
      case BinlogEvent.WRITE_ROWS, BinlogEvent.WRITE_ROWS_V1 -> rows(Operation.INSERT, event, at);
      case BinlogEvent.UPDATE_ROWS, BinlogEvent.UPDATE_ROWS_V1, BinlogEvent.PARTIAL_UPDATE_ROWS ->
          rows(Operation.UPDATE, event, at);
      case BinlogEvent.DELETE_ROWS, BinlogEvent.DELETE_ROWS_V1 -> rows(Operation.DELETE, event, at);
      case BinlogEvent.ROTATE,
          BinlogEvent.STOP,
          BinlogEvent.HEARTBEAT,
          BinlogEvent.HEARTBEAT_V2,
          BinlogEvent.TRANSACTION_PAYLOAD, // Its events follow one by one.
          BinlogEvent.IGNORABLE,
          BinlogEvent.ROWS_QUERY,
          BinlogEvent.PREVIOUS_GTIDS,
          BinlogEvent.TRANSACTION_CONTEXT,
          BinlogEvent.VIEW_CHANGE,
          BinlogEvent.INTVAR,
          BinlogEvent.RAND,
          BinlogEvent.USER_VAR,
          BinlogEvent.MARIADB_ANNOTATE_ROWS,
          BinlogEvent.MARIADB_BINLOG_CHECKPOINT,
          BinlogEvent.MARIADB_GTID_LIST,
          BinlogEvent.MARIADB_START_ENCRYPTION -> {}
      default -> {
        if (!event.mayBeIgnored()) {
          throw new DmsException(
              ErrorCode.INTERNAL,
              "The binary log has an event of the unknown type "
                  + event.type()
                  + " at "
                  + at.text()
                  + ". Wherry cannot go on without understanding it.");
        }
      }
    }
  }

  /** The file must be the very one that the task has read before, not only have its name. */
  private void refuseAnotherFile() {
    BinlogPosition now = place.now();
    if (from.begun() != 0 && now.file().equals(from.file()) && now.begun() != from.begun()) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED,
          "The source's "
              + from.file()
              + " was begun at "
              + Instant.ofEpochSecond(now.begun())
              + ", the one that the task has read so far at "
              + Instant.ofEpochSecond(from.begun())
              + ": the log was reset (RESET MASTER), or this is another server. Start the task"
              + " again with reload-target.");
    }
  }

  private void open(Gtid gtid, BinlogPosition at) {
    transaction = new SourceTransaction(gtid.text(), at, gtid.committedAt());
    this.gtid = gtid;
    begun = false;
    prepares(false);
    handedOnInPart = false;
    untold.forEach(changes::add);
    untold.clear();
  }

  private void query(QueryEvent query, BinlogEvent event, BinlogPosition at) {
    switch (query.kind()) {
      case BEGIN -> {
        if (transaction == null) {
          open(Gtid.unnamed(Instant.ofEpochSecond(event.timestampSeconds())), at);
        }
        begun = true;
      }
      case COMMIT -> end();
      case ROLLBACK -> rolledBack(at);
      case XA_START -> {
        begun = true;
        prepares(true);
      }
      case XA_COMMIT -> commit(query.xaId());
      case XA_ROLLBACK -> {
        xa.remove(query.xaId());
        end();
      }
      case OTHER -> {
        if (transaction == null) {
          open(Gtid.unnamed(Instant.ofEpochSecond(event.timestampSeconds())), at);
        }
        tables.statement(query, at).forEach(changes::add);
        mapped.clear();
        if (!begun) {
          end();
        }
      }
    }
  }

  private void prepares(boolean prepares) {
    prepared = prepares;
    if (prepares) {
      xa.begin();
    }
  }

  private void prepared(XaPrepare prepare) {
    SourceTransaction ended = transaction;
    if (ended == null) {
      return; // Its beginning was not read; XA COMMIT will look for it.
    }
    xa.end(prepare.id(), (BinlogPosition) ended.at());
    if (prepare.committed()) {
      commit(prepare.id());
    } else {
      end();
    }
  }

  /** What was prepared counts from here on. */
  private void commit(String id) {
    Optional<PreparedTransactions.Prepared> found = xa.remove(id);
    prepared = false;
    mapped.clear();
    if (found.isEmpty() || found.get().events() == null) {
      replay = new Replay(id, found.map(PreparedTransactions.Prepared::at));
      return;
    }
    found.get().events().forEach(this::replay);
    endReplay();
  }

  /**
   * A transaction that has to be read again.
   *
   * @param at where it begins; empty when it was prepared before reading began
   */
  record Replay(String id, Optional<BinlogPosition> at) {}

  /** What has to be read again before reading goes on, by {@link #replay}; null for nothing. */
  @Nullable Replay replay() {
    return replay;
  }

  /** Takes in an event of the transaction that is read again, as one of the present transaction. */
  void replay(BinlogEvent event) {
    BinlogEvent plain = CompressedEvent.is(event) ? CompressedEvent.expanded(event) : event;
    if (isOfRows(plain)) {
      dispatch(plain, place.now());
    }
  }

  /** The transaction is read again, whole. */
  void endReplay() {
    replay = null;
    mapped.clear(); // Its numbers of tables are of another place of the log.
    end();
  }

  private static boolean isOfRows(BinlogEvent event) {
    return event.type() == BinlogEvent.TABLE_MAP || event.isRows();
  }

  /**
   * A rolled-back transaction is in the log only when it has changed tables without transactions
   * too, and nothing tells which of its rows remain.
   */
  private void rolledBack(BinlogPosition at) {
    if (changes.hasOpenPart() || handedOnInPart) {
      throw new DmsException(
          ErrorCode.LOG_LOST,
          "The transaction that ends at "
              + at.text()
              + " of the binary log was rolled back after it had changed tables with and without"
              + " transactions (InnoDB and MyISAM), so its rows in the log are partly true. Load"
              + " the task's tables again, and convert the MyISAM ones: ALTER TABLE … ENGINE=InnoDB.");
    }
    end();
  }

  private void end() {
    SourceTransaction ended = transaction;
    if (ended != null) {
      place.ended(gtid);
    }
    if (ended != null && (changes.hasOpenPart() || handedOnInPart)) {
      changes.endPart(ended, Optional.of(place.now()));
    }
    transaction = null;
    begun = false;
    handedOnInPart = false;
  }

  private void map(BinlogEvent event, BinlogPosition at) {
    if (prepared) {
      xa.add(event);
    }
    long number = TableMap.tableNumber(event);
    Mapped known = mapped.get(number);
    if (known != null
        && Arrays.equals(
            known.definition(),
            0,
            known.definition().length,
            event.bytes(),
            event.start(),
            event.end())) {
      return;
    }
    if (mapped.size() >= MAPPED_MAX) {
      mapped.clear();
    }
    TableMap map = TableMap.of(event);
    LoggedTables.Decoding decoding = tables.decoding(map, at);
    decoding.lost().ifPresent(changes::add);
    byte[] definition = Arrays.copyOfRange(event.bytes(), event.start(), event.end());
    mapped.put(number, new Mapped(definition, map.table(), decoding.decoder()));
  }

  private void rows(Operation operation, BinlogEvent event, BinlogPosition at) {
    Mapped table = mapped.get(TableMap.tableNumber(event));
    if (table == null || transaction == null) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "The binary log was read from the middle of a transaction: rows at "
              + at.text()
              + " have no beginning. Start at a position where a transaction begins, as SHOW BINLOG"
              + " EVENTS lists them.");
    }
    RowDecoder decoder = table.decoder();
    if (decoder == null) {
      return;
    }
    if (prepared) {
      xa.add(event);
    } else {
      images(operation, event, table, decoder, at);
    }
  }

  private void images(
      Operation operation, BinlogEvent event, Mapped table, RowDecoder decoder, BinlogPosition at) {
    byte[] bytes = event.bytes();
    long flags = LittleEndian.unsigned(bytes, event.start() + ROWS_FLAGS_AT, 2);
    boolean acts = (flags & ROWS_UNCHECKED) == 0;
    int next = event.start() + ROWS_HEADER_BYTES;
    if (event.type() >= BinlogEvent.WRITE_ROWS) {
      next += (int) LittleEndian.unsigned(bytes, next, 2);
    }
    ByteCursor in = new ByteCursor(bytes, next, event.end());
    int columns = in.length();
    if (columns != decoder.columns()) {
      throw new IllegalArgumentException(
          "rows of " + columns + " columns for " + decoder.columns() + " of " + table.table());
    }
    int bitmapBytes = (columns + 7) / 8;
    int firstImage = in.at();
    int secondImage = operation == Operation.UPDATE ? firstImage + bitmapBytes : firstImage;
    next = secondImage + bitmapBytes;
    if (operation == Operation.INSERT && lost(table, decoder, bytes, firstImage, at)) {
      return;
    }
    ChangeAssembly.Images images = changes.images(decoder.schema());
    RowBatchBuilder rows = images.rows();
    while (next < event.end()) {
      int row = rows.rows();
      next = decoder.decode(bytes, next, firstImage, operation == Operation.INSERT, rows);
      switch (operation) {
        case INSERT -> changes.add(operation, images, RowChange.NONE, row, false);
        case DELETE -> changes.add(operation, images, row, RowChange.NONE, acts);
        case UPDATE -> {
          next =
              event.type() == BinlogEvent.PARTIAL_UPDATE_ROWS
                  ? decoder.decodePartial(bytes, next, event.end(), secondImage, rows)
                  : decoder.decode(bytes, next, secondImage, false, rows);
          if (next < 0) {
            changes.add(tables.loseToPartialJson(decoder.schema().id(), at));
            forget(table);
            return;
          }
          changes.add(operation, images, row, row + 1, acts);
        }
      }
    }
  }

  /** Whether an inserted row lacks what cannot be told; its table is lost then. */
  private boolean lost(
      Mapped table, RowDecoder decoder, byte[] bytes, int image, BinlogPosition at) {
    List<Integer> missing = decoder.missing(bytes, image);
    if (missing.isEmpty()) {
      return false;
    }
    Optional<ChangeEvent> lost = tables.unnamed(decoder.schema(), missing, at);
    lost.ifPresent(changes::add);
    lost.ifPresent(event -> forget(table));
    return lost.isPresent();
  }

  /** The table's rows are decoded no longer. */
  private void forget(Mapped table) {
    mapped.replaceAll((number, known) ->
        known.table().equals(table.table())
            ? new Mapped(known.definition(), known.table(), null)
            : known);
  }

  /** The end of the last event. */
  BinlogPosition place() {
    return place.now();
  }

  /** Memory that the changes take that {@link #take} would hand on. */
  long bytes() {
    return changes.bytes();
  }

  /** Whether the last changes of a transaction wait to be handed on. */
  boolean hasTransactions() {
    return changes.hasParts();
  }

  /** Everything decoded so far; a transaction that goes on is cut in parts. */
  ChangeBatch take() {
    SourceTransaction open = transaction;
    if (open != null && changes.hasOpenPart()) {
      changes.endPart(open, Optional.empty());
      handedOnInPart = true;
    }
    return changes.build(reached);
  }
}
