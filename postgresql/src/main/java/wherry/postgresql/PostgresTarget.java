package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import wherry.connector.ChangeWriter;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectionPolicy;
import wherry.connector.RowWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowFormat;
import wherry.schema.TableSchema;

/** A PostgreSQL database to write to. */
final class PostgresTarget implements Target {
  private static final int ATTEMPTS = 5;

  /**
   * What creating a schema or type says when the preparation of another table was a moment faster.
   */
  private static final Set<String> CREATED_MEANWHILE = Set.of("23505", "42P06", "42P07", "42710");

  private static final String RIGHTS =
      """
      SELECT pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on' AS read_only,
             pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
             OR EXISTS (SELECT FROM pg_catalog.pg_namespace n
                         WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                           AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')) AS may_create
      """;

  private final PostgresSessions sessions;
  private final SessionPool pool;

  /** By task, the sessions in which we have applied changes, as awsdms_txn_state names them. */
  private final Map<String, Set<String>> runs = new ConcurrentHashMap<>();

  PostgresTarget(PostgresSettings settings) {
    this.sessions = new PostgresSessions(settings, Side.TARGET);
    this.pool = new SessionPool(sessions::open);
  }

  @FunctionalInterface
  private interface Work<T> {
    T in(Connection session) throws SQLException;
  }

  @Override
  public void test() {
    try (Connection session = sessions.open();
        Statement statement = session.createStatement();
        ResultSet rights = statement.executeQuery(RIGHTS)) {
      rights.next();
      if (rights.getBoolean("read_only")) {
        throw new DmsException(
            ErrorCode.PRIVILEGE_MISSING,
            ("The target database %s is read-only: a standby, or default_transaction_read_only is"
                    + " on for %s. Let the endpoint name the primary, or run: ALTER ROLE %s SET"
                    + " default_transaction_read_only = off;")
                .formatted(place(), user(), user()));
      }
      if (!rights.getBoolean("may_create")) {
        throw new DmsException(
            ErrorCode.PRIVILEGE_MISSING,
            "User %s may create nothing in the target database %s. Run: %s"
                .formatted(user(), place(), grantCreate("public")));
      }
    } catch (SQLException e) {
      throw sessions.failures().during("Testing the privileges", grantCreate("public"), e);
    }
  }

  @Override
  public List<String> schemas() {
    return PostgresSource.schemas(sessions);
  }

  @Override
  public boolean ignoresCaseOfNames() {
    return false;
  }

  @Override
  public TableSchema prepare(TableSchema wanted, PrepareMode mode, boolean deferKey) {
    PostgresNames.check(wanted);
    return transaction(
        "Preparing",
        wanted,
        session -> {
          new PostgresDdl(session)
              .execute(preparation(session, wanted, mode).preparation(deferKey).statements());
          return found(session, wanted);
        });
  }

  @Override
  public Preparation preparation(TableSchema wanted, PrepareMode mode, boolean deferKey) {
    PostgresNames.check(wanted);
    return transaction(
        "Planning", wanted, session -> preparation(session, wanted, mode).preparation(deferKey));
  }

  @Override
  public IndexPreparation indexPreparation(TableSchema wanted, PrepareMode mode) {
    return transaction(
        "Planning the indexes of", wanted, session -> preparation(session, wanted, mode).indexes());
  }

  private TablePreparation preparation(Connection session, TableSchema wanted, PrepareMode mode) {
    return new TablePreparation(session, sessions.settings(), wanted, mode);
  }

  @Override
  public RowWriter rehearse(
      TableSchema wanted, PrepareMode mode, TableSchema rows, RejectionPolicy rejections) {
    PostgresNames.check(wanted);
    LoadRequest request =
        new LoadRequest("rehearsal", "", rows, wanted, RowFormat.CELLS, rejections);
    LoadTransaction transaction = LoadTransaction.begin(sessions, pool, request);
    try {
      TableSchema made = preparation(transaction.session(), wanted, mode).rehearsal();
      return new CellWriter(transaction.into(made));
    } catch (SQLException e) {
      transaction.close();
      throw sessions
          .failures()
          .during("Rehearsing", wanted.id(), grantCreate(wanted.id().schema()), e);
    } catch (DmsException e) {
      transaction.close();
      throw e;
    }
  }

  @Override
  public TableSchema describe(TableSchema wanted) {
    return transaction("Describing", wanted, session -> found(session, wanted));
  }

  private TableSchema found(Connection session, TableSchema wanted) throws SQLException {
    return TargetTables.matched(
        wanted, new PostgresCatalog(session, sessions.settings()).table(wanted.id()));
  }

  @Override
  public boolean buildsKeysFasterAfterLoad() {
    return true;
  }

