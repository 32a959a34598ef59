package wherry.task;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.SourceTransaction;
import wherry.change.TransactionPart;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.RejectedRow;
import wherry.connector.Resource;
import wherry.connector.RowWriter;
import wherry.filter.RowFilter;
import wherry.mapping.MappedTable;
import wherry.mapping.TableMapping;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.row.Rows;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * What the rules of a task make of the rows and changes of one table, without any database: what
 * stands between the reader and the writer of a load, and between the log and the apply, with a
 * target's table in memory that takes every row. Of one thread.
 */
public final class MappingTrial implements Resource {
  private final TaskDefinition definition;
  private final TableSchema source;
  private final MappedTable mapped;
  private final RowRoute route;
  private final LogContext.ChangeSequence sequence = new LogContext.ChangeSequence();
  private final List<List<@Nullable String>> held = new ArrayList<>();
  private final List<String> rejected = new ArrayList<>();
  private int transactions;

  /**
   * How things stand after some rows or changes.
   *
   * @param rows all that the target holds now
   * @param rejected key, column and reason of all so far that have no form on the target
   * @param filtered how many of this step a filter has left out
   */
  public record Step(List<List<@Nullable String>> rows, List<String> rejected, int filtered) {
    public Step {
      rows = List.copyOf(rows);
      rejected = List.copyOf(rejected);
    }
  }

  private record Place(int number) implements Position {
    @Override
    public String text() {
      return Integer.toString(number);
    }

    @Override
    public int compareTo(Position other) {
      return Integer.compare(number, ((Place) other).number);
    }
  }

  /**
   * @param source a table that the task's rules select
   * @param names how the source compares names
   * @throws wherry.error.DmsException SETTING_INVALID when the rules do not fit the table
   */
  public MappingTrial(TaskDefinition definition, TableSchema source, TableMapping.NameCase names) {
    this.definition = definition;
    this.source = source;
    this.mapped = new TaskMapping(definition, names, false, false).map(source);
    this.route = new RowRoute(source, source, mapped, definition.settings(), mapped.target());
  }

  /** The table as the rules map it. */
  public MappedTable mapped() {
    return mapped;
  }

  /**
   * Loads rows.
   *
   * @param rows with all columns of the source
   */
  public Step load(RowBatch rows) throws InterruptedException {
    RowFilter filter = new RowFilter(mapped.filter(), source);
    BitSet filtered = new BitSet();
    for (int row = 0; row < rows.count(); row++) {
      filtered.set(row, filter.verdict(rows, row) != RowFilter.Verdict.PASSES);
    }
    Rejections rejections = new Rejections(rejected);
    try (LoadTransform transform = new LoadTransform(mapped, definition.settings().characters())) {
      RowBatch loaded = transform.apply(cut(asRead(rows.without(filtered))), rejections);
      for (int row = 0; row < loaded.count(); row++) {
        held.add(cells(loaded, row, List.of()));
      }
    }
    return new Step(held, rejected, filtered.cardinality());
  }

  private RowBatch cut(RowBatch rows) {
    OptionalInt lobBytesMax = definition.settings().lobBytesMax(mapped);
    return lobBytesMax.isPresent()
        ? new LobLimit(mapped.source(), lobBytesMax.getAsInt()).apply(rows)
        : rows;
  }

  /** The columns that a load reads. */
  private RowBatch asRead(RowBatch rows) {
    RowBatchBuilder read = new RowBatchBuilder(mapped.source());
    List<String> names = source.columns().stream().map(Column::name).toList();
    for (int row = 0; row < rows.count(); row++) {
      for (Column column : mapped.source().columns()) {
        read.copy(rows, row, names.indexOf(column.name()));
      }
      read.endRow();
    }
    return read.build();
  }

