package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.ChangeWriter;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectionPolicy;
import wherry.connector.RowWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowFormat;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A MySQL or MariaDB server to write to. */
final class MySqlTarget implements Target {
  private static final Logger log = LoggerFactory.getLogger(MySqlTarget.class);
  static final List<String> NEEDED =
      List.of("ALTER", "CREATE", "DROP", "INDEX", "INSERT", "UPDATE", "DELETE", "SELECT");

  private final MySqlSettings settings;
  private final Map<TableId, TableId> preparedByName = new ConcurrentHashMap<>();
  private final AtomicBoolean fallbackTold = new AtomicBoolean();
  private final Set<String> changeSessions = ConcurrentHashMap.newKeySet();
  private final DefiningSessions defining;

  MySqlTarget(MySqlSettings settings) {
    this.settings = settings;
    this.defining = new DefiningSessions(settings);
  }

  @Override
  public void test() {
    try (MySqlSession session = open()) {
      MySqlGrants grants = MySqlGrants.of(session);
      if (settings.specificDatabase()) {
        grants.need(settings.database().orElseThrow(), NEEDED);
      } else {
        grants.needSomewhere(NEEDED);
      }
      grants.need(MySqlLedger.DEFAULT_DATABASE, NEEDED);
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "testing the connection", e);
    }
  }

  @Override
  public List<String> schemas() {
    try (MySqlSession session = open()) {
      return new MySqlCatalog(session).schemas();
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "listing databases", e);
    }
  }

  @Override
  public boolean ignoresCaseOfNames() {
    try (MySqlSession session = open()) {
      return session.server().ignoresCaseOfNames();
    }
  }

  @Override
  public TableSchema prepare(TableSchema wanted, PrepareMode mode, boolean deferKey) {
    TableId target = place(wanted.id());
    try {
      return defining.use(session -> {
        checkCollision(session.server(), wanted.id(), target);
        TablePreparation preparation = new TablePreparation(session, target, wanted, mode);
        if (preparation.clears()) {
          warnOfReferences(session, target);
        }
        for (String statement : preparation.of(deferKey).statements()) {
          session.execute(statement);
        }
        return described(session, wanted, target);
      });
    } catch (SQLException e) {
      throw failed(wanted, "preparing", e);
    }
  }

  @Override
  public Preparation preparation(TableSchema wanted, PrepareMode mode, boolean deferKey) {
    TableId target = place(wanted.id());
    try (MySqlSession session = open()) {
      MySqlGrants.of(session).needWithin(target.schema(), NEEDED);
      return new TablePreparation(session, target, wanted, mode).of(deferKey);
    } catch (SQLException e) {
      throw failed(wanted, "planning", e);
    }
  }

  @Override
  public RowWriter rehearse(
      TableSchema wanted, PrepareMode mode, TableSchema rows, RejectionPolicy rejections) {
    MySqlSession session = open();
    try {
      TableSchema made =
          new TablePreparation(session, place(wanted.id()), wanted, mode).rehearsal();
      LoadRequest request =
          new LoadRequest("rehearsal", "", rows, made, RowFormat.CELLS, rejections);
      return new MySqlLoader(session, request, usesLoadData(session));
    } catch (SQLException e) {
      session.close();
      throw failed(wanted, "rehearsing the load of", e);
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  @Override
  public TableSchema describe(TableSchema wanted) {
    try (MySqlSession session = open()) {
      return described(session, wanted, place(wanted.id()));
    } catch (SQLException e) {
      throw failed(wanted, "reading the definition of", e);
    }
  }

  /** Names of the columns that the table has; empty when it is not there. */
  Set<String> columns(TableSchema wanted) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    try (MySqlSession session = open()) {
      new MySqlCatalog(session)
          .table(place(wanted.id()))
          .ifPresent(found -> found.schema().columns().forEach(column -> names.add(column.name())));
    } catch (SQLException e) {
      throw failed(wanted, "reading the columns of", e);
    }
    return names;
  }

  @Override
  public void createKey(TableSchema wanted) {
    TableId target = place(wanted.id());
    try {
      defining.use(session -> {
        Optional<TableSchema> found =
            new MySqlCatalog(session).table(target).map(MySqlCatalog.Definition::schema);
        if (wanted.key().isEmpty() || found.isEmpty()) {
          return false;
        }
        MySqlDdl ddl = ddl(session, wanted, target);
        if (found.get().key().isEmpty()) {
          session.execute(ddl.addKey());
        } else if (MySqlDdl.isGeneratedKey(found.get())) {
          session.execute(ddl.replaceGeneratedKey());
        }
        return true;
      });
    } catch (SQLException e) {
      throw failed(wanted, "creating the key of", e);
    }
  }

  @Override
  public List<String> createIndexes(TableSchema wanted) {
    TableId target = place(wanted.id());
    List<String> notes = new ArrayList<>(IndexPlan.leftOut(wanted));
    try {
      defining.use(session -> {
        TableSchema prepared = described(session, wanted, target);
        List<Index> there =
            new MySqlCatalog(session).table(target).orElseThrow().schema().indexes();
        for (IndexPlan plan :
            IndexPlan.missing(ddl(session, wanted, target), wanted, prepared, there)) {
          plan.note().or(() -> refusal(session, plan, prepared)).ifPresent(notes::add);
        }
        return true;
      });
    } catch (SQLException e) {
      throw failed(wanted, "creating indexes of", e);
    }
    return notes;
  }

  /** Creates the index; what the server says against it. */
  private static Optional<String> refusal(
      MySqlSession session, IndexPlan plan, TableSchema prepared) {
    try {
      session.execute(plan.statement());
      return Optional.empty();
    } catch (SQLException e) {
      return Optional.of(IndexPlan.note(plan.index(), prepared, MySqlFailure.said(e)));
    }
  }

  @Override
  public IndexPreparation indexPreparation(TableSchema wanted, PrepareMode mode) {
    try (MySqlSession session = open()) {
      return new TablePreparation(session, place(wanted.id()), wanted, mode).indexes();
    } catch (SQLException e) {
      throw failed(wanted, "planning indexes of", e);
    }
  }

  @Override
  public List<RowFormat> formats(TableSchema source, TableSchema target) {
    return List.of(RowFormat.CELLS);
  }

  @Override
  public RowWriter load(LoadRequest request) {
    MySqlSession session = open();
    try {
      return new MySqlLoader(session, request, usesLoadData(session));
    } catch (SQLException e) {
      session.close();
      throw MySqlFailure.of(
          settings, request.target().id(), ErrorCode.TARGET_TABLE_FAILED, "starting a load", e);
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  @Override
  public ChangeWriter changes(ChangeRequest request) {
    MySqlSession session = MySqlSession.open(settings, MySqlSession.Role.WRITE);
    try {
      return MySqlChangeWriter.open(this, session, request, usesLoadData(session), changeSessions);
    } catch (SQLException e) {
      session.close();
      throw MySqlFailure.of(settings, "starting to apply changes", e);
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  @Override
  public List<String> changesPreparation(ChangeRequest request) {
    try (MySqlSession session = open()) {
      ControlTables tables = new ControlTables(session, request);
      MySqlGrants.of(session).need(tables.database(), NEEDED);
      return tables.creating();
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "planning the control tables", e);
    }
  }

  private boolean usesLoadData(MySqlSession session) {
    boolean possible = session.server().localInfile();
    if (settings.usesLoadData() && !possible && fallbackTold.compareAndSet(false, true)) {
      log.info(
          "The target {} has local_infile=OFF, so rows go by multi-row INSERT, which is slower. To speed up run there:"
              + " SET GLOBAL local_infile=ON;",
          settings.where());
    }
    return settings.usesLoadData() && possible;
  }

  @Override
  public LoadLedger ledger(String taskName, String controlSchema) {
    return new MySqlLedger(settings, defining, taskName, controlSchema);
  }

  /** Where a table goes: the database of its own name, or the one that the endpoint names. */
  TableId place(TableId wanted) {
    return settings.specificDatabase()
        ? new TableId(settings.database().orElseThrow(), wanted.name())
        : wanted;
  }

  /**
   * Two tables of a case-sensitive source, or of two schemas in one database, must not become one
   * table here.
   */
  private void checkCollision(MySqlServer server, TableId wanted, TableId target) {
    TableId name =
        server.ignoresCaseOfNames()
            ? new TableId(
                target.schema().toLowerCase(Locale.ROOT), target.name().toLowerCase(Locale.ROOT))
            : target;
    TableId other = preparedByName.putIfAbsent(name, wanted);
    if (other != null && !other.equals(wanted)) {
      throw new DmsException(
          ErrorCode.TARGET_TABLE_FAILED,
          wanted,
          "The tables "
              + other
              + " and "
              + wanted
              + " are one table on the target, "
              + target
              + ". Rename one with a transformation rule.",
          null);
    }
  }

  static void createDatabase(MySqlSession session, String name) throws SQLException {
    if (!new MySqlCatalog(session).hasSchema(name)) {
      session.execute(createDatabase(name));
    }
  }

  static String createDatabase(String name) {
    return "CREATE DATABASE IF NOT EXISTS " + MySqlNames.quoted(name) + " CHARACTER SET utf8mb4";
  }

  static MySqlDdl ddl(MySqlSession session, TableSchema wanted, TableId target)
      throws SQLException {
    MySqlTypes types = new MySqlTypes(session.server(), MySqlCollations.of(session));
    boolean explicit =
        session
            .queryOne("SELECT @@explicit_defaults_for_timestamp", row -> row.getBoolean(1))
            .orElse(false);
    return new MySqlDdl(types, explicit, target, wanted);
  }

  /** Foreign keys are not checked while loading, so nothing stops here; the user should know. */
  private static void warnOfReferences(MySqlSession session, TableId target) throws SQLException {
    List<String> references =
        session.query(
            "SELECT DISTINCT constraint_schema, table_name, constraint_name FROM information_schema.referential_constraints"
                + " WHERE unique_constraint_schema = ? AND referenced_table_name = ?",
            row -> row.getString(3) + " of " + row.getString(1) + "." + row.getString(2),
            target.schema(),
            target.name());
    if (!references.isEmpty()) {
      log.warn(
          "{} is emptied or dropped although foreign keys refer to it: {}. They are not checked during the load; rows without"
              + " a parent stay unnoticed.",
          target,
          String.join(", ", references));
    }
  }

  static TableSchema described(MySqlSession session, TableSchema wanted, TableId target)
      throws SQLException {
    MySqlCatalog.Definition found =
        new MySqlCatalog(session)
            .table(target)
            .orElseThrow(() -> failed(wanted, target + " does not exist on the target"));
    Map<String, Integer> places = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < found.described().size(); i++) {
      places.put(found.described().get(i).name(), i);
    }
    List<Column> columns = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    for (Column column : wanted.columns()) {
      Integer place = places.get(column.name());
      if (place == null) { // Half made, and finished by the preparation of a load.
        place = places.get(ColumnChanges.interim(column.name()));
      }
      if (place == null) {
        complaints.add("the column " + column.name() + " is missing");
      } else if (found.described().get(place).generated()) {
        complaints.add(
            "the column "
                + column.name()
                + " is generated there and cannot be written; drop it or its expression");
      } else {
        columns.add(found.schema().columns().get(place));
        order.add(place);
      }
    }
    Set<Integer> written = new HashSet<>(order);
    for (int i = 0; i < found.described().size(); i++) {
      if (!written.contains(i) && found.described().get(i).needed()) {
        complaints.add(
            "the column "
                + found.described().get(i).name()
                + " takes no NULL, has no default and gets no value");
      }
    }
    if (!complaints.isEmpty()) {
      throw failed(
          wanted,
          target
              + " does not fit: "
              + String.join("; ", complaints)
              + ". Change the table, or let the task create it (DROP_AND_CREATE)");
    }
    Optional<Key> key =
        found
            .schema()
            .key()
            .filter(k -> written.containsAll(k.columns()))
            .map(k -> new Key(k.primary(), k.columns().stream().map(order::indexOf).toList()));
    return new TableSchema(found.schema().id(), columns, key);
  }

  private static DmsException failed(TableSchema wanted, String why) {
    return new DmsException(
        ErrorCode.TARGET_TABLE_FAILED,
        wanted.id(),
        "Table " + wanted.id() + ": " + why + ".",
        null);
  }

  private DmsException failed(TableSchema wanted, String doing, SQLException e) {
    return MySqlFailure.of(
        settings, wanted.id(), ErrorCode.TARGET_TABLE_FAILED, doing + " " + place(wanted.id()), e);
  }

  /** For whatever defines tables here. */
  DefiningSessions defining() {
    return defining;
  }

  @Override
  public void abandonDefinitions() {
    defining.abandon();
  }

  private MySqlSession open() {
    return MySqlSession.open(settings, MySqlSession.Role.WRITE).limitQueries();
  }

  /** Nothing is kept open between calls. */
  @Override
  public void close() {}
}
