package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.connector.ObjectRequest;
import wherry.mysql.ObjectSessions.Pair;
import wherry.schema.TableId;

/**
 * Carries the objects of MySQL and MariaDB databases, from either to either: databases, sequences,
 * tables, routines and views before the rows; indexes and foreign keys after them; triggers and
 * events when nothing but the target's own clients changes rows.
 */
final class MySqlObjects implements ObjectCarrier {
  private static final Logger log = LoggerFactory.getLogger(MySqlObjects.class);

  private final ObjectRequest request;
  private final ObjectSessions sessions;

  MySqlObjects(ObjectRequest request) {
    this.request = request;
    this.sessions = new ObjectSessions(request);
  }

  @Override
  public List<ObjectReport> survey() throws InterruptedException {
    return sessions.step("listing objects", this::survey);
  }

  private List<ObjectReport> survey(Pair pair) throws SQLException {
    ObjectCatalog source = pair.source();
    List<ObjectReport> reports = new ArrayList<>();
    for (String database : source.databases()) {
      reports.add(ObjectReport.planned("database", database));
    }
    for (TableId sequence : source.sequences()) {
      reports.add(
          pair.knowsSequences()
              ? ObjectReport.planned("sequence", sequence.toString())
              : noSequences(sequence));
    }
    List<TableDefinition> tables = source.tables();
    for (TableDefinition table : tables) {
      reports.add(pair.tables().planned(table));
    }
    source.routines().forEach(routine -> reports.add(planned(routine)));
    source.views().forEach(view -> reports.add(planned(view)));
    for (TableDefinition table : tables) {
      reports.addAll(pair.tables().plannedClauses(table));
    }
    source.triggers().forEach(trigger -> reports.add(planned(trigger)));
    source.events().forEach(event -> reports.add(planned(event)));
    reports.addAll(source.unreadable());
    reports.addAll(source.hidden());
    return reports;
  }

  private static ObjectReport planned(StoredDefinition definition) {
    return ObjectReport.planned(definition.kind().words(), definition.fullName());
  }

  private static ObjectReport noSequences(TableId sequence) {
    return ObjectReport.left(
        "sequence",
        sequence.toString(),
        "MySQL has no sequences. Give the numbers by AUTO_INCREMENT or by the application.");
  }

  @Override
  public List<ObjectReport> beforeRows() throws InterruptedException {
    return sessions.step("carrying objects before the load", this::beforeRows);
  }

  private List<ObjectReport> beforeRows(Pair pair) throws SQLException {
    ObjectCatalog source = pair.source();
    List<ObjectReport> reports = new ArrayList<>();
    for (String name : source.databases()) {
      Optional<DatabaseCarrier.Definition> database = source.database(name);
      if (database.isPresent()) {
        reports.add(pair.databases().create(database.get()));
      }
    }
    for (TableId sequence : source.sequences()) {
      reports.add(
          pair.knowsSequences()
              ? pair.databases().createSequence(sequence, source.sequence(sequence))
              : noSequences(sequence));
    }
    for (TableDefinition table : source.tables()) {
      reports.add(pair.tables().create(table, request.preparation()));
    }
    reports.addAll(pair.stored().carry(source.routines()));
    reports.addAll(pair.stored().carryViews(source.views()));
    if (request.changesFollow()) {
      reports.addAll(silence(pair));
    }
    reports.addAll(source.unreadable());
    return reports;
  }

  @Override
  public Map<TableId, Set<String>> computedColumns() throws InterruptedException {
    Map<TableId, Set<String>> computed = new HashMap<>();
    sessions.step(
        "listing computed columns",
        pair -> {
          for (TableDefinition table : pair.source().tables()) {
            computed.put(table.id(), table.computedColumns());
          }
          return List.of();
        });
    return computed;
  }

  @Override
  public List<ObjectReport> beforeChanges() throws InterruptedException {
    return sessions.step("preparing for changes", MySqlObjects::silence);
  }

