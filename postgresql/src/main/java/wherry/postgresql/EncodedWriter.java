package wherry.postgresql;

import java.sql.SQLException;
import org.postgresql.copy.CopyIn;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.RejectedRow;
import wherry.connector.RowWriter;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.EncodedRows;
import wherry.row.Rows;

/** Passes a source's COPY stream on as it is: one COPY for the whole segment. */
final class EncodedWriter implements RowWriter {
  private final LoadTransaction transaction;
  private final boolean binary;
  private final CopyIn copy;
  private long bytes;

  EncodedWriter(LoadTransaction transaction) throws SQLException {
    this.transaction = transaction;
    this.binary = PassThrough.isBinary(transaction.request().format());
    this.copy = transaction.copyIn(binary);
    if (binary) {
      byte[] header = CopyBinary.header();
      copy.writeToCopy(header, 0, header.length);
    }
  }

  @Override
  public void write(Rows rows) {
    EncodedRows encoded = (EncodedRows) rows;
    try {
      for (byte[] piece : encoded.pieces()) {
        copy.writeToCopy(piece, 0, piece.length);
      }
      bytes += encoded.bytes();
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  @Override
  public void reject(RejectedRow row) {
    throw new IllegalStateException("Encoded rows are not transformed, but this one was: " + row);
  }

  @Override
  public LoadCounts finish() {
    try {
      if (binary) {
        byte[] trailer = CopyBinary.trailer();
        copy.writeToCopy(trailer, 0, trailer.length);
      }
      return new LoadCounts(copy.endCopy(), 0, bytes);
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private DmsException refused(SQLException e) {
    if (!RefusedRows.isAboutRows(e)) {
      return transaction.failure(e);
    }
    return new DmsException(
        ErrorCode.ROWS_REFUSED,
        transaction.table(),
        "The target refused a row of %s: %s The rows have to go cell by cell to tell which."
            .formatted(transaction.table(), PostgresFailures.said(e)),
        e);
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
