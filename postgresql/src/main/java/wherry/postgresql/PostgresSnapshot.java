package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.connector.Partition;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.FilterCondition;
import wherry.filter.Ranges;
import wherry.row.RowFormat;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * One snapshot exported by a transaction that stays open; each reader's transaction adopts it
 * (PostgreSQL manual, 9.28.5 "Snapshot Synchronization Functions"). The holder also keeps the
 * weakest lock on every table: neither a TRUNCATE, which an old snapshot would see as an empty
 * table, nor a new column type can come between the catalogue and the rows.
 *
 * <p>The position is a lower bound. It is read before the snapshot is taken: what was committed
 * before it is seen, and of what was committed after it a little may be seen too. The moment in
 * between lets a commit that has written its record become visible; it is longer where commits wait
 * for a synchronous standby, and only a standby slower than that could hide one. Nothing ever waits
 * for an open transaction to end. {@link #cut} says exactly what is seen.
 *
 * <p>Safe for all threads.
 */
final class PostgresSnapshot implements Snapshot {
  private static final String COMMITS_BECOME_VISIBLE =
      "SELECT pg_catalog.pg_sleep(CASE pg_catalog.current_setting('synchronous_standby_names') WHEN"
          + " '' THEN 0.02 ELSE 2 END)";

  /** SQLSTATE undefined_table. */
  private static final String GONE = "42P01";

  /** Feature not supported, insufficient privilege, undefined function. */
  private static final Set<String> NOT_OFFERED = Set.of("0A000", "42501", "42883");

  private static final String LOG_POSITION =
      """
      SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                  ELSE pg_catalog.pg_current_wal_lsn() END::text
      """;

  /** What the snapshot has seen, and the end of the log behind all of it; nothing on a standby. */
  private static final String SEEN =
      """
      SELECT pg_catalog.txid_current_snapshot()::text AS snapshot, pg_catalog.pg_current_wal_insert_lsn()::text AS until
       WHERE NOT pg_catalog.pg_is_in_recovery()
      """;

  private final PostgresSessions sessions;
  private final Connection holder;
  private final @Nullable Lsn position;
  private final @Nullable Cut cut;
  private final Map<TableId, RelationSize> sizes;
  private final SessionPool readers;

  private PostgresSnapshot(
      PostgresSessions sessions,
      Connection holder,
      @Nullable Lsn position,
      @Nullable Cut cut,
      String name,
      Map<TableId, RelationSize> sizes) {
    this.sessions = sessions;
    this.holder = holder;
    this.position = position;
    this.cut = cut;
    this.sizes = sizes;
    this.readers = new SessionPool(() -> adopt(sessions, name));
  }

  static PostgresSnapshot open(PostgresSessions sessions, List<TableSchema> tables) {
    Connection holder = sessions.open();
    try {
      Map<TableId, RelationSize> sizes = sizes(holder, tables);
      checkReadable(sessions, tables, sizes);
      Lsn position = position(holder);
      single(holder, COMMITS_BECOME_VISIBLE);
      lock(sessions, holder, sizes);
      String name = single(holder, "SELECT pg_catalog.pg_export_snapshot()");
      checkUnchanged(sessions, holder, tables);
      Cut cut = position == null ? null : cut(holder, position);
      return new PostgresSnapshot(sessions, holder, position, cut, name, sizes);
    } catch (SQLException e) {
      quietlyClose(holder);
      if (PostgresFailures.state(e).equals(GONE)) {
        return open(sessions, tables); // The next look says which.
      }
      throw sessions.failures().during("Opening the snapshot", grants(sessions, tables), e);
    } catch (DmsException e) {
      quietlyClose(holder);
      throw e;
    }
  }

  /**
   * Some managed servers keep the functions of their log to themselves; rows can be read all the
   * same.
   */
  private static @Nullable Lsn position(Connection holder) throws SQLException {
    try {
      return Lsn.parse(single(holder, LOG_POSITION));
    } catch (SQLException e) {
      if (NOT_OFFERED.contains(PostgresFailures.state(e))) {
        return null;
      }
      throw e;
    }
  }

  /** Read inside the snapshot's transaction. */
  private static @Nullable Cut cut(Connection holder, Lsn from) throws SQLException {
    try (Statement statement = holder.createStatement();
        ResultSet row = statement.executeQuery(SEEN)) {
      return row.next()
          ? PostgresCut.of(from, Lsn.parse(row.getString("until")), row.getString("snapshot"))
          : null;
    }
  }

  private static Map<TableId, RelationSize> sizes(Connection holder, List<TableSchema> tables)
      throws SQLException {
    Map<TableId, RelationSize> sizes = new HashMap<>();
    try (PreparedStatement statement = holder.prepareStatement(Sql.SIZES)) {
      statement.setArray(
          1,
          holder.createArrayOf(
              "text", tables.stream().map(table -> table.id().schema()).toArray()));
      statement.setArray(
          2,
          holder.createArrayOf("text", tables.stream().map(table -> table.id().name()).toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          RelationSize size =
              new RelationSize(
                  rows.getString("relkind").charAt(0),
                  rows.getBoolean("readable"),
                  rows.getBoolean("generated"),
                  rows.getBoolean("has_foreign"),
                  rows.getLong("pages"),
                  rows.getLong("rows"));
          sizes.put(new TableId(rows.getString("nspname"), rows.getString("relname")), size);
        }
      }
    }
    return sizes;
  }

  private static void checkReadable(
      PostgresSessions sessions, List<TableSchema> tables, Map<TableId, RelationSize> sizes) {
    for (TableSchema table : tables) {
      if (!sizes.containsKey(table.id())) {
        throw new DmsException(
            ErrorCode.SOURCE_TABLE_FAILED,
            table.id(),
            ("Table %s is gone from the source database %s since its definition was read. Reload it"
                    + " when it is there again.")
                .formatted(table.id(), sessions.settings().place()),
            null);
      }
    }
    List<TableSchema> unreadable =
        tables.stream()
            .filter(table -> !sizes.getOrDefault(table.id(), RelationSize.UNKNOWN).readable())
            .toList();
    if (!unreadable.isEmpty()) {
      throw new DmsException(
          ErrorCode.PRIVILEGE_MISSING,
          unreadable.getFirst().id(),
          "User %s may not read %d of the selected tables of the source database %s. Run: %s"
              .formatted(
                  sessions.settings().user(),
                  unreadable.size(),
                  sessions.settings().place(),
                  grants(sessions, unreadable)),
          null);
    }
  }

  private static String grants(PostgresSessions sessions, List<TableSchema> tables) {
    return tables.stream()
        .map(table -> PostgresSource.grantSelect(sessions.settings(), table.id()))
        .distinct()
        .limit(10)
        .collect(Collectors.joining(" "));
  }

  /** LOCK TABLE takes no snapshot yet; foreign tables cannot be locked. */
  private static void lock(
      PostgresSessions sessions, Connection holder, Map<TableId, RelationSize> sizes)
      throws SQLException {
    String names =
        sizes.entrySet().stream()
            .filter(entry -> entry.getValue().kind() != 'f')
            .map(entry -> entry.getValue().from(entry.getKey()))
            .collect(Collectors.joining(", "));
    try (Statement statement = holder.createStatement()) {
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      statement.execute(
          "SET LOCAL lock_timeout = '" + sessions.settings().executeTimeoutSeconds() + "s'");
      if (!names.isEmpty()) {
        statement.execute("LOCK TABLE " + names + " IN ACCESS SHARE MODE");
      }
    }
  }

  private static void checkUnchanged(
      PostgresSessions sessions, Connection holder, List<TableSchema> tables) throws SQLException {
    Map<TableId, TableSchema> expected =
        tables.stream().collect(Collectors.toMap(TableSchema::id, table -> table));
    List<TableSchema> found =
        new PostgresCatalog(holder, sessions.settings())
            .tables((id, kind) -> expected.containsKey(id));
    Map<TableId, TableSchema> now =
        found.stream().collect(Collectors.toMap(TableSchema::id, table -> table));
    for (TableSchema table : tables) {
      List<Column> columns =
          now.containsKey(table.id()) ? now.get(table.id()).columns() : List.of();
      if (!table.columns().stream().allMatch(column -> hasSame(columns, column))) {
        throw new DmsException(
            ErrorCode.SOURCE_TABLE_FAILED,
            table.id(),
            ("The definition of table %s in the source database %s has changed while its load was"
                    + " beginning. Reload the table.")
                .formatted(table.id(), sessions.settings().place()),
            null);
      }
    }
  }

  private static boolean hasSame(List<Column> columns, Column wanted) {
    return columns.stream()
        .anyMatch(column ->
            column.name().equals(wanted.name()) && column.nativeType().equals(wanted.nativeType()));
  }

  /** A session inside the snapshot, for as long as it lives. */
  private static Connection adopt(PostgresSessions sessions, String name) {
    Connection session = sessions.open();
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT "
              + PostgresNames.literal(name));
      return session;
    } catch (SQLException e) {
      quietlyClose(session);
      throw new DmsException(
          ErrorCode.CONNECTION_FAILED,
          ("The snapshot of the source database %s cannot be joined: %s The session that holds it"
                  + " has probably been ended; a new attempt takes a new snapshot.")
              .formatted(sessions.settings().place(), PostgresFailures.said(e)),
          e);
    }
  }

  @Override
  public Optional<Position> position() {
    return Optional.ofNullable(position);
  }

  @Override
  public Optional<Cut> cut() {
    return Optional.ofNullable(cut);
  }

  @Override
  public long estimatedRows(TableSchema table) {
    return size(table).rows();
  }

  @Override
  public List<Segment> segments(TableSchema table, long rowsPerSegment) {
    return planned(
        table, session -> new SegmentPlan(session, table, size(table), rowsPerSegment).segments());
  }

  @Override
  public List<Partition> partitions(TableSchema table) {
    return planned(table, session -> parts(session, table).partitions());
  }

  @Override
  public List<String> predicates(TableSchema table, Ranges ranges) {
    return planned(table, session -> parts(session, table).predicates(ranges));
  }

  private TableParts parts(Connection session, TableSchema table) {
    return new TableParts(session, table, size(table), sessions.settings().user());
  }

  @FunctionalInterface
  private interface Planning<T> {
    T in(Connection session) throws SQLException;
  }

  private <T> T planned(TableSchema table, Planning<T> planning) {
    Connection session = readers.borrow();
    try {
      T plan = planning.in(session);
      readers.giveBack(session);
      return plan;
    } catch (DmsException e) {
      readers.giveBack(session);
      throw e;
    } catch (SQLException e) {
      readers.discard(session);
      throw sessions
          .failures()
          .during(
              "Splitting",
              table.id(),
              PostgresSource.grantSelect(sessions.settings(), table.id()),
              e);
    }
  }

  @Override
  public List<RowFormat> formats(TableSchema table) {
    List<RowFormat> formats = new ArrayList<>(PassThrough.formats(table));
    formats.add(RowFormat.CELLS);
    return formats;
  }

  @Override
  public RowReader read(
      TableSchema table,
      FilterCondition filter,
      Segment segment,
      RowFormat format,
      int batchRowsMax) {
    Connection session = readers.borrow();
    try {
      return new CopyReader(
          sessions,
          readers,
          session,
          new CopyReader.Request(
              table,
              segment.partition().isEmpty() ? size(table).from(table.id()) : segment.partition(),
              segment.partition().isEmpty() && size(table).isBare(),
              FilterSql.BY_CODE_POINTS.and(segment.predicate(), filter),
              format,
              batchRowsMax));
    } catch (SQLException e) {
      readers.discard(session);
      throw sessions
          .failures()
          .during(
              "Reading",
              table.id(),
              PostgresSource.grantSelect(sessions.settings(), table.id()),
              e);
    }
  }

  private RelationSize size(TableSchema table) {
    return sizes.getOrDefault(table.id(), RelationSize.UNKNOWN);
  }

  @Override
  public void close() {
    readers.close();
    quietlyClose(holder);
  }

  private static String single(Connection session, String query) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }

  private static void quietlyClose(Connection session) {
    try {
      session.close();
    } catch (SQLException e) {
      // It is of no more use, and that is all that was wanted.
    }
  }
}
