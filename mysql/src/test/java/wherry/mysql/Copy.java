package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy;
import wherry.connector.RowReader;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Copies tables the way the engine does, on one thread. */
final class Copy {
  private final Source source;
  private final Target target;
  final List<RejectedRow> rejected = new ArrayList<>();
  PrepareMode mode = PrepareMode.DROP_AND_CREATE;
  RejectionPolicy.Decision decision = RejectionPolicy.Decision.KEEP;
  long rowsPerSegment = 1_000_000;

  Copy(Source source, Target target) {
    this.source = source;
    this.target = target;
  }

  /** Copies one table into another database, under the same name. */
  LoadCounts run(TableId from, String toDatabase) throws InterruptedException {
    TableSchema table = source.tables((id, kind) -> id.equals(from)).get(0);
    TableSchema wanted = table.withId(new TableId(toDatabase, from.name()));
    long loaded = 0;
    long refused = 0;
    long bytes = 0;
    try (Snapshot snapshot = source.snapshot(List.of(table), 1);
        LoadLedger ledger = target.ledger("task", "")) {
      ledger.open();
      ledger.plan(from, List.of());
      TableSchema prepared = target.prepare(wanted, mode, false);
      List<Segment> segments = snapshot.segments(table, rowsPerSegment);
      ledger.plan(from, segments);
      for (Segment segment : segments) {
        LoadCounts counts = load(snapshot, table, prepared, segment);
        loaded += counts.loaded();
        refused += counts.rejected();
        bytes += counts.bytes();
      }
    }
    return new LoadCounts(loaded, refused, bytes);
  }

  private LoadCounts load(
      Snapshot snapshot, TableSchema table, TableSchema prepared, Segment segment)
      throws InterruptedException {
    RejectionPolicy policy =
        row -> {
          rejected.add(row);
          return decision;
        };
    Target.LoadRequest request =
        new Target.LoadRequest("task", "", table, prepared, RowFormat.CELLS, policy);
    long read = 0;
    try (RowReader reader = snapshot.read(table, segment, RowFormat.CELLS, 1000);
        RowWriter writer = target.load(request)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        read += rows.get().count();
        writer.write(rows.get());
      }
      LoadCounts counts = writer.finish();
      writer.commit(
          new LoadLedger.Done(
              table.id(), segment.number(), read, 0, counts.loaded(), counts.rejected(), 0, ""));
      return counts;
    }
  }
}
