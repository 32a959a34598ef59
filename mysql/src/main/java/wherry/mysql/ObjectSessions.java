package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectRequest;
import wherry.connector.PrepareMode;
import wherry.connector.Resource;
import wherry.error.DmsException;
import wherry.schema.TableId;

/** Opens the sessions of a step that carries objects, and cuts them when the step is stopped. */
final class ObjectSessions {
  private static final Logger log = LoggerFactory.getLogger(ObjectSessions.class);

  /** A step, on one session of each side. */
  interface Step {
    List<ObjectReport> run(Pair pair) throws SQLException, InterruptedException;
  }

  /** What is done to one table of the target. */
  interface TableStep {
    List<ObjectReport> run(TableCarrier tables, TableDefinition table) throws SQLException;
  }

  private final ObjectRequest request;
  private final MySqlSettings source;
  private final MySqlSettings target;
  private final Set<MySqlSession> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  ObjectSessions(ObjectRequest request) {
    this.request = request;
    this.source = MySqlSettings.from(request.source());
    this.target = MySqlSettings.from(request.target());
  }

  /** Both sides of a step and what carries from one to the other; of one thread. */
  final class Pair implements Resource {
    private final ObjectCatalog source;
    private final ObjectCatalog target;
    private final MySqlCollations collations;
    private final Set<String> engines;

    private Pair(MySqlSession here, MySqlSession there) throws SQLException {
      source = new ObjectCatalog(here, request.selection());
      target = new ObjectCatalog(there, request.selection());
      collations = MySqlCollations.of(there);
      engines =
          new HashSet<>(
              there.query(
                  "SELECT engine FROM information_schema.engines WHERE support IN ('YES', 'DEFAULT')",
                  row -> row.getString(1)));
      TableCarrier.prepare(there);
    }

    ObjectCatalog source() {
      return source;
    }

    ObjectCatalog target() {
      return target;
    }

    /** Whether both servers are of one kind and version, so that they print definitions alike. */
    boolean printsAlike() {
      MySqlServer here = source.session().server();
      MySqlServer there = target.session().server();
      return here.mariaDb() == there.mariaDb()
          && here.major() == there.major()
          && here.minor() == there.minor();
    }

    boolean knowsSequences() {
      return target.session().server().mariaDb();
    }

    DatabaseCarrier databases() {
      return new DatabaseCarrier(target, collations, replaces());
    }

    TableCarrier tables() {
      return tables(target);
    }

    private TableCarrier tables(ObjectCatalog catalog) {
      TableTranslation translation =
          new TableTranslation(
              source.session().server(), target.session().server(), collations, engines);
      return new TableCarrier(catalog, translation, printsAlike());
    }

    StoredCarrier stored() {
      return new StoredCarrier(target, collations, printsAlike(), replaces());
    }

    private boolean replaces() {
      return request.preparation() == PrepareMode.DROP_AND_CREATE;
    }

    @Override
    public void close() {
      release(source.session());
      release(target.session());
    }
  }

  /**
   * Runs a step.
   *
   * @param doing for messages
   * @throws InterruptedException when it was stopped
   */
  List<ObjectReport> step(String doing, Step step) throws InterruptedException {
    try (Pair pair = pair()) {
      return step.run(pair);
    } catch (SQLException e) {
      throw ended(MySqlFailure.of(target, doing, e));
    } catch (DmsException e) {
      throw ended(e);
    }
  }

  /** A failure is one unless it is what a stop looks like from inside. */
  private DmsException ended(DmsException failure) throws InterruptedException {
    if (stopped) {
      throw new InterruptedException("Carrying objects was stopped.");
    }
    return failure;
  }

  private Pair pair() throws SQLException {
    MySqlSession here = open(source, MySqlSession.Role.READ);
    try {
      return new Pair(here, open(target, MySqlSession.Role.WRITE));
    } catch (SQLException | RuntimeException | Error e) {
      release(here);
      throw e;
    }
  }

  private MySqlSession open(MySqlSettings settings, MySqlSession.Role role) {
    MySqlSession session = MySqlSession.open(settings, role);
    open.add(session);
    if (stopped) {
      stop(); // It was stopped while nobody knew of this session.
    }
    return session;
  }

  private void release(MySqlSession session) {
    open.remove(session);
    session.close();
  }

  /** Does the same to each table, as many at a time as the request allows; large ones first. */
  List<ObjectReport> onEach(Pair pair, List<TableDefinition> tables, TableStep step)
      throws SQLException, InterruptedException {
    List<TableDefinition> ordered = largestFirst(pair.target().session(), tables);
    AtomicInteger next = new AtomicInteger();
    List<ObjectReport> reports = Collections.synchronizedList(new ArrayList<>());
    List<Callable<Void>> workers =
        Collections.nCopies(
            Math.max(1, Math.min(request.jobs(), tables.size())),
            () -> {
              MySqlSession session = open(target, MySqlSession.Role.WRITE);
              try {
                TableCarrier.prepare(session);
                TableCarrier carrier = pair.tables(new ObjectCatalog(session, request.selection()));
                for (int i = next.getAndIncrement();
                    i < ordered.size();
                    i = next.getAndIncrement()) {
                  reports.addAll(step.run(carrier, ordered.get(i)));
                }
              } finally {
                release(session);
              }
              return null;
            });
    try (ExecutorService threads = Executors.newFixedThreadPool(workers.size())) {
      for (Future<Void> worker : threads.invokeAll(workers)) {
        worker.get();
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case SQLException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
    return List.copyOf(reports);
  }

  private static List<TableDefinition> largestFirst(
      MySqlSession session, List<TableDefinition> tables) throws SQLException {
    Map<TableId, Long> bytes = new HashMap<>();
    session.query(
        "SELECT table_schema, table_name, coalesce(data_length, 0) FROM information_schema.tables",
        row -> bytes.put(new TableId(row.getString(1), row.getString(2)), row.getLong(3)) == null);
    return tables.stream()
        .sorted(Comparator.comparing(table -> -bytes.getOrDefault(table.id(), 0L)))
        .toList();
  }

  /**
   * Cuts every session; a server would otherwise finish what it does before it hears of it. Waits
   * for none, as the server may not answer.
   */
  void stop() {
    stopped = true;
    for (MySqlSession session : open) {
      Thread.startVirtualThread(() -> {
        kill(session);
        session.abort();
      });
    }
  }

  private static void kill(MySqlSession session) {
    try (MySqlSession killer = MySqlSession.open(session.settings(), MySqlSession.Role.READ)) {
      killer.execute("KILL " + session.client().getContext().getThreadId());
    } catch (DmsException | SQLException e) {
      log.debug("Ending a session at {}: {}", session.settings().where(), e.getMessage());
    }
  }
}
