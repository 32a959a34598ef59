package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import wherry.connector.Resource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Sessions that are used again by the next segment: a login costs as much as a small table. Holds
 * as many as were in use at the same time. Safe for all threads; closing it breaks the sessions in
 * use, wherever their threads are waiting.
 */
final class SessionPool implements Resource {
  private static final int ANSWER_SECONDS = 10;

  private final Supplier<Connection> opener;
  private final Deque<Connection> idle = new ArrayDeque<>();
  private final Set<Connection> busy = new HashSet<>();
  private final Set<Connection> defining = ConcurrentHashMap.newKeySet();
  private boolean closed;

  SessionPool(Supplier<Connection> opener) {
    this.opener = opener;
  }

  Connection borrow() {
    for (Optional<Connection> rested = takeIdle(); rested.isPresent(); rested = takeIdle()) {
      if (isAlive(rested.get())) {
        return rested.get();
      }
      discard(rested.get());
    }
    Connection opened = opener.get();
    synchronized (this) {
      if (!closed) {
        busy.add(opened);
        return opened;
      }
    }
    abort(opened);
    throw closedFailure();
  }

  /** For statements that wait for whoever uses a table, until {@link #abandonDefinitions}. */
  Connection borrowToDefine() {
    Connection session = borrow();
    defining.add(session);
    return session;
  }

  /** Ends the sessions that define tables now; their threads find them broken. */
  void abandonDefinitions() {
    defining.forEach(SessionPool::abort);
  }

  private synchronized Optional<Connection> takeIdle() {
    throwIfClosed();
    Optional<Connection> session = Optional.ofNullable(idle.poll());
    session.ifPresent(busy::add);
    return session;
  }

  /** The server may have been restarted since the session was last used. */
  private static boolean isAlive(Connection session) {
    try {
      return session.isValid(ANSWER_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Takes back a session whose work ended well. */
  void giveBack(Connection session) {
    defining.remove(session);
    synchronized (this) {
      if (busy.remove(session) && !closed) {
        idle.push(session);
        return;
      }
    }
    abort(session);
  }

  /** Ends a session whose state is unknown; the server rolls its transaction back. */
  void discard(Connection session) {
    defining.remove(session);
    synchronized (this) {
      busy.remove(session);
    }
    abort(session);
  }

  @Override
  public void close() {
    List<Connection> resting;
    List<Connection> working;
    synchronized (this) {
      closed = true;
      resting = new ArrayList<>(idle);
      working = new ArrayList<>(busy);
      idle.clear();
      busy.clear();
    }
    resting.forEach(SessionPool::end);
    working.forEach(SessionPool::abort);
  }

  private void throwIfClosed() {
    if (closed) {
      throw closedFailure();
    }
  }

  private static DmsException closedFailure() {
    return new DmsException(
        ErrorCode.CONNECTION_FAILED,
        "The task has closed its sessions while a segment was starting");
  }

  private static void end(Connection session) {
    try {
      session.close();
    } catch (SQLException e) {
      abort(session);
    }
  }

  /** Closes the socket at once: a polite goodbye would wait for a COPY to end. */
  private static void abort(Connection session) {
    try {
      session.abort(Runnable::run);
    } catch (SQLException e) {
      // The session is of no more use, and that is all that was wanted.
    }
  }
}
