package wherry.postgresql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectRequest;
import wherry.schema.TableId;

/**
 * Carries the objects of a PostgreSQL database: definitions as pg_dump writes them, which knows
 * every kind of every version; made one by one on the target, so that each has its own answer.
 */
final class PostgresObjects implements ObjectCarrier {
  /**
   * Fired by rows, or looking at them: not before changes are over where they cannot be silenced.
   */
  private static final Set<String> FIRED_BY_ROWS = Set.of("FK CONSTRAINT", "TRIGGER");

  private static final Set<String> RIGHTS = Set.of("ACL", "DEFAULT ACL");

  private final ObjectRequest request;
  private final PostgresSessions source;
  private final PostgresSessions target;
  private final ObjectSessions sessions;
  private final List<ObjectReport> warnings = new ArrayList<>();
  private volatile @Nullable PgDump dump;
  private @Nullable DumpSelection selected;

  PostgresObjects(ObjectRequest request) {
    this.request = request;
    this.source = new PostgresSessions(PostgresSettings.from(request.source()), Side.SOURCE);
    this.target = new PostgresSessions(PostgresSettings.from(request.target()), Side.TARGET);
    this.sessions = new ObjectSessions(target, request.jobs());
  }

  @Override
  public List<ObjectReport> survey() throws InterruptedException {
    Stream<ObjectReport> planned =
        selected().taken().stream()
            .map(entry -> ObjectReport.planned(entry.reportKind(), entry.reportName()));
    return Stream.of(planned, selected().left().stream(), outside().stream())
        .flatMap(reports -> reports)
        .toList();
  }

  @Override
  public List<ObjectReport> beforeRows() throws InterruptedException {
    List<DumpEntry> taken = selected().taken();
    List<DumpEntry> named = only(taken, selected()::names);
    switch (request.preparation()) {
      case DROP_AND_CREATE -> new TargetClearing(sessions).drop(named);
      case TRUNCATE_BEFORE_LOAD -> new TargetClearing(sessions).truncate(named);
      case DO_NOTHING -> {}
    }
    List<ObjectReport> reports = new ArrayList<>(selected().left());
    reports.addAll(outside());
    // In one session: most of it takes no time, and what is left out of an archive's dependencies
    // (a function that another's body names) is in its order.
    reports.addAll(restore(taken.stream().filter(this::isForRows).toList(), 1));
    return reports;
  }

  @Override
  public List<ObjectReport> afterRows() throws InterruptedException {
    boolean waits = request.changesFollow() && !triggersAreSilent();
    List<DumpEntry> rest =
        selected().taken().stream()
            .filter(entry -> !isForRows(entry) && !(waits && firesByRows(entry)))
            .toList();
    List<ObjectReport> reports =
        new ArrayList<>(restore(largestFirst(only(rest, entry -> !isLast(entry))), request.jobs()));
    reports.addAll(refresh());
    reports.addAll(restore(only(rest, PostgresObjects::isLast), 1));
    reports.addAll(sequences());
    return reports;
  }

  @Override
  public List<ObjectReport> atCutover() throws InterruptedException {
    List<ObjectReport> reports = new ArrayList<>(sequences());
    if (request.changesFollow() && !triggersAreSilent()) {
      reports.addAll(
          restore(only(selected().taken(), PostgresObjects::firesByRows), request.jobs()));
    }
    return reports;
  }

  /** What an earlier cutover has made is made again by the next. */
  @Override
  public List<ObjectReport> beforeChanges() throws InterruptedException {
    if (!triggersAreSilent()) {
      new TargetClearing(sessions).dropAll(only(selected().taken(), PostgresObjects::firesByRows));
    }
    return List.of();
  }

  private static List<DumpEntry> only(List<DumpEntry> entries, Predicate<DumpEntry> wanted) {
    return entries.stream().filter(wanted).toList();
  }

  private boolean isForRows(DumpEntry entry) {
    return entry.section() == DumpEntry.Section.PRE_DATA;
  }

  private static boolean firesByRows(DumpEntry entry) {
    return FIRED_BY_ROWS.contains(entry.kind());
  }

  /** Rights may take from us what we still need, and event triggers see whatever comes after. */
  private static boolean isLast(DumpEntry entry) {
    return RIGHTS.contains(entry.kind()) || entry.kind().equals("EVENT TRIGGER");
  }

  /**
   * Otherwise all might be waiting at the end for the indexes of a large table whose name comes
   * late. By the source's own statistics: asking for real sizes would wait for locks.
   */
  private List<DumpEntry> largestFirst(List<DumpEntry> entries) throws InterruptedException {
    Map<TableId, Long> pages = pages();
    Map<Integer, Long> sizes =
        selected().taken().stream()
            .filter(DumpEntry::isRelation)
            .collect(
                Collectors.toMap(
                    DumpEntry::id,
                    table -> pages.getOrDefault(new TableId(table.schema(), table.name()), 0L)));
    ToLongFunction<DumpEntry> size =
        entry ->
            entry.dependencies().stream()
                .mapToLong(id -> sizes.getOrDefault(id, 0L))
                .max()
                .orElse(0);
    return entries.stream().sorted(Comparator.comparingLong(size).reversed()).toList();
  }