  /**
   * Applies changes, each a transaction of its own.
   *
   * @param changes with the source's columns, their images whole
   */
  public Step change(List<RowChange> changes) {
    int filtered = 0;
    for (RowChange change : changes) {
      switch (route.map(change, log(change))) {
        case MappedChange.Filtered ignored -> filtered++;
        case MappedChange.Refused refused ->
            rejected.add(
                told(change, refused.key())
                    + ", column "
                    + refused.refusal().column()
                    + ": "
                    + refused.refusal().reason()
                    + ".");
        case MappedChange.Due due -> apply(due.change()).ifPresent(rejected::add);
      }
    }
    return new Step(held, rejected, filtered);
  }

  private LogContext log(RowChange change) {
    Place at = new Place(transactions++);
    Place end = new Place(transactions);
    TransactionPart part =
        new TransactionPart(
            new SourceTransaction("", at, Instant.now()), List.of(change), Optional.of(end));
    return new LogContext(new ChangeBatch(List.of(part), end, 0), sequence);
  }

  /** What the target would say against it; empty when it takes it. */
  private Optional<String> apply(RowChange change) {
    int image = change.before() == RowChange.NONE ? change.after() : change.before();
    int place = place(key(change.rows(), image));
    switch (change.operation()) {
      case INSERT -> {
        boolean there = place >= 0 && !route.route().key().isEmpty();
        if (there && !route.keepsDeletedRows()) {
          return Optional.of(
              told(change, String.valueOf(key(change.rows(), image)))
                  + ": the target has a row of this key already.");
        }
        if (there) {
          held.remove(place);
        }
        held.add(cells(change.rows(), change.after(), List.of()));
      }
      case UPDATE -> {
        if (place < 0) {
          return Optional.of(missing(change, image));
        }
        held.set(place, cells(change.rows(), change.after(), held.get(place)));
      }
      case DELETE -> {
        if (place < 0) {
          return Optional.of(missing(change, image));
        }
        held.remove(place);
      }
    }
    return Optional.empty();
  }

  private String missing(RowChange change, int image) {
    return told(change, String.valueOf(key(change.rows(), image)))
        + ": the target has no such row.";
  }

  private static String told(RowChange change, String key) {
    return change.operation() + " of " + key + " is not applied";
  }

  private int place(List<@Nullable String> key) {
    for (int i = 0; i < held.size(); i++) {
      if (keyOf(held.get(i)).equals(key)) {
        return i;
      }
    }
    return -1;
  }

  private List<@Nullable String> key(RowBatch rows, int row) {
    return keyOf(cells(rows, row, List.of()));
  }

  private List<@Nullable String> keyOf(List<@Nullable String> row) {
    List<Integer> key = route.route().key();
    if (key.isEmpty()) {
      return row;
    }
    List<@Nullable String> cells = new ArrayList<>();
    key.forEach(column -> cells.add(row.get(column)));
    return cells;
  }

  /**
   * @param unchanged where cells come from that the log leaves out; empty when there are none
   */
  private static List<@Nullable String> cells(
      RowBatch rows, int row, List<@Nullable String> unchanged) {
    List<@Nullable String> cells = new ArrayList<>();
    for (int column = 0; column < rows.schema().columns().size(); column++) {
      boolean known = unchanged.isEmpty() || !rows.isAbsent(row, column);
      cells.add(known ? rows.text(row, column) : unchanged.get(column));
    }
    return cells;
  }

  @Override
  public void close() {
    route.close();
  }

  /** In place of a target's writer: takes note of what the rules reject. */
  private static final class Rejections implements RowWriter {
    private final List<String> told;

    Rejections(List<String> told) {
      this.told = told;
    }

    @Override
    public void reject(RejectedRow row) {
      told.add(row.key() + " " + row.column() + ": " + row.reason());
    }

    @Override
    public void write(Rows rows) {
      throw new UnsupportedOperationException("A trial keeps its rows itself");
    }

    @Override
    public LoadCounts finish() {
      return new LoadCounts(0, told.size(), 0);
    }

    @Override
    public void commit(LoadLedger.Done done) {}

    @Override
    public void abort() {}

    @Override
    public void close() {}
  }
}
