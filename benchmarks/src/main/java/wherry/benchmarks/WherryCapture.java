package wherry.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.RowChange;
import wherry.change.TransactionPart;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.connector.Endpoint;
import wherry.connector.Source;
import wherry.postgresql.PostgresConnector;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Our own reader, as the engine calls it. */
public final class WherryCapture {
  static final String SLOT = "bench_capture";
  private static final TableId MARK = new TableId(ChangeTable.SCHEMA, "mark");
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private WherryCapture() {}

  /** Arguments: host, port, user, password, turn. */
  public static void main(String[] arguments) throws InterruptedException {
    int turn = Integer.parseInt(arguments[4]);
    Endpoint endpoint =
        new Endpoint(
            "bench",
            "postgres",
            Map.of(
                "ServerName", arguments[0],
                "Port", arguments[1],
                "Username", arguments[2],
                "Password", arguments[3],
                "DatabaseName", ChangeTable.DATABASE,
                "SlotName", SLOT));
    try (Source source = new PostgresConnector().source(endpoint);
        ChangeLog log = source.changeLog("bench")) {
      List<TableSchema> tables =
          source.tables((table, kind) -> table.schema().equals(ChangeTable.SCHEMA));
      ChangeLog.Start start = log.open(tables, "");
      try (ChangeReader reader =
          log.read(
              new ChangeLog.Request(
                  tables, (table, kind) -> false, start.position(), start.identity()))) {
        System.out.println("turn " + turn + ": " + readToMark(reader) + " changes");
      }
    }
  }

  /** The mark is the last change of its turn, and nothing is written while turns are read. */
  private static long readToMark(ChangeReader reader) throws InterruptedException {
    long changes = 0;
    boolean marked = false;
    while (!marked) {
      ChangeBatch batch = reader.next(PATIENCE);
      for (TransactionPart part : batch.parts()) {
        changes += part.events().stream().filter(RowChange.class::isInstance).count();
        marked |= part.events().stream().map(ChangeEvent::table).anyMatch(MARK::equals);
      }
      reader.acknowledge(batch.reached());
    }
    return changes;
  }
}