  private Map<TableId, Long> pages() {
    String query =
        "SELECT n.nspname, c.relname, c.relpages FROM pg_catalog.pg_class c"
            + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')";
    try (Connection session = source.open();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      Map<TableId, Long> pages = new HashMap<>();
      while (rows.next()) {
        pages.put(new TableId(rows.getString(1), rows.getString(2)), rows.getLong(3));
      }
      return pages;
    } catch (SQLException e) {
      throw source.failures().during("Asking for the sizes of tables", "", e);
    }
  }

  private List<ObjectReport> restore(List<DumpEntry> entries, int jobs)
      throws InterruptedException {
    sessions.check();
    return new DumpRestore(sessions).run(entries, jobs);
  }

  /** Where they are not, an apply would fire them a second time. */
  private boolean triggersAreSilent() {
    try (Connection session = target.open();
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery("SHOW session_replication_role")) {
      row.next();
      return row.getString(1).equals("replica");
    } catch (SQLException e) {
      throw target.failures().during("Asking for session_replication_role", "", e);
    }
  }

  /** A view that the source has filled is filled, in an order in which each finds its sources. */
  private List<ObjectReport> refresh() throws InterruptedException {
    Set<TableId> filled = filledViews();
    List<DumpEntry> refreshes =
        selected().taken().stream()
            .filter(entry -> entry.kind().equals("MATERIALIZED VIEW"))
            .filter(entry -> filled.contains(new TableId(entry.schema(), entry.name())))
            .map(PostgresObjects::refreshing)
            .toList();
    return restore(refreshes, 1);
  }

  private static DumpEntry refreshing(DumpEntry view) {
    return new DumpEntry(
        view.id(),
        "MATERIALIZED VIEW DATA",
        DumpEntry.Section.POST_DATA,
        view.schema(),
        view.name(),
        "REFRESH MATERIALIZED VIEW " + PostgresNames.quote(new TableId(view.schema(), view.name())),
        "",
        "",
        List.of());
  }

  private Set<TableId> filledViews() {
    String query = "SELECT schemaname, matviewname FROM pg_catalog.pg_matviews WHERE ispopulated";
    try (Connection session = source.open();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      Set<TableId> views = new HashSet<>();
      while (rows.next()) {
        views.add(new TableId(rows.getString(1), rows.getString(2)));
      }
      return views;
    } catch (SQLException e) {
      throw source.failures().during("Reading the materialized views", "", e);
    }
  }

  /**
   * What no selection names, because it belongs to the database itself, and what pg_dump could not
   * tell.
   */
  private List<ObjectReport> outside() {
    try (Connection session = source.open();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(Sql.OUTSIDE)) {
      List<ObjectReport> reports = new ArrayList<>(warnings);
      while (rows.next()) {
        reports.add(ObjectReport.left(rows.getString(1), rows.getString(2), rows.getString(3)));
      }
      return reports;
    } catch (SQLException e) {
      throw source.failures().during("Asking about the database itself", "", e);
    }
  }

  private List<ObjectReport> sequences() throws InterruptedException {
    Set<TableId> sequences =
        selected().taken().stream()
            .filter(entry -> entry.kind().equals("SEQUENCE"))
            .map(entry -> new TableId(entry.schema(), entry.name()))
            .collect(Collectors.toSet());
    return SequenceValues.carry(source, target, sequences::contains);
  }

  @Override
  public Map<TableId, Set<String>> computedColumns() {
    String query =
        "SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_attribute a"
            + " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
            + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE a.attgenerated <> '' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')";
    try (Connection session = source.open();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      Map<TableId, Set<String>> computed = new HashMap<>();
      while (rows.next()) {
        TableId table = new TableId(rows.getString(1), rows.getString(2));
        if (request.selection().takesTable(table)) {
          computed.computeIfAbsent(table, unused -> new HashSet<>()).add(rows.getString(3));
        }
      }
      return computed;
    } catch (SQLException e) {
      throw source.failures().during("Listing generated columns", "", e);
    }
  }

  /** The source's definitions, asked for once. */
  private DumpSelection selected() throws InterruptedException {
    if (selected == null) {
      PgDump program = PgDump.forServer(sourceVersion());
      dump = program;
      sessions.check();
      selected = DumpSelection.of(entries(program), request.selection(), request.grants());
    }
    return selected;
  }

  private int sourceVersion() {
    try (Connection session = source.open()) {
      return session.getMetaData().getDatabaseMajorVersion();
    } catch (SQLException e) {
      throw source.failures().during("Asking for the version", "", e);
    }
  }

  private List<DumpEntry> entries(PgDump program) throws InterruptedException {
    try {
      Path folder = Files.createTempDirectory("wherry-objects-");
      try {
        Path archive = folder.resolve("schema.dump");
        for (String warning : program.schema(source.settings(), archive)) {
          warnings.add(ObjectReport.left("warning", "pg_dump", warning));
        }
        return DumpArchive.read(archive);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The schema archive cannot be kept", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Override
  public void stop() {
    sessions.stop();
    PgDump program = dump;
    if (program != null) {
      program.stop();
    }
  }

  /** Each step has closed its own sessions. */
  @Override
  public void close() {}
}
