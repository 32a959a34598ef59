package wherry.mysql;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.RowReader;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatchBuilder;
import wherry.row.Rows;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.TableSchema;

/**
 * Streams a segment's rows out of one session of a snapshot; gives the session back when closed.
 */
final class MySqlReader implements RowReader {
  private static final Logger log = LoggerFactory.getLogger(MySqlReader.class);

  /** A batch ends here even when it has few rows. */
  private static final int BATCH_BYTES = 1 << 20;

  private final MySqlSession session;
  private final TableSchema table;
  private final int batchRowsMax;
  private final Consumer<MySqlSession> giveBack;
  private final RowStream stream;
  private final RowBatchBuilder batch;
  private final boolean[] floats;
  private boolean closed;

  MySqlReader(
      MySqlSession session,
      TableSchema table,
      String partition,
      String predicate,
      int batchRowsMax,
      Consumer<MySqlSession> giveBack) {
    this.session = session;
    this.table = table;
    this.batchRowsMax = batchRowsMax;
    this.giveBack = giveBack;
    this.batch = new RowBatchBuilder(table);
    this.stream = new RowStream(select(table, partition, predicate));
    List<Column> columns = table.columns();
    this.floats = new boolean[columns.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = columns.get(i).type() == DataType.REAL4;
    }
    try {
      session.client().execute(stream, false);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * @param partition SQL of the name of the partition that is read; empty for the whole table
   * @param predicate SQL of the rows that are wanted; empty for all
   */
  static String select(TableSchema table, String partition, String predicate) {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (Column column : table.columns()) {
      String quoted = MySqlNames.quoted(column.name());
      sql.append(sql.length() > 7 ? "," : "")
          .append(MySqlColumns.selectExpression(column, quoted).orElse(quoted));
    }
    sql.append(" FROM ").append(MySqlNames.quoted(table.id()));
    if (!partition.isEmpty()) {
      sql.append(" PARTITION (").append(partition).append(')');
    }
    return predicate.isEmpty()
        ? sql.toString()
        : sql.append(" WHERE ").append(predicate).toString();
  }

  @Override
  public Optional<Rows> next() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      boolean more = true;
      while (more && batch.rows() < batchRowsMax && batch.bytes() < BATCH_BYTES) {
        more = stream.next(batch, floats);
      }
    } catch (SQLException e) {
      throw failed(e);
    } catch (IOException e) {
      throw failed(
          new SQLException(
              "the connection broke in the middle of the rows: " + e.getMessage(), "08000", e));
    }
    return batch.rows() == 0 ? Optional.empty() : Optional.of(batch.build());
  }

  private DmsException failed(SQLException e) {
    return MySqlFailure.of(
        session.settings(), table.id(), ErrorCode.SOURCE_TABLE_FAILED, "reading " + table.id(), e);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (!stream.ended()) {
        cutShort();
      }
      giveBack.accept(session);
    }
  }

  /**
   * Ends the query, not the session: its transaction is the snapshot, which other tables still
   * need.
   */
  private void cutShort() {
    try (MySqlSession killer = MySqlSession.open(session.settings(), MySqlSession.Role.READ)) {
      killer.execute("KILL QUERY " + session.client().getContext().getThreadId());
      stream.drain();
      absorbLateKill();
    } catch (IOException | DmsException e) {
      log.debug("Ending the query on {} broke its connection: {}", table.id(), e.getMessage());
      session.abort();
    } catch (SQLException e) {
      log.debug("The query on {} ended: {}", table.id(), e.getMessage());
      if (stream.ended()) {
        absorbLateKill();
      } else {
        session.abort();
      }
    }
  }

  /**
   * A query that had already ended leaves the KILL to the next one, which must not be a reader's.
   */
  private void absorbLateKill() {
    try {
      session.execute("DO 0");
    } catch (SQLException e) {
      log.debug("The end of the query on {} came late: {}", table.id(), e.getMessage());
    }
  }
}