  /**
   * Takes away what an earlier cutover has carried and would do again what the source has done:
   * changes that are applied fire triggers, and nothing switches them off for a session.
   */
  private static List<ObjectReport> silence(Pair pair) throws SQLException {
    List<ObjectReport> reports = new ArrayList<>();
    List<StoredDefinition> found = new ArrayList<>(pair.target().triggers());
    found.addAll(pair.target().events());
    for (StoredDefinition there : found) {
      Optional<StoredDefinition> here =
          pair.source().find(there.kind(), there.database(), there.name(), there.table());
      if (here.isPresent() && (here.get().isLike(there) || !pair.printsAlike())) {
        pair.target().session().execute("DROP " + there.kind().sql() + " " + there.quotedName());
        log.info(
            "The {} {} is dropped on the target until the cutover.",
            there.kind().words(),
            there.fullName());
      } else if (there.kind() == StoredDefinition.Kind.TRIGGER) {
        reports.add(
            new ObjectReport(
                "trigger",
                there.fullName(),
                Outcome.PRESENT,
                "The source has no such trigger. It is fired by each change that is applied; drop it"
                    + " if its work is done on the source already."));
      }
    }
    return reports;
  }

  @Override
  public List<ObjectReport> afterRows() throws InterruptedException {
    return sessions.step("carrying objects after the load", this::afterRows);
  }

  private List<ObjectReport> afterRows(Pair pair) throws SQLException, InterruptedException {
    List<TableDefinition> tables = pair.source().tables();
    List<ObjectReport> reports =
        new ArrayList<>(sessions.onEach(pair, tables, TableCarrier::addIndexes));
    // They take locks on each other's tables, and no time.
    for (TableDefinition table : tables) {
      reports.addAll(pair.tables().addForeignKeys(table));
    }
    Set<String> left = new HashSet<>();
    reports.stream()
        .filter(report -> report.outcome() == Outcome.LEFT)
        .forEach(report -> left.add(report.name()));
    for (TableDefinition table : tables) {
      pair.tables().compare(table, left).ifPresent(reports::add);
    }
    reports.addAll(moveCounters(pair, tables));
    if (!request.changesFollow()) {
      reports.addAll(carryWhatActs(pair));
    }
    if (request.grants()) {
      List<String> databases = pair.source().databases();
      reports.addAll(
          new GrantCarrier(pair.source().session(), pair.target().session(), databases).carry());
    }
    reports.addAll(pair.source().unreadable());
    reports.addAll(pair.source().hidden());
    return reports;
  }

  @Override
  public List<ObjectReport> atCutover() throws InterruptedException {
    return sessions.step("carrying objects at the cutover", this::atCutover);
  }

  private List<ObjectReport> atCutover(Pair pair) throws SQLException {
    List<ObjectReport> reports = moveCounters(pair, pair.source().tables());
    if (request.changesFollow()) {
      reports.addAll(carryWhatActs(pair));
    }
    reports.addAll(pair.source().unreadable());
    return reports;
  }

  private static List<ObjectReport> moveCounters(Pair pair, List<TableDefinition> tables)
      throws SQLException {
    ObjectCounters counters = new ObjectCounters(pair.source().session(), pair.target().session());
    List<ObjectReport> reports = new ArrayList<>();
    for (TableDefinition table : tables) {
      counters.moveAutoIncrement(table).ifPresent(reports::add);
    }
    if (pair.knowsSequences()) {
      for (TableId sequence : pair.source().sequences()) {
        reports.add(counters.moveSequence(sequence));
      }
    }
    return reports;
  }

  private static List<ObjectReport> carryWhatActs(Pair pair) throws SQLException {
    List<ObjectReport> reports = new ArrayList<>(pair.stored().carry(pair.source().triggers()));
    reports.addAll(pair.stored().carry(pair.source().events()));
    return reports;
  }

  @Override
  public void stop() {
    sessions.stop();
  }

  @Override
  public void close() {
    sessions.stop();
  }
}
