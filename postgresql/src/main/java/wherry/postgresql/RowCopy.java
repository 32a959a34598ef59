package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import wherry.change.RowSet;
import wherry.connector.TableRoute;
import wherry.row.RowBatch;

/**
 * Copies some columns of chosen rows into a table, encoded chunk by chunk: whatever the set takes,
 * it takes little memory. Owned by one thread.
 */
final class RowCopy {
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final int NULL_LENGTH = -1;

  /** It must not become NULL, which is what an absent cell reads as. */
  static final String NOT_IN_LOG = "the source's log does not hold its value";

  private final TableRoute route;
  private final int[] columns;
  private final CellEncoders encoders;
  private final CellEncoder[] fields;
  private final CopyBuffer buffer;

  /**
   * @param columns indexes of those to copy
   * @param buffer free while the rows are copied
   */
  RowCopy(TableRoute route, List<Integer> columns, int serverMajor, CopyBuffer buffer) {
    this.route = route;
    this.buffer = buffer;
    this.columns = columns.stream().mapToInt(Integer::intValue).toArray();
    this.encoders =
        CellEncoders.choose(
            columns.stream().map(route.rows().columns()::get).toList(),
            columns.stream().map(route.target().columns()::get).toList(),
            serverMajor);
    this.fields = encoders.columns().toArray(CellEncoder[]::new);
  }

  /**
   * @param table quoted; has the columns by the names of the target's
   * @return rows that the server says it has taken
   * @throws wherry.connector.ChangeRefused when a column would hold another value than its cell, or
   *     the cell is absent
   */
  long into(String table, Connection session, RowSet rows) throws SQLException {
    CopyIn copy = session.unwrap(PGConnection.class).getCopyAPI().copyIn(statement(table));
    buffer.cutTo(0);
    if (encoders.isBinary()) {
      byte[] header = CopyBinary.header();
      buffer.put(header, 0, header.length);
    }
    for (int i = 0; i < rows.count(); i++) {
      append(copy, rows.batch(i), rows.row(i));
      if (buffer.used() >= CHUNK_BYTES) {
        send(copy);
      }
    }
    if (encoders.isBinary()) {
      byte[] trailer = CopyBinary.trailer();
      buffer.put(trailer, 0, trailer.length);
    }
    send(copy);
    return copy.endCopy();
  }

  private String statement(String table) {
    String names =
        Arrays.stream(columns)
            .mapToObj(column -> PostgresNames.quote(route.target().columns().get(column).name()))
            .collect(Collectors.joining(", "));
    return "COPY %s (%s) FROM STDIN%s"
        .formatted(table, names, encoders.isBinary() ? " (FORMAT binary)" : "");
  }

  private void send(CopyIn copy) throws SQLException {
    copy.writeToCopy(buffer.bytes(), 0, buffer.used());
    buffer.cutTo(0);
  }

  private void append(CopyIn copy, RowBatch batch, int row) throws SQLException {
    int field = 0;
    try {
      if (encoders.isBinary()) {
        buffer.putShort(fields.length);
        for (; field < fields.length; field++) {
          binaryField(batch, row, field);
        }
      } else {
        for (; field < fields.length; field++) {
          textField(batch, row, field);
        }
        buffer.put('\n');
      }
    } catch (CellRefused e) {
      copy.cancelCopy();
      throw ApplyFailures.of(route.target().columns().get(columns[field]), e);
    }
  }

  /** Int32 length of -1 for NULL, else the length and the bytes. */
  private void binaryField(RowBatch batch, int row, int field) throws CellRefused {
    int column = columns[field];
    if (isNull(batch, row, column)) {
      buffer.putInt(NULL_LENGTH);
      return;
    }
    int length = buffer.used();
    buffer.putInt(0);
    fields[field].encode(batch.slab(), batch.start(row, column), batch.end(row, column), buffer);
    buffer.setInt(length, buffer.used() - length - 4);
  }

  private void textField(RowBatch batch, int row, int field) throws CellRefused {
    int column = columns[field];
    if (field > 0) {
      buffer.put('\t');
    }
    if (isNull(batch, row, column)) {
      buffer.put('\\');
      buffer.put('N');
    } else {
      fields[field].encode(batch.slab(), batch.start(row, column), batch.end(row, column), buffer);
    }
  }

  private boolean isNull(RowBatch batch, int row, int column) throws CellRefused {
    if (batch.isAbsent(row, column)) {
      throw CellRefused.data(NOT_IN_LOG);
    }
    return batch.isNull(row, column);
  }
}
