package wherry.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.TransactionPart;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Reads a source's changes the way the engine does, and tells them as text. */
final class Capture implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(100);
  private static final long NANOSECONDS_MAX = Duration.ofMinutes(3).toNanos();

  final ChangeLog log;
  final ChangeReader reader;
  final List<TransactionPart> parts = new ArrayList<>();
  Position reached;

  /** From the end of the log as it is now. */
  static Capture of(Source source, Predicate<TableId> selected) {
    ChangeLog log = source.changeLog("task");
    List<TableSchema> tables = source.tables((id, kind) -> selected.test(id));
    ChangeLog.Start start = log.open(tables, "");
    return new Capture(log, tables, start.position(), start.identity(), selected);
  }

  Capture(
      ChangeLog log,
      Collection<TableSchema> tables,
      Position from,
      String identity,
      Predicate<TableId> selected) {
    this.log = log;
    this.reached = from;
    this.reader =
        log.read(
            new ChangeLog.Request(
                List.copyOf(tables), (id, kind) -> selected.test(id), from, identity));
  }

  /** Reads on until everything before the log's present end is read. */
  Capture toTheEnd() throws InterruptedException {
    Position end = log.now();
    long deadline = System.nanoTime() + NANOSECONDS_MAX;
    while (reached.compareTo(end) < 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("reached " + reached.text() + " and not " + end.text());
      }
      take(reader.next(PATIENCE));
    }
    return this;
  }

  void take(ChangeBatch batch) {
    parts.addAll(batch.parts());
    reached = batch.reached();
  }

  /** The last part of each transaction; one that is read while it is written comes in several. */
  List<TransactionPart> ended() {
    return parts.stream().filter(part -> part.end().isPresent()).toList();
  }

  List<ChangeEvent> events() {
    return parts.stream().flatMap(part -> part.events().stream()).toList();
  }

  List<RowChange> changes() {
    return events().stream()
        .filter(RowChange.class::isInstance)
        .map(RowChange.class::cast)
        .toList();
  }

  /** {@code INSERT t (1|x)}, {@code UPDATE t (1|x) -> (1|y)}; an absent cell is {@code ~}. */
  List<String> told() {
    return events().stream().map(Capture::told).toList();
  }

  static String told(ChangeEvent event) {
    if (!(event instanceof RowChange change)) {
      return event.toString();
    }
    String before = change.before() == RowChange.NONE ? "" : row(change.rows(), change.before());
    String after = change.after() == RowChange.NONE ? "" : row(change.rows(), change.after());
    String arrow = before.isEmpty() || after.isEmpty() ? "" : " -> ";
    return change.operation() + " " + change.table().name() + " " + before + arrow + after;
  }

  static String row(RowBatch rows, int row) {
    List<String> cells = new ArrayList<>();
    for (int column = 0; column < rows.schema().columns().size(); column++) {
      cells.add(rows.isAbsent(row, column) ? "~" : String.valueOf(rows.text(row, column)));
    }
    return "(" + String.join("|", cells) + ")";
  }

  /** The bytes of a cell; empty for NULL. */
  static Optional<byte[]> cell(RowBatch rows, int row, int column) {
    if (rows.isNull(row, column)) {
      return Optional.empty();
    }
    int start = rows.start(row, column);
    byte[] bytes = new byte[rows.end(row, column) - start];
    System.arraycopy(rows.slab(), start, bytes, 0, bytes.length);
    return Optional.of(bytes);
  }

  @Override
  public void close() {
    reader.close();
    log.close();
  }
}
