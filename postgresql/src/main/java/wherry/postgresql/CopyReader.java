package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import wherry.connector.RowReader;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.EncodedRows;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableSchema;

/**
 * Reads a segment by COPY TO STDOUT. The server sends each row as one message (PostgreSQL manual,
 * 55.2.6 "COPY Operations"); rows are handed on encoded, or as cells.
 */
final class CopyReader implements RowReader {
  private static final int BATCH_BYTES = 1 << 20;
  private static final int PIECE_BYTES = 128 * 1024;

  private static final byte[] EMPTY = new byte[0];

  private final PostgresSessions sessions;
  private final SessionPool pool;
  private final Connection session;
  private final TableSchema table;
  private final RowFormat format;
  private final int batchRowsMax;
  private final CopyOut copy;
  private final @Nullable CopyTextDecoder cells;
  private final boolean binary;
  private long rowsRead;
  private boolean headerSeen;
  private boolean ended;
  private boolean closed;

  /**
   * What to read.
   *
   * @param from what stands behind FROM: the table, or one of its partitions
   * @param bare whether COPY takes the table by its name alone
   * @param predicate SQL of the rows that are wanted; empty for all
   * @param batchRowsMax rows of a batch at most
   */
  record Request(
      TableSchema table,
      String from,
      boolean bare,
      String predicate,
      RowFormat format,
      int batchRowsMax) {

    boolean isCells() {
      return format.equals(RowFormat.CELLS);
    }

    String copyStatement() {
      return query() + (PassThrough.isBinary(format) ? " (FORMAT binary)" : "");
    }

    /** A bare table is read without the executor's help, which costs the server less. */
    private String query() {
      if (bare && predicate.isEmpty() && !isCells()) {
        return "COPY %s (%s) TO STDOUT"
            .formatted(PostgresNames.quote(table.id()), PostgresNames.quote(table.columns()));
      }
      String columns =
          isCells()
              ? table.columns().stream()
                  .map(column -> CellForm.of(column).expression(PostgresNames.quote(column.name())))
                  .collect(Collectors.joining(", "))
              : PostgresNames.quote(table.columns());
      String where = predicate.isEmpty() ? "" : " WHERE " + predicate;
      return "COPY (SELECT %s FROM %s%s) TO STDOUT".formatted(columns, from, where);
    }
  }

  /** Starts the COPY; the session goes back to the pool when the reader is closed at its end. */
  CopyReader(PostgresSessions sessions, SessionPool pool, Connection session, Request request)
      throws SQLException {
    this.sessions = sessions;
    this.pool = pool;
    this.session = session;
    this.table = request.table();
    this.format = request.format();
    this.batchRowsMax = request.batchRowsMax();
    this.cells = request.isCells() ? new CopyTextDecoder(table) : null;
    this.binary = PassThrough.isBinary(format);
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "SET LOCAL intervalstyle = " + (request.isCells() ? "'iso_8601'" : "'postgres'"));
    }
    this.copy = session.unwrap(PGConnection.class).getCopyAPI().copyOut(request.copyStatement());
  }

  @Override
  public Optional<Rows> next() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("Reading " + table.id() + " was interrupted");
    }
    if (ended) {
      return Optional.empty();
    }
    try {
      return cells == null ? encoded() : cells(cells);
    } catch (SQLException e) {
      throw sessions
          .failures()
          .during(
              "Reading",
              table.id(),
              PostgresSource.grantSelect(sessions.settings(), table.id()),
              e);
    }
  }

  private Optional<Rows> cells(CopyTextDecoder decoder) throws SQLException {
    while (decoder.rows() < batchRowsMax && decoder.bytes() < BATCH_BYTES) {
      byte[] message = copy.readFromCopy();
      if (message == null) {
        rowsRead += decoder.rows();
        return atEnd(decoder.rows() == 0 ? Optional.empty() : Optional.of(decoder.build()));
      }
      decoder.decode(message);
    }
    rowsRead += decoder.rows();
    return Optional.of(decoder.build());
  }

  private Optional<Rows> encoded() throws SQLException {
    Pieces pieces = new Pieces();
    byte[] message = EMPTY;
    while (message != null && pieces.count < batchRowsMax && pieces.bytes < BATCH_BYTES) {
      message = copy.readFromCopy();
      if (message != null) {
        pieces.add(binary ? withoutFraming(message) : message);
      }
    }
    rowsRead += pieces.count;
    Optional<Rows> rows = pieces.build(format);
    return message == null ? atEnd(rows) : rows;
  }

  /** Joins rows into pieces that are worth a message of their own to the target. */
  private static final class Pieces {
    private final List<byte[]> finished = new ArrayList<>();
    private final List<byte[]> rows = new ArrayList<>();
    private int rowsBytes;
    private int count;
    private long bytes;

    /** Adds a row; an empty one is what is left of the frame. */
    void add(byte[] row) {
      if (row.length > 0) {
        rows.add(row);
        rowsBytes += row.length;
        bytes += row.length;
        count++;
      }
      if (rowsBytes >= PIECE_BYTES) {
        join();
      }
    }

    private void join() {
      finished.add(rows.size() == 1 ? rows.getFirst() : joined());
      rows.clear();
      rowsBytes = 0;
    }

    private byte[] joined() {
      byte[] all = new byte[rowsBytes];
      int at = 0;
      for (byte[] row : rows) {
        System.arraycopy(row, 0, all, at, row.length);
        at += row.length;
      }
      return all;
    }

    Optional<Rows> build(RowFormat format) {
      if (rowsBytes > 0) {
        join();
      }
      return count == 0
          ? Optional.empty()
          : Optional.of(new EncodedRows(format, finished, count, bytes));
    }
  }

  /** Takes the header off the first message; the trailer has a field count of -1. */
  private byte[] withoutFraming(byte[] message) {
    int start = 0;
    if (!headerSeen) {
      headerSeen = true;
      start = CopyBinary.headerBytes(message);
    }
    boolean trailer =
        message.length - start == 2 && message[start] == -1 && message[start + 1] == -1;
    if (start == 0 && !trailer) {
      return message;
    }
    return trailer ? EMPTY : Arrays.copyOfRange(message, start, message.length);
  }

  /** The server's own count is the last word on whether all rows have come. */
  private Optional<Rows> atEnd(Optional<Rows> last) {
    ended = true;
    if (copy.getHandledRowCount() != rowsRead) {
      throw new DmsException(
          ErrorCode.BOOKS_DO_NOT_BALANCE,
          table.id(),
          "The source database %s says that it sent %d rows of %s, and %d have come"
              .formatted(
                  sessions.settings().place(), copy.getHandledRowCount(), table.id(), rowsRead),
          null);
    }
    return last;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (ended) {
        pool.giveBack(session);
      } else {
        pool.discard(session);
      }
    }
  }
}
