package wherry.mysql;

import java.io.ByteArrayInputStream;
import java.sql.SQLException;
import org.mariadb.jdbc.message.client.QueryPacket;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.RejectedRow;
import wherry.connector.RowWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.EncodedRows;
import wherry.row.RowBatch;
import wherry.row.Rows;

/**
 * Loads a segment in one transaction, batch by batch.
 *
 * <p>LOAD DATA LOCAL implies IGNORE: what does not fit is cut, what is there already is skipped,
 * and both are warnings only. So a batch counts only when the server has taken as many rows as were
 * sent and has warned of nothing; else it is rolled back to its savepoint and goes again by strict
 * INSERT, in halves down to the single row that the server refuses.
 */
final class MySqlLoader implements RowWriter {
  private static final int INSERT_BYTES_MAX = 1 << 20;

  private static final String SAVEPOINT = "SAVEPOINT wherry_batch";
  private static final String BACK = "ROLLBACK TO SAVEPOINT wherry_batch";

  private final MySqlSession session;
  private final RowStatements statements;
  private final Target.LoadRequest request;
  private final boolean loadData;
  private final Rejections rejections;
  private final Bytes buffer = new Bytes(INSERT_BYTES_MAX);
  private final long packetBytesMax;
  private final RowEncoder encoder;
  private final byte[] insertHead;
  private final String loadStatement;
  private long loaded;
  private long bytes;
  private boolean closed;

  MySqlLoader(MySqlSession session, Target.LoadRequest request, boolean loadData)
      throws SQLException {
    this.session = session;
    this.statements = new RowStatements(session);
    this.request = request;
    this.loadData = loadData;
    this.rejections = new Rejections(session, request);
    this.encoder = new RowEncoder(request.source().columns(), request.target());
    this.insertHead = encoder.insertHead();
    this.loadStatement = encoder.loadStatement();
    // What the statement's own packet headers and the server's copy may need.
    this.packetBytesMax = session.server().maxAllowedPacket() - 1024;
    session.connection().setAutoCommit(false);
  }

  @Override
  public void write(Rows rows) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      switch (rows) {
        case RowBatch batch -> write(batch);
        case EncodedRows encoded ->
            throw new IllegalArgumentException("No such format here: " + encoded.format());
      }
      rejections.flush();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void write(RowBatch batch) throws SQLException {
    int[] good = new int[batch.count()];
    int count = 0;
    for (int row = 0; row < batch.count(); row++) {
      RowEncoder.Finding finding = encoder.check(batch, row);
      if (finding == null) {
        good[count++] = row;
      } else {
        rejections.reject(
            batch, row, request.target().columns().get(finding.column()).name(), finding.refusal());
      }
    }
    if (count > 0 && !(loadData && loadBatch(batch, good, count))) {
      insert(batch, good, 0, count);
    }
  }

  /**
   * Whether the server took all rows as they are; else nothing of the batch is left in the table.
   */
  private boolean loadBatch(RowBatch batch, int[] rows, int count) throws SQLException {
    buffer.clear();
    int indexZeroCells = 0;
    for (int i = 0; i < count; i++) {
      encoder.addFields(batch, rows[i], buffer);
      indexZeroCells += encoder.indexZeroCells(batch, rows[i]);
    }
    session.execute(SAVEPOINT);
    long affected;
    try {
      affected =
          statements.run(
              new QueryPacket(
                  loadStatement, new ByteArrayInputStream(buffer.array(), 0, buffer.length())));
    } catch (SQLException e) {
      if (!MySqlFailure.isOfRow(e)) {
        throw e;
      }
      affected = -1;
    }
    if (affected == count && statements.unexpectedWarning(encoder, indexZeroCells) == null) {
      loaded += count;
      bytes += buffer.length();
      return true;
    }
    session.execute(BACK);
    return false;
  }

  /**
   * Inserts the rows {@code from} to {@code to} of those listed, in statements that fit a packet.
   */
  private void insert(RowBatch batch, int[] rows, int from, int to) throws SQLException {
    int first = from;
    while (first < to) {
      buffer.clear();
      buffer.add(insertHead);
      int next = first;
      while (next < to
          && (next == first || buffer.length() < Math.min(INSERT_BYTES_MAX, packetBytesMax / 2))) {
        if (next > first) {
          buffer.add(',');
        }
        encoder.addTuple(batch, rows[next], buffer);
        next++;
      }
      insertStatement(batch, rows, first, next);
      first = next;
    }
  }

