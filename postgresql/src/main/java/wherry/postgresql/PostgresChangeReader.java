package wherry.postgresql;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.SourceTransaction;
import wherry.change.TableTruncated;
import wherry.connector.ChangeReader;
import wherry.row.RowBatchBuilder;

/** Turns the server's stream of messages into batches of changes of the task's tables. */
final class PostgresChangeReader implements ChangeReader, PgOutputDecoder.Changes {
  /**
   * The driver's own look for bytes takes a millisecond; an idle stream is looked at less often.
   */
  private static final Duration IDLE_PAUSE = Duration.ofMillis(5);

  private final ReplicationStream stream;
  private final SourceWatch watch;
  private final CapturedTables tables;
  private final StreamFailures failures;
  private final PgOutputDecoder decoder = new PgOutputDecoder(this);
  private final BatchAssembly assembly = new BatchAssembly();
  private final StreamedTransactions streamed = new StreamedTransactions();
  private StreamedTransactions.@Nullable Replay replay;
  private long replayedUntil;
  private Lsn reached;
  private boolean closed;

  PostgresChangeReader(
      ReplicationStream stream,
      SourceWatch watch,
      CapturedTables tables,
      StreamFailures failures,
      Lsn from) {
    this.stream = stream;
    this.watch = watch;
    this.tables = tables;
    this.failures = failures;
    this.reached = from;
    watch.start(stream::close);
  }

  @Override
  public ChangeBatch next(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!assembly.isFull()) {
        if (Thread.interrupted()) {
          throw new InterruptedException("Reading the log was interrupted");
        }
        if (replay != null) {
          replay(replay);
          continue;
        }
        ByteBuffer message = stream.next();
        if (message != null) {
          take(message.array(), message.arrayOffset() + message.position());
        } else if (isWorthwhile() || System.nanoTime() >= deadline) {
          break;
        } else {
          LockSupport.parkNanos(IDLE_PAUSE.toNanos());
        }
      }
    } catch (SQLException e) {
      throw watch.failure().orElseGet(() -> failures.reading(e));
    }
    return assembly.build(reached());
  }

  /**
   * Messages about transactions that are sent before they end are ours; what those consist of
   * waits. Stream Start: Byte1('S') Int32(xid); Stream Stop: Byte1('E'); Stream Abort: Byte1('A')
   * Int32(xid) Int32(xid of the inner transaction); Stream Commit: Byte1('c') Int32(xid)
   * Int8(flags) Int64(commit LSN) Int64(end LSN) Int64(time).
   */
  private void take(byte[] message, int at) {
    switch (message[at]) {
      case 'S' -> streamed.start(Bytes.int32(message, at + 1));
      case 'E' -> streamed.stop();
      case 'A' -> streamed.abort(Bytes.int32(message, at + 1), Bytes.int32(message, at + 5));
      case 'c' -> {
        int xid = Bytes.int32(message, at + 1);
        replay = streamed.replay(xid);
        replayedUntil = Bytes.int64(message, at + 14);
        begin(
            xid,
            Bytes.int64(message, at + 6),
            PgOutputDecoder.sinceEpoch(Bytes.int64(message, at + 22)));
      }
      default -> {
        if (streamed.isReceiving()) {
          streamed.add(message, at);
        } else {
          decoder.decode(message, at, false);
        }
      }
    }
  }

  private void replay(StreamedTransactions.Replay transaction) {
    byte[] message = transaction.next();
    if (message == null) {
      replay = null;
      commit(replayedUntil);
    } else {
      decoder.decode(message, 0, true);
    }
  }

  /** Whole transactions are handed on at once; the rest of an open one is on its way. */
  private boolean isWorthwhile() {
    return !assembly.isEmpty() && !assembly.isInTransaction();
  }

  private Position reached() {
    if (!assembly.isInTransaction() && stream.reached().compareTo(reached) > 0) {
      reached = stream.reached();
    }
    return reached;
  }

  @Override
  public void begin(int xid, long commitLsn, long committedAt) {
    assembly.begin(
        new SourceTransaction(
            Integer.toUnsignedString(xid),
            new Lsn(commitLsn),
            Instant.EPOCH.plus(committedAt, ChronoUnit.MICROS)));
    tables.lostBefore().forEach(assembly::event);
    for (TableNotice notice : watch.before(xid)) {
      tables.noticed(notice).forEach(assembly::event);
    }
  }

  @Override
  public void commit(long endLsn) {
    reached = new Lsn(endLsn);
    assembly.end(reached);
  }

  @Override
  public void relation(LoggedRelation relation) {
    tables.described(relation).forEach(assembly::event);
  }

  @Override
  public void insert(int relation, Tuple row) {
    CapturedTable table = tables.captured(relation);
    if (table != null) {
      assembly.change(
          Operation.INSERT, table, RowChange.NONE, table.addRow(row, assembly.rows(table)));
    }
  }

  @Override
  public void update(int relation, PgOutputDecoder.OldRow old, Tuple before, Tuple after) {
    CapturedTable table = tables.captured(relation);
    if (table != null) {
      RowBatchBuilder rows = assembly.rows(table);
      int was = addOld(table, old, before, rows);
      int is =
          old == PgOutputDecoder.OldRow.WHOLE
              ? table.addRow(after, before, rows)
              : table.addRow(after, rows);
      assembly.change(Operation.UPDATE, table, was, is);
    }
  }

  @Override
  public void delete(int relation, PgOutputDecoder.OldRow old, Tuple before) {
    CapturedTable table = tables.captured(relation);
    if (table != null) {
      int was = addOld(table, old, before, assembly.rows(table));
      assembly.change(Operation.DELETE, table, was, RowChange.NONE);
    }
  }

  private static int addOld(
      CapturedTable table, PgOutputDecoder.OldRow old, Tuple row, RowBatchBuilder rows) {
    return switch (old) {
      case NONE -> RowChange.NONE;
      case KEY -> table.addKey(row, rows);
      case WHOLE -> table.addRow(row, rows);
    };
  }

  @Override
  public void truncate(int[] truncated) {
    for (int relation : truncated) {
      @Nullable CapturedTable table = tables.truncated(relation);
      if (table != null) {
        assembly.event(new TableTruncated(table.schema().id()));
      }
    }
  }

  @Override
  public void acknowledge(Position durable) {
    if (durable instanceof Lsn lsn) {
      stream.acknowledge(lsn);
    } else {
      throw new IllegalArgumentException("Position " + durable.text() + " is not of PostgreSQL");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      watch.close();
      stream.close();
      streamed.close();
    }
  }
}
