package wherry.postgresql;

import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import org.postgresql.copy.CopyIn;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.RejectedRow;
import wherry.connector.RowWriter;
import wherry.row.RowBatch;
import wherry.row.Rows;
import wherry.schema.Column;

/**
 * Writes cells by COPY, a COPY and a savepoint for each batch. A cell that its column cannot hold
 * is refused here, before it is sent; a row that the server refuses is searched for inside its
 * batch, so that the rest of the batch is loaded.
 */
final class CellWriter implements RowWriter {
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final int NULL_LENGTH = -1;

  private final LoadTransaction transaction;
  private final CellEncoders encoders;
  private final CellEncoder[] fields;
  private final boolean[] takesNull;
  private final RefusedRows refused;
  private final CopyBuffer buffer = new CopyBuffer();

  /** Of each encoded row: where it ends in the buffer, and which row of the batch it is. */
  private int[] ends = new int[1024];

  private int[] rowNumbers = new int[1024];
  private int encoded;
  private long loaded;
  private long bytes;
  private boolean savepoint;

  CellWriter(LoadTransaction transaction) throws SQLException {
    this.transaction = transaction;
    List<Column> target = transaction.request().target().columns();
    int serverMajor = transaction.session().getMetaData().getDatabaseMajorVersion();
    this.encoders =
        CellEncoders.choose(transaction.request().source().columns(), target, serverMajor);
    this.fields = encoders.columns().toArray(CellEncoder[]::new);
    this.takesNull = new boolean[fields.length];
    for (int i = 0; i < fields.length; i++) {
      takesNull[i] = target.get(i).nullable();
    }
    this.refused = new RefusedRows(transaction);
  }

  @Override
  public void write(Rows rows) {
    RowBatch batch = (RowBatch) rows;
    try {
      encode(batch);
      load(batch);
    } catch (SQLException e) {
      throw transaction.failure(e);
    }
  }

  private void encode(RowBatch batch) throws SQLException {
    buffer.cutTo(0);
    encoded = 0;
    if (ends.length < batch.count()) {
      ends = new int[batch.count()];
      rowNumbers = new int[batch.count()];
    }
    for (int row = 0; row < batch.count(); row++) {
      int before = buffer.used();
      int column = encoders.isBinary() ? binaryRow(batch, row) : textRow(batch, row);
      if (column < fields.length) {
        buffer.cutTo(before);
      } else {
        ends[encoded] = buffer.used();
        rowNumbers[encoded++] = row;
      }
    }
  }

  /**
   * Int16 field count, then for each field its Int32 length and bytes; returns the column that
   * failed, or their number.
   */
  private int binaryRow(RowBatch batch, int row) throws SQLException {
    buffer.putShort(fields.length);
    byte[] slab = batch.slab();
    int start = batch.start(row, 0);
    int column = 0;
    try {
      for (; column < fields.length; column++) {
        int end = batch.end(row, column);
        if (batch.isNull(row, column)) {
          checkNull(column);
          buffer.putInt(NULL_LENGTH);
        } else {
          int length = buffer.used();
          buffer.skip(4);
          fields[column].encode(slab, start, end, buffer);
          buffer.setInt(length, buffer.used() - length - 4);
        }
        start = end; // A cell begins where the one before it ends.
      }
    } catch (CellRefused e) {
      refused.reject(batch, row, column, e.kind(), String.valueOf(e.getMessage()));
    }
    return column;
  }

  private int textRow(RowBatch batch, int row) throws SQLException {
    int column = 0;
    try {
      for (; column < fields.length; column++) {
        if (column > 0) {
          buffer.put('\t');
        }
        if (batch.isNull(row, column)) {
          checkNull(column);
          buffer.put('\\');
          buffer.put('N');
        } else {
          fields[column].encode(
              batch.slab(), batch.start(row, column), batch.end(row, column), buffer);
        }
      }
      buffer.put('\n');
    } catch (CellRefused e) {
      refused.reject(batch, row, column, e.kind(), String.valueOf(e.getMessage()));
    }
    return column;
  }

  private void checkNull(int column) throws CellRefused {
    if (!takesNull[column]) {
      throw CellRefused.data("it is NULL, and the column is NOT NULL");
    }
  }

  /**
   * Loads what is encoded. After a refusal the rows before the one that the server names are
   * loaded, then that row alone is tried again, for only a COPY of one row proves which it is; from
   * there on the steps double.
   */
  private void load(RowBatch batch) throws SQLException {
    int at = 0;
    int step = encoded;
    boolean searching = false;
    while (at < encoded) {
      int to = (int) Math.min(encoded, (long) at + step);
      try {
        copy(at, to);
        at = to;
        step = searching ? 1 : Math.max(1, Math.min(encoded, step * 2));
        searching = false;
      } catch (SQLException e) {
        if (!RefusedRows.isAboutRows(e)) {
          throw e;
        }
        transaction.execute("ROLLBACK TO SAVEPOINT batch");
        if (to - at == 1) {
          refused.reject(batch, rowNumbers[at], e);
          at = to;
          step = 1;
        } else {
          OptionalInt line = RefusedRows.line(e);
          boolean known = line.isPresent() && line.getAsInt() >= 1 && line.getAsInt() <= to - at;
          step = known ? Math.max(1, line.getAsInt() - 1) : (to - at) / 2;
          searching = known && line.getAsInt() > 1;
        }
      }
    }
  }

  private void copy(int from, int to) throws SQLException {
    transaction.execute(savepoint ? "RELEASE SAVEPOINT batch; SAVEPOINT batch" : "SAVEPOINT batch");
    savepoint = true;
    CopyIn copy = transaction.copyIn(encoders.isBinary());
    if (encoders.isBinary()) {
      byte[] header = CopyBinary.header();
      copy.writeToCopy(header, 0, header.length);
    }
    int start = from == 0 ? 0 : ends[from - 1];
    int end = ends[to - 1];
    for (int at = start; at < end; at += CHUNK_BYTES) {
      copy.writeToCopy(buffer.bytes(), at, Math.min(CHUNK_BYTES, end - at));
    }
    if (encoders.isBinary()) {
      byte[] trailer = CopyBinary.trailer();
      copy.writeToCopy(trailer, 0, trailer.length);
    }
    loaded += copy.endCopy();
    bytes += end - start;
  }

  @Override
  public void reject(RejectedRow row) {
    try {
      refused.reject(row);
    } catch (SQLException e) {
      throw transaction.failure(e);
    }
  }

  @Override
  public LoadCounts finish() {
    try {
      refused.flush();
      return new LoadCounts(loaded, refused.count(), bytes);
    } catch (SQLException e) {
      throw transaction.failure(e);
    }
  }

  @Override
  public void commit(LoadLedger.Done done) {
    transaction.commit(done);
  }

  @Override
  public void abort() {
    transaction.abort();
  }

  @Override
  public void close() {
    transaction.close();
  }
}
