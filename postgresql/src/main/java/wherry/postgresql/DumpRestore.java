package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.connector.ObjectReport;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Makes objects on the target, each in a transaction of its own, in several sessions where that is
 * possible: an entry begins when all that it depends on is over. One that fails is reported and
 * keeps no other from being tried. Used for one step, which the end of its sessions stops.
 */
final class DumpRestore {
  /**
   * What a server says of a thing that is there already (PostgreSQL manual, appendix A): duplicate
   * column, object, function, schema, table, and the second primary key of a table.
   */
  private static final Set<String> PRESENT =
      Set.of("42701", "42710", "42723", "42P06", "42P07", "42P16");

  private static final Set<String> RIGHTS = Set.of("ACL", "DEFAULT ACL");
  private static final String DEADLOCK = "40P01";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final int ATTEMPTS = 5;

  private final ObjectSessions sessions;
  private final Map<Integer, DumpEntry> waiting = new LinkedHashMap<>();
  private final Set<Integer> unfinished = new HashSet<>();
  private final List<DumpEntry> running = new ArrayList<>();
  private final Map<Integer, ObjectReport> reports = new HashMap<>();
  private @Nullable DmsException failure;

  DumpRestore(ObjectSessions sessions) {
    this.sessions = sessions;
  }

  /**
   * @param entries in the order in which they begin, each once all that it depends on is over
   * @param jobs sessions at most
   * @return what became of them, in their order
   * @throws DmsException when the target itself is the trouble
   */
  List<ObjectReport> run(List<DumpEntry> entries, int jobs) throws InterruptedException {
    synchronized (this) {
      for (DumpEntry entry : entries) {
        if (!entry.definition().isBlank()) {
          waiting.put(entry.id(), entry);
          unfinished.add(entry.id());
        }
      }
    }
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(jobs, entries.size()); i++) {
      workers.add(Thread.ofVirtual().name("objects/" + i).start(this::work));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    sessions.check();
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
      return entries.stream().flatMap(entry -> Stream.ofNullable(reports.get(entry.id()))).toList();
    }
  }

  private void work() {
    try {
      Connection session = sessions.open();
      try {
        for (Optional<DumpEntry> next = next(); next.isPresent(); next = next()) {
          ObjectReport report = restore(session, next.get());
          over(next.get(), report);
        }
      } finally {
        sessions.close(session);
      }
    } catch (SQLException e) {
      fail(sessions.target().failures().during("Carrying objects", "", e));
    } catch (DmsException e) {
      fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      fail(
          new DmsException(
              ErrorCode.INTERNAL,
              "Carrying objects ended unexpectedly: " + e + ". This is a defect in Wherry.",
              e));
    }
  }

  /** Waits for an entry that can begin; empty when there is none left. */
  private synchronized Optional<DumpEntry> next() throws InterruptedException {
    while (!sessions.isStopped() && failure == null && !waiting.isEmpty()) {
      Optional<DumpEntry> ready =
          waiting.values().stream()
              .filter(entry -> entry.dependencies().stream().noneMatch(unfinished::contains))
              .filter(entry -> running.stream().noneMatch(entry::waitsFor))
              .findFirst();
      if (ready.isPresent()) {
        waiting.remove(ready.get().id());
        running.add(ready.get());
        return ready;
      }
      wait();
    }
    return Optional.empty();
  }

  private synchronized void over(DumpEntry entry, ObjectReport report) {
    unfinished.remove(entry.id());
    running.remove(entry);
    reports.put(entry.id(), report);
    notifyAll();
  }

  private synchronized void fail(DmsException e) {
    if (failure == null) {
      failure = e;
    }
    notifyAll();
  }

  private ObjectReport restore(Connection session, DumpEntry entry) throws SQLException {
    return RIGHTS.contains(entry.kind()) ? grant(session, entry) : make(session, entry);
  }

  /** Statement by statement: a role that is missing keeps no other from its rights. */
  private static ObjectReport grant(Connection session, DumpEntry entry) throws SQLException {
    List<String> refused = new ArrayList<>();
    for (String grant : entry.definition().split(";\n")) {
      try (Statement statement = session.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute(grant);
        session.commit();
      } catch (SQLException e) {
        rollBack(session, e);
        refused.add(PostgresFailures.said(e));
      }
    }
    return refused.isEmpty()
        ? ObjectReport.carried(entry.reportKind(), entry.reportName())
        : ObjectReport.left(
            entry.reportKind(),
            entry.reportName(),
            refused.size()
                + " grants were refused: "
                + String.join(" ", refused)
                + " Create roles that are missing on the target and grant there.");
  }

  /** Unless the session is gone, and with it the way to go on. */
  private static void rollBack(Connection session, SQLException e) throws SQLException {
    if (session.isClosed() || PostgresFailures.state(e).startsWith("08")) {
      throw e;
    }
    session.rollback();
  }

  private static ObjectReport make(Connection session, DumpEntry entry) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try (Statement statement = session.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute(entry.definition());
        session.commit();
        return carried(entry);
      } catch (SQLException e) {
        rollBack(session, e);
        String state = PostgresFailures.state(e);
        if (isPresent(entry, state)) {
          return ObjectReport.present(entry.reportKind(), entry.reportName());
        }
        if (!state.equals(DEADLOCK) || attempt == ATTEMPTS) {
          return ObjectReport.left(
              entry.reportKind(),
              entry.reportName(),
              "the target says: " + PostgresFailures.said(e) + advice(entry, state));
        }
      }
    }
  }

  private static boolean isPresent(DumpEntry entry, String state) {
    return PRESENT.contains(state)
        || (state.equals("42809") && entry.kind().equals("TABLE ATTACH"))
        || (state.equals("23505") && entry.kind().startsWith("TEXT SEARCH"));
  }

  private static ObjectReport carried(DumpEntry entry) {
    return entry.tablespace().isEmpty()
        ? ObjectReport.carried(entry.reportKind(), entry.reportName())
        : new ObjectReport(
            entry.reportKind(),
            entry.reportName(),
            ObjectReport.Outcome.CARRIED,
            "in the target's default tablespace, not in " + entry.tablespace());
  }

  private static String advice(DumpEntry entry, String state) {
    if (!entry.kind().equals("EXTENSION")) {
      return "";
    }
    return state.equals(INSUFFICIENT_PRIVILEGE)
        ? " Let a superuser of the target create it first."
        : " Install the extension's package on the target's machine.";
  }
}