  @Override
  public void createKey(TableSchema wanted) {
    if (wanted.key().isEmpty()) {
      return;
    }
    transaction(
        "Creating the key of",
        wanted,
        session -> {
          if (!TargetTables.hasKey(found(session, wanted), wanted.key().get())) {
            new PostgresDdl(session).execute(PostgresDdl.createKey(wanted, wanted.key().get()));
          }
          return true;
        });
  }

  @Override
  public boolean indexesAreNamedBySchema() {
    return true;
  }

  @Override
  public List<String> createIndexes(TableSchema wanted) {
    List<String> notes = new ArrayList<>(TargetTables.indexesLeftOut(wanted));
    TableSchema found = describe(wanted);
    for (TargetTables.IndexPlan plan : TargetTables.missingIndexes(wanted, found)) {
      Optional<String> failure = plan.note().isPresent() ? plan.note() : createIndex(wanted, plan);
      failure.ifPresent(notes::add);
    }
    return notes;
  }

  private Optional<String> createIndex(TableSchema wanted, TargetTables.IndexPlan plan) {
    try {
      transaction(
          "Creating an index of",
          wanted,
          session -> {
            new PostgresDdl(session)
                .execute(plan.statement(name -> PostgresDdl.relationExists(session, name)));
            return true;
          });
      return Optional.empty();
    } catch (DmsException e) {
      if (e.code().kind() == ErrorCode.Kind.RECOVERABLE) {
        throw e;
      }
      return Optional.of(
          "Index %s of %s is not created: %s"
              .formatted(plan.index().name(), wanted.id(), e.getMessage()));
    }
  }

  @Override
  public List<RowFormat> formats(TableSchema source, TableSchema target) {
    List<RowFormat> formats = new ArrayList<>();
    boolean same = source.columns().size() == target.columns().size();
    for (int i = 0; same && i < source.columns().size(); i++) {
      same = source.columns().get(i).nativeType().equals(target.columns().get(i).nativeType());
    }
    if (same) {
      formats.addAll(PassThrough.formats(source));
    }
    formats.add(RowFormat.CELLS);
    return formats;
  }

  @Override
  public RowWriter load(LoadRequest request) {
    LoadTransaction transaction = LoadTransaction.begin(sessions, pool, request);
    try {
      return request.format().equals(RowFormat.CELLS)
          ? new CellWriter(transaction)
          : new EncodedWriter(transaction);
    } catch (SQLException e) {
      transaction.close();
      throw transaction.failure(e);
    }
  }

  @Override
  public LoadLedger ledger(String taskName, String controlSchema) {
    return new PostgresLedger(sessions, pool, taskName, controlSchema);
  }

  @Override
  public ChangeWriter changes(ChangeRequest request) {
    Set<String> ofTask =
        runs.computeIfAbsent(request.taskName(), task -> ConcurrentHashMap.newKeySet());
    return PostgresChangeWriter.open(sessions, pool, request, ofTask);
  }

  /** The attempt tells what the user may; nobody sees it, for it is taken back. */
  @Override
  public List<String> changesPreparation(ChangeRequest request) {
    return PostgresChangeWriter.preparation(sessions, pool, request);
  }

  @Override
  public void abandonDefinitions() {
    pool.abandonDefinitions();
  }

  @Override
  public void close() {
    pool.close();
  }

  private <T> T transaction(String doing, TableSchema table, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      Connection session = pool.borrowToDefine();
      try {
        session.setAutoCommit(false);
        new PostgresDdl(session)
            .execute(
                "SET LOCAL lock_timeout = '" + sessions.settings().executeTimeoutSeconds() + "s'");
        PostgresSessions.passAutovacuum(session, true);
        T result = work.in(session);
        session.commit();
        session.setAutoCommit(true);
        pool.giveBack(session);
        return result;
      } catch (SQLException e) {
        pool.discard(session);
        if (attempt == ATTEMPTS || !CREATED_MEANWHILE.contains(PostgresFailures.state(e))) {
          throw sessions.failures().during(doing, table.id(), grantCreate(table.id().schema()), e);
        }
      } catch (DmsException e) {
        pool.discard(session);
        throw e;
      }
    }
  }

  private String grantCreate(String schema) {
    return ("GRANT CREATE ON DATABASE %s TO %s; GRANT USAGE, CREATE ON SCHEMA %s TO %s; and for"
            + " tables that are there already: ALTER TABLE ... OWNER TO %s;")
        .formatted(
            PostgresNames.quote(sessions.settings().database()),
            user(),
            PostgresNames.quote(schema),
            user(),
            user());
  }

  private String user() {
    return PostgresNames.quote(sessions.settings().user());
  }

  private String place() {
    return sessions.settings().place();
  }
}
