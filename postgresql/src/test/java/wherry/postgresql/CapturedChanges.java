package wherry.postgresql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.PartitionsSeen;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.SchemaChange;
import wherry.change.TableTruncated;
import wherry.change.TransactionPart;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A task's view of a source's log: what it has read so far, each change as a line of text. */
final class CapturedChanges implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final long DEADLINE_SECONDS = 180;

  final Source source;
  final ChangeLog log;
  final List<TableSchema> tables;
  final List<TransactionPart> parts = new ArrayList<>();
  final List<ChangeBatch> batches = new ArrayList<>();
  final Map<TableId, String> partitions = new HashMap<>();
  ChangeLog.Start start;
  ChangeReader reader;
  private int seen;

  CapturedChanges(Source source, String task) {
    this(source, task, (id, kind) -> true);
  }

  CapturedChanges(Source source, String task, BiPredicate<TableId, TableSchema.Kind> selected) {
    this.source = source;
    this.log = source.changeLog(task);
    this.tables = source.tables(selected);
    this.start = log.open(tables, "");
    read(start.position(), selected);
  }

  private CapturedChanges(CapturedChanges first) {
    this.source = first.source;
    this.log = first.log;
    this.tables = source.tables((id, kind) -> true);
    this.start = first.start;
    read(start.position(), (id, kind) -> true);
  }

  /** From the same beginning, with the tables as they are now; closed before this one. */
  CapturedChanges another() {
    return new CapturedChanges(this);
  }

  void read(Position from, BiPredicate<TableId, TableSchema.Kind> selected) {
    log.partitions(tables).forEach(partitions::putIfAbsent);
    reader =
        log.read(
            new ChangeLog.Request(
                tables,
                selected,
                UnaryOperator.identity(),
                from,
                start.identity(),
                Map.copyOf(partitions)));
  }

  /** Goes on in a new reader. */
  void readAgain(Position from) {
    reader.close();
    read(from, (id, kind) -> true);
  }

  Optional<String> remedyForPartialRows(String table) {
    return tables.stream()
        .filter(found -> found.id().name().equals(table))
        .findFirst()
        .flatMap(log::remedyForPartialRows);
  }

  ChangeBatch next() throws InterruptedException {
    ChangeBatch batch = reader.next(PATIENCE);
    batches.add(batch);
    parts.addAll(batch.parts());
    events()
        .filter(PartitionsSeen.class::isInstance)
        .map(PartitionsSeen.class::cast)
        .forEach(seen -> partitions.put(seen.table(), seen.partitions()));
    return batch;
  }

  /** The lines of the next changes, once there are so many. */
  List<String> lines(int count) throws InterruptedException {
    long deadline = System.nanoTime() + DEADLINE_SECONDS * 1_000_000_000L;
    while (allLines().size() - seen < count && System.nanoTime() < deadline) {
      next();
    }
    List<String> lines = allLines().subList(seen, allLines().size());
    seen += lines.size();
    return lines;
  }

  /** Reads until the log's end of now. */
  void readToEnd() throws InterruptedException {
    Position end = log.now();
    long deadline = System.nanoTime() + DEADLINE_SECONDS * 1_000_000_000L;
    while (next().reached().compareTo(end) < 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("The log was not read up to " + end.text());
      }
    }
  }

  List<String> allLines() {
    return events()
        .filter(event -> !(event instanceof PartitionsSeen))
        .map(CapturedChanges::line)
        .toList();
  }

  private Stream<ChangeEvent> events() {
    return parts.stream().flatMap(part -> part.events().stream());
  }

  static String line(ChangeEvent event) {
    return switch (event) {
      case RowChange change ->
          change.operation()
              + " "
              + change.table().name()
              + row(" was ", change.rows(), change.before())
              + row(" is ", change.rows(), change.after());
      case TableTruncated truncated -> "TRUNCATE " + truncated.table().name();
      case SchemaChange.TableLost lost -> "LOST " + lost.table().name() + ": " + lost.reason();
      case PartitionsSeen seen -> "PARTITIONS of " + seen.table().name();
      case SchemaChange change ->
          change.getClass().getSimpleName()
              + " "
              + change.table().name()
              + ": "
              + change.statement();
    };
  }

  private static String row(String word, RowBatch rows, int row) {
    if (row == RowChange.NONE) {
      return "";
    }
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < rows.schema().columns().size(); i++) {
      cells.add(rows.isAbsent(row, i) ? "?" : String.valueOf(rows.text(row, i)));
    }
    return word + cells;
  }

  @Override
  public void close() {
    reader.close();
    log.drop();
    log.close();
    source.close();
  }
}
