package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import wherry.connector.Endpoint;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy.Decision;
import wherry.connector.RowReader;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.sandbox.PostgresServer;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * An empty source and an empty target database on one private server, and the way a table takes
 * between them.
 */
final class Databases implements AutoCloseable {
  private static final PostgresServer SERVER = PostgresServer.start();
  private static final AtomicInteger NUMBER = new AtomicInteger();
  static final String TASK = "TASK";

  private final String sourceName = "source" + NUMBER.incrementAndGet();
  private final String targetName = "target" + NUMBER.get();
  final List<RejectedRow> rejected = new CopyOnWriteArrayList<>();
  Decision decision = Decision.KEEP;

  Databases() {
    SERVER.createDatabase(sourceName);
    SERVER.createDatabase(targetName);
  }

  /** Empties both databases, which is cheaper than new ones. */
  void clear() {
    rejected.clear();
    decision = Decision.KEEP;
    for (String database : List.of(sourceName, targetName)) {
      List<String> drops =
          rows(
                  database,
                  "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND"
                      + " nspname <> 'information_schema'")
              .stream()
              .map(schema -> "DROP SCHEMA " + schema + " CASCADE")
              .toList();
      SERVER.executeIn(database, drops.toArray(String[]::new));
      SERVER.executeIn(database, "CREATE SCHEMA public");
    }
  }

  static PostgresServer server() {
    return SERVER;
  }

  String sourceName() {
    return sourceName;
  }

  String targetName() {
    return targetName;
  }

  void inSource(String... statements) {
    SERVER.executeIn(sourceName, statements);
  }

  void inTarget(String... statements) {
    SERVER.executeIn(targetName, statements);
  }

  Endpoint sourceEndpoint(String... more) {
    return endpoint(SERVER, sourceName, more);
  }

  Endpoint targetEndpoint(String... more) {
    return endpoint(SERVER, targetName, more);
  }

  static Endpoint endpoint(PostgresServer server, String database, String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("ServerName", server.host());
    settings.put("Port", Integer.toString(server.port()));
    settings.put("DatabaseName", database);
    settings.put("Username", server.user());
    settings.put("Password", server.password());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return new Endpoint("arn:test:" + database, "postgres", settings);
  }

  Source source(String... more) {
    return new PostgresConnector().source(sourceEndpoint(more));
  }

  Target target(String... more) {
    return new PostgresConnector().target(targetEndpoint(more));
  }

  /** The only selected table. */
  TableSchema sourceTable(String schema, String name) {
    try (Source source = source()) {
      return source.tables((id, kind) -> id.equals(new TableId(schema, name))).getFirst();
    }
  }

  /**
   * Loads public.name with the best common format, and once more cell by cell when the target
   * refuses the stream.
   */
  LoadLedger.Done load(String name) {
    return load(name, PrepareMode.DROP_AND_CREATE, false);
  }

  LoadLedger.Done loadCells(String name) {
    return load(name, PrepareMode.DROP_AND_CREATE, true);
  }

  LoadLedger.Done load(String name, PrepareMode mode, boolean cells) {
    TableSchema table = sourceTable("public", name);
    try (Source source = source();
        Target target = target();
        Snapshot snapshot = source.snapshot(List.of(table), 2)) {
      TableSchema prepared = target.prepare(table, mode, false);
      List<RowFormat> common = new ArrayList<>(snapshot.formats(table));
      common.retainAll(target.formats(table, prepared));
      return load(snapshot, target, table, prepared, cells ? RowFormat.CELLS : common.getFirst());
    }
  }

  /** One segment, all of the table. */
  LoadLedger.Done load(
      Snapshot snapshot, Target target, TableSchema table, TableSchema prepared, RowFormat format) {
    Segment whole = new Segment(0, "", 0, true);
    LoadLedger ledger = target.ledger(TASK, "");
    ledger.open();
    ledger.plan(table.id(), List.of(whole));
    return transfer(snapshot, target, table, prepared, whole, format);
  }

  LoadLedger.Done transfer(
      Snapshot snapshot,
      Target target,
      TableSchema table,
      TableSchema prepared,
      Segment segment,
      RowFormat format) {
    long read = 0;
    try (RowReader reader = snapshot.read(table, segment, format, 10_000);
        RowWriter writer = target.load(request(table, prepared, format))) {
      for (var rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        writer.write(rows.get());
        read += rows.get().count();
      }
      LoadCounts counts = writer.finish();
      LoadLedger.Done done =
          new LoadLedger.Done(
              table.id(), segment.number(), read, 0, counts.loaded(), counts.rejected(), 0, "");
      writer.commit(done);
      return done;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Target.LoadRequest request(TableSchema table, TableSchema prepared, RowFormat format) {
    return new Target.LoadRequest(
        TASK,
        "",
        table,
        prepared,
        format,
        row -> {
          rejected.add(row);
          return decision;
        });
  }

  /** Writes batches of cells into a prepared table. */
  LoadLedger.Done write(
      Target target, TableSchema table, TableSchema prepared, List<Rows> batches) {
    LoadLedger ledger = target.ledger(TASK, "");
    ledger.open();
    ledger.plan(table.id(), List.of(new Segment(0, "", 0, true)));
    long read = 0;
    try (RowWriter writer = target.load(request(table, prepared, RowFormat.CELLS))) {
      for (Rows rows : batches) {
        writer.write(rows);
        read += rows.count();
      }
      LoadCounts counts = writer.finish();
      LoadLedger.Done done =
          new LoadLedger.Done(table.id(), 0, read, 0, counts.loaded(), counts.rejected(), 0, "");
      writer.commit(done);
      return done;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  List<String> sourceRows(String query) {
    return rows(sourceName, query);
  }

  List<String> targetRows(String query) {
    return rows(targetName, query);
  }

  /** Each row's columns, joined by bars. */
  static List<String> rows(String database, String query) {
    return rows(SERVER, database, query);
  }

  /** The first column of each row. */
  static List<String> rows(PostgresServer server, String database, String query) {
    List<String> rows = new ArrayList<>();
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET lc_monetary = 'C'");
      try (ResultSet result = statement.executeQuery(query)) {
        while (result.next()) {
          List<String> columns = new ArrayList<>();
          for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            columns.add(String.valueOf(result.getString(i)));
          }
          rows.add(String.join("|", columns));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
    return rows;
  }

  @Override
  public void close() {
    SERVER.execute(
        "DROP DATABASE \"%s\" WITH (FORCE)".formatted(sourceName),
        "DROP DATABASE \"%s\" WITH (FORCE)".formatted(targetName));
  }
}
