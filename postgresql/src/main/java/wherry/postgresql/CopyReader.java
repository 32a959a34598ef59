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
import wherry.connector.Segment;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.EncodedRows;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/**
 * Reads a segment by COPY TO STDOUT. The server sends each row as one message (PostgreSQL manual,
 * 55.2.6 "COPY Operations"); rows are handed on encoded, or as cells.
 */
final class CopyReader implements RowReader {
  private static final int BATCH_BYTES = 1 << 20;
  private static final int PIECE_BYTES = 128 * 1024;

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

  private CopyReader(
      PostgresSessions sessions,
      SessionPool pool,
      Connection session,
      TableSchema table,
      RowFormat format,
      int batchRowsMax,
      String query)
      throws SQLException {
    this.sessions = sessions;
    this.pool = pool;
    this.session = session;
    this.table = table;
    this.format = format;
    this.batchRowsMax = batchRowsMax;
    this.cells = format.equals(RowFormat.CELLS) ? new CopyTextDecoder(table) : null;
    this.binary = PassThrough.isBinary(format);
    this.copy = session.unwrap(PGConnection.class).getCopyAPI().copyOut(query);
  }

  static CopyReader start(
      PostgresSessions sessions,
      SessionPool pool,
      Connection session,
      TableSchema table,
      RelationSize size,
      Segment segment,
      RowFormat format,
      int batchRowsMax)
      throws SQLException {
    boolean cells = format.equals(RowFormat.CELLS);
    try (Statement statement = session.createStatement()) {
      statement.execute("SET LOCAL intervalstyle = " + (cells ? "'iso_8601'" : "'postgres'"));
    }
    String query =
        query(table, size, segment, cells)
            + (PassThrough.isBinary(format) ? " (FORMAT binary)" : "");
    return new CopyReader(sessions, pool, session, table, format, batchRowsMax, query);
  }

  /** A bare table is read without the executor's help, which costs the server less. */
  private static String query(
      TableSchema table, RelationSize size, Segment segment, boolean cells) {
    if (!cells && size.kind() == 'r' && !size.generated() && segment.predicate().isEmpty()) {
      return "COPY %s (%s) TO STDOUT"
          .formatted(PostgresNames.quote(table.id()), PostgresNames.quote(table.columns()));
    }
    String columns =
        cells
            ? table.columns().stream().map(CopyReader::canonical).collect(Collectors.joining(", "))
            : PostgresNames.quote(table.columns());
    String where = segment.predicate().isEmpty() ? "" : " WHERE " + segment.predicate();
    return "COPY (SELECT %s FROM %s%s) TO STDOUT".formatted(columns, size.from(table.id()), where);
  }

  /** The expression whose text is the canonical form of the column's cells. */
  private static String canonical(Column column) {
    String name = PostgresNames.quote(column.name());
    if (column.meaning() == Meaning.INSTANT) {
      return "(" + name + " AT TIME ZONE 'UTC')";
    }
    if (column.meaning() == Meaning.MONEY) {
      return name + "::numeric";
    }
    if (column.meaning() == Meaning.FIXED_CHAR) {
      return name + "::text";
    }
    boolean zoned =
        column.type() == DataType.TIME && column.nativeType().name().endsWith("with time zone");
    return zoned ? "(" + name + " AT TIME ZONE 'UTC')::time" : name;
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
    List<byte[]> pieces = new ArrayList<>();
    List<byte[]> piece = new ArrayList<>();
    int pieceBytes = 0;
    int count = 0;
    long bytes = 0;
    boolean more = true;
    while (more && count < batchRowsMax && bytes < BATCH_BYTES) {
      byte[] message = copy.readFromCopy();
      more = message != null;
      byte[] row = message == null ? EMPTY : binary ? withoutFraming(message) : message;
      if (row.length > 0) {
        piece.add(row);
        pieceBytes += row.length;
        bytes += row.length;
        count++;
      }
      if (pieceBytes >= PIECE_BYTES
          || (pieceBytes > 0 && (!more || count == batchRowsMax || bytes >= BATCH_BYTES))) {
        pieces.add(joined(piece, pieceBytes));
        piece.clear();
        pieceBytes = 0;
      }
    }
    rowsRead += count;
    Optional<Rows> rows =
        count == 0 ? Optional.empty() : Optional.of(new EncodedRows(format, pieces, count, bytes));
    return more ? rows : atEnd(rows);
  }

  private static final byte[] EMPTY = new byte[0];

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

  private static byte[] joined(List<byte[]> rows, int bytes) {
    if (rows.size() == 1) {
      return rows.getFirst();
    }
    byte[] all = new byte[bytes];
    int at = 0;
    for (byte[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
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