  private void insertStatement(RowBatch batch, int[] rows, int from, int to) throws SQLException {
    Refusal refusal;
    String column = "";
    if (buffer.length() > packetBytesMax) {
      refusal =
          Refusal.truncation(
              "the row needs a statement of "
                  + buffer.length()
                  + " bytes, the server's max_allowed_packet is "
                  + session.server().maxAllowedPacket()
                  + ". Run there: SET GLOBAL max_allowed_packet=1073741824;");
    } else {
      session.execute(SAVEPOINT);
      try {
        int indexZeroCells = 0;
        for (int i = from; i < to; i++) {
          indexZeroCells += encoder.indexZeroCells(batch, rows[i]);
        }
        String warning = insertBuffer(to - from, indexZeroCells);
        if (warning.isEmpty()) {
          loaded += to - from;
          bytes += buffer.length();
          return;
        }
        session.execute(BACK);
        refusal = Refusal.truncation(warning);
        column = RowStatements.column(warning);
      } catch (SQLException e) {
        if (!MySqlFailure.isOfRow(e)) {
          throw e;
        }
        boolean tooLong = e.getErrorCode() == 1406 || e.getErrorCode() == 1265;
        String said = MySqlFailure.said(e);
        refusal = tooLong ? Refusal.truncation(said) : Refusal.data(said);
        column = RowStatements.column(said);
      }
    }
    if (to - from == 1) {
      rejections.reject(batch, rows[from], column, refusal);
      return;
    }
    int middle = (from + to) >>> 1;
    insert(batch, rows, from, middle);
    insert(batch, rows, middle, to);
  }

  /**
   * Inserts the rows in the buffer.
   *
   * @return what the server did other than taking all of them as they are; empty when it did just
   *     that
   */
  private String insertBuffer(int rows, int indexZeroCells) throws SQLException {
    // Only a session that is not strict stores the index 0 of an ENUM.
    boolean leniently = indexZeroCells > 0;
    if (leniently) {
      session.execute(MySqlSession.LENIENT);
    }
    try {
      long affected = statements.run(new SqlBytes(buffer, "INSERT INTO " + request.target().id()));
      RowStatements.Warning warning = statements.unexpectedWarning(encoder, indexZeroCells);
      if (warning != null) {
        return warning.text();
      }
      return affected == rows ? "" : "the server took " + affected + " rows";
    } finally {
      if (leniently) {
        session.execute(MySqlSession.STRICT);
      }
    }
  }

  @Override
  public void reject(RejectedRow row) {
    rejections.reject(row);
  }

  @Override
  public LoadCounts finish() {
    return new LoadCounts(loaded, rejections.count(), bytes);
  }

  @Override
  public void commit(LoadLedger.Done done) {
    try {
      long entries =
          session.update(
              "UPDATE "
                  + MySqlLedger.ledgerTable(request.controlSchema())
                  + " SET DONE=1, ROWS_READ=?, ROWS_FILTERED=?, ROWS_LOADED=?, ROWS_REJECTED=?, VALUES_SHORTENED=?, SNAPSHOT_CUT=?"
                  + " WHERE TASK_NAME=? AND TABLE_OWNER=? AND TABLE_NAME=? AND SEGMENT=? AND DONE=0",
              done.read(),
              done.filtered(),
              done.loaded(),
              done.rejected(),
              done.shortened(),
              done.cut(),
              request.taskName(),
              done.table().schema(),
              done.table().name(),
              done.segment());
      if (entries != 1) {
        throw new DmsException(
            ErrorCode.TARGET_TABLE_FAILED,
            done.table(),
            "Segment "
                + done.segment()
                + " of "
                + done.table()
                + " is not open in the ledger of task "
                + request.taskName()
                + ": another run has loaded it or planned the table anew. Its rows were rolled back; end the other run.",
            null);
      }
      session.connection().commit();
    } catch (SQLException e) {
      throw failed(e);
    } finally {
      close();
    }
  }

  private DmsException failed(SQLException e) {
    return MySqlFailure.of(
        session.settings(),
        request.source().id(),
        ErrorCode.TARGET_TABLE_FAILED,
        "loading " + request.target().id(),
        e);
  }

  @Override
  public void abort() {
    session.abort();
  }

  /**
   * The end of the connection rolls back what is not committed, so nothing is sent that could fail
   * or wait.
   */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      session.close();
    }
  }
}
