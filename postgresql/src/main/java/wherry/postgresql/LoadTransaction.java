package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import wherry.connector.LoadLedger;
import wherry.connector.Resource;
import wherry.connector.Target.LoadRequest;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The target transaction of one segment: rows, kept rejections and the ledger's entry become
 * durable together (D1), or none of them does. Owned by one thread.
 */
final class LoadTransaction implements Resource {
  private final PostgresSessions sessions;
  private final SessionPool pool;
  private final Connection session;
  private final LoadRequest request;
  private volatile boolean over;

  private LoadTransaction(
      PostgresSessions sessions, SessionPool pool, Connection session, LoadRequest request) {
    this.sessions = sessions;
    this.pool = pool;
    this.session = session;
    this.request = request;
  }

  static LoadTransaction begin(PostgresSessions sessions, SessionPool pool, LoadRequest request) {
    Connection session = pool.borrow();
    LoadTransaction transaction = new LoadTransaction(sessions, pool, session, request);
    try {
      session.setAutoCommit(false);
      return transaction;
    } catch (SQLException e) {
      transaction.close();
      throw transaction.failure(e);
    }
  }

  /** The same transaction, with another table to load; it takes the place of this one. */
  LoadTransaction into(TableSchema target) {
    return new LoadTransaction(
        sessions,
        pool,
        session,
        new LoadRequest(
            request.taskName(),
            request.controlSchema(),
            request.source(),
            target,
            request.format(),
            request.rejections()));
  }

  Connection session() {
    return session;
  }

  LoadRequest request() {
    return request;
  }

  TableId table() {
    return request.target().id();
  }

  void execute(String statement) throws SQLException {
    try (Statement once = session.createStatement()) {
      once.execute(statement);
    }
  }

  CopyIn copyIn(boolean binary) throws SQLException {
    String statement =
        "COPY %s (%s) FROM STDIN%s"
            .formatted(
                PostgresNames.quote(table()),
                PostgresNames.quote(request.target().columns()),
                binary ? " (FORMAT binary)" : "");
    return session.unwrap(PGConnection.class).getCopyAPI().copyIn(statement);
  }

  void commit(LoadLedger.Done done) {
    try {
      try (PreparedStatement update =
          session.prepareStatement(ControlTables.markDone(request.controlSchema()))) {
        update.setLong(1, done.read());
        update.setLong(2, done.filtered());
        update.setLong(3, done.loaded());
        update.setLong(4, done.rejected());
        update.setLong(5, done.shortened());
        update.setString(6, done.cut());
        update.setString(7, request.taskName());
        update.setString(8, done.table().schema());
        update.setString(9, done.table().name());
        update.setInt(10, done.segment());
        if (update.executeUpdate() != 1) {
          throw new DmsException(
              ErrorCode.INTERNAL,
              done.table(),
              ("The ledger of task %s on the target %s has no segment %d of %s to mark as loaded;"
                      + " nothing of it is committed. Was %s changed by hand? Start the task with"
                      + " reload-target.")
                  .formatted(
                      request.taskName(),
                      sessions.settings().place(),
                      done.segment(),
                      done.table(),
                      ControlTables.LEDGER),
              null);
        }
      }
      session.commit();
      session.setAutoCommit(true);
      over = true;
      pool.giveBack(session);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** What a failure of this transaction is, when it is not about single rows. */
  DmsException failure(SQLException e) {
    String grant =
        "GRANT USAGE ON SCHEMA %s TO %s; GRANT INSERT ON %s TO %s;"
            .formatted(
                PostgresNames.quote(table().schema()),
                PostgresNames.quote(sessions.settings().user()),
                PostgresNames.quote(table()),
                PostgresNames.quote(sessions.settings().user()));
    return sessions.failures().during("Loading", table(), grant, e);
  }

  /** Breaks the session under whoever waits for it, unless the commit has been; from any thread. */
  void abort() {
    if (!over) {
      pool.discard(session);
    }
  }

  /** Rolls back, unless the commit has been. */
  @Override
  public void close() {
    if (!over) {
      over = true;
      pool.discard(session);
    }
  }
}
