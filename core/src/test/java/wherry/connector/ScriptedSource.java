package wherry.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.FilterCondition;
import wherry.filter.Ranges;
import wherry.row.RowFormat;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * A source in memory that does what a test scripts: so many rows, so many segments, this failure at
 * that place.
 */
public final class ScriptedSource implements Source {
  /** A format of its own, in which a row is a line and its cells are separated by tabs. */
  public static final RowFormat LINES = new RowFormat("lines");

  /** A segment that was begun to be read. */
  public record Read(TableId table, int segment, RowFormat format) {}

  /** What happens before a row is handed on; may throw, may wait. */
  @FunctionalInterface
  public interface Event {
    void before(TableId table, int segment, int row) throws InterruptedException;
  }

  private final Map<TableId, ScriptedTable> tables = new ConcurrentSkipListMap<>();
  private final Map<String, FilterCondition> ranges = new ConcurrentHashMap<>();
  private final ScriptedLog log = new ScriptedLog();
  private final List<Read> reads = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> failuresLeft = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger reading = new AtomicInteger();
  private final AtomicInteger readingMost = new AtomicInteger();
  private final AtomicInteger snapshots = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile List<RowFormat> formats = List.of(RowFormat.CELLS);
  private volatile List<String> exceptions = List.of();
  private volatile Event event = (table, segment, row) -> {};
  private volatile Supplier<Optional<DmsException>> whenAskedForTables = Optional::empty;
  private volatile Supplier<Optional<DmsException>> whenSnapshot = Optional::empty;
  private final AtomicReference<Runnable> onceFound = new AtomicReference<>(() -> {});

  /** The source's change log. */
  public ScriptedLog log() {
    return log;
  }

  /** A transaction: its rows and its place in the log become visible together. */
  public void commit(ScriptedLog.Write... writes) {
    commit(Instant.now(), writes);
  }

  public synchronized void commit(Instant at, ScriptedLog.Write... writes) {
    Map<TableId, TableSchema> schemas = new HashMap<>();
    tables.forEach((id, content) -> schemas.put(id, content.schema()));
    List<List<@Nullable String>> before = new ArrayList<>();
    for (ScriptedLog.Write write : writes) {
      before.add(before(write));
      if (!(write instanceof ScriptedLog.Event)) {
        ScriptedTable content = content(write.table());
        List<List<@Nullable String>> rows = new ArrayList<>(content.rows());
        switch (write) {
          case ScriptedLog.Insert insert -> rows.add(insert.row());
          case ScriptedLog.Update update ->
              rows.replaceAll(row -> update.key().equals(row.getFirst()) ? update.row() : row);
          case ScriptedLog.Delete delete ->
              rows.removeIf(row -> delete.key().equals(row.getFirst()));
          case ScriptedLog.Event event -> {}
        }
        tables.put(write.table(), content.withRows(rows));
      }
    }
    log.append(at, List.of(writes), schemas, before);
  }

  /** The row that the write finds; empty when it finds none. */
  private List<@Nullable String> before(ScriptedLog.Write write) {
    String key =
        switch (write) {
          case ScriptedLog.Update update -> update.key();
          case ScriptedLog.Delete delete -> delete.key();
          case ScriptedLog.Insert insert -> "";
          case ScriptedLog.Event event -> "";
        };
    return key.isEmpty()
        ? List.of()
        : content(write.table()).rows().stream()
            .filter(row -> key.equals(row.getFirst()))
            .findFirst()
            .orElse(List.of());
  }

  @Override
  public ChangeLog changeLog(String taskName) {
    return log;
  }

  /** A table of so many rows; it stays in one segment until {@link #cut} says otherwise. */
  public ScriptedSource table(TableSchema schema, List<List<@Nullable String>> rows) {
    tables.put(schema.id(), ScriptedTable.of(schema, rows));
    return this;
  }

  /** Cuts the table into segments of about the same size. */
  public ScriptedSource cut(TableId table, int segments, boolean lasting) {
    tables.computeIfPresent(table, (id, content) -> content.cut(segments, lasting));
    return this;
  }

  /** Partitions the table; names are {@code name} or {@code within/name}. */
  public ScriptedSource partition(
      TableId table, Function<List<@Nullable String>, String> of, String... names) {
    tables.computeIfPresent(table, (id, content) -> content.partition(of, names));
    return this;
  }

  /** What the catalogue says of the table, true or not. */
  public ScriptedSource estimate(TableId table, long rows) {
    tables.computeIfPresent(table, (id, content) -> content.withEstimate(rows));
    return this;
  }

  /** What the snapshots say of tables that they do not hold still. */
  public ScriptedSource exceptions(String... sentences) {
    exceptions = List.of(sentences);
    return this;
  }

  public ScriptedSource drop(TableId table) {
    tables.remove(table);
    return this;
  }

  public ScriptedSource formats(RowFormat... best) {
    formats = List.of(best);
    return this;
  }

  public ScriptedSource on(Event what) {
    event = what;
    return this;
  }

  /** Fails so many times just before that row of that segment is handed on. */
  public ScriptedSource failsReading(
      TableId table,
      int segment,
      int row,
      int times,
      Supplier<? extends RuntimeException> failure) {
    AtomicInteger left =
        failuresLeft.computeIfAbsent(
            table + "/" + segment + "/" + row, key -> new AtomicInteger(times));
    Event before = event;
    return on((t, s, r) -> {
      before.before(t, s, r);
      if (t.equals(table) && s == segment && r == row && left.getAndDecrement() > 0) {
        throw failure.get();
      }
    });
  }

  /**
   * The server falls silent there: whoever reads waits until the session is closed from elsewhere.
   */
  public ScriptedSource fallsSilent(TableId table, int segment, int row) {
    return on((t, s, r) -> {
      while (t.equals(table) && s == segment && r == row) {
        if (closed.getCount() == 0) {
          throw new DmsException(ErrorCode.CONNECTION_FAILED, "The session was closed");
        }
        try {
          closed.await();
        } catch (InterruptedException e) {
          continue; // As a read from a socket does.
        }
      }
    });
  }

  public ScriptedSource failsFindingTables(int times, Supplier<DmsException> failure) {
    whenAskedForTables = fails(times, failure);
    return this;
  }

  /** What happens just after the tables have been asked for, once. */
  public ScriptedSource onceFound(Runnable what) {
    onceFound.set(what);
    return this;
  }

  public ScriptedSource failsSnapshot(int times, Supplier<DmsException> failure) {
    whenSnapshot = fails(times, failure);
    return this;
  }

  static Supplier<Optional<DmsException>> fails(int times, Supplier<DmsException> failure) {
    AtomicInteger left = new AtomicInteger(times);
    return () -> left.getAndDecrement() > 0 ? Optional.of(failure.get()) : Optional.empty();
  }

  /** Segments whose reading was begun, in order. */
  public List<Read> reads() {
    return List.copyOf(reads);
  }

  /** How many segments were read at the same time at most. */
  public int readingMost() {
    return readingMost.get();
  }

  public int snapshots() {
    return snapshots.get();
  }

  /** Snapshots and readers that nobody has closed. */
  public int open() {
    return open.get();
  }

  /** The rows as they stand. */
  public List<List<@Nullable String>> rows(TableId table) {
    return content(table).rows();
  }

  private ScriptedTable content(TableId table) {
    ScriptedTable content = tables.get(table);
    if (content == null) {
      throw new IllegalStateException("The test has no table " + table);
    }
    return content;
  }

  @Override
  public boolean ignoresCaseOfNames() {
    return false;
  }

  @Override
  public List<TableSchema> tables(BiPredicate<TableId, TableSchema.Kind> selected) {
    whenAskedForTables.get().ifPresent(ScriptedSource::raise);
    List<TableSchema> found =
        tables.values().stream()
            .map(ScriptedTable::schema)
            .filter(t -> selected.test(t.id(), t.kind()))
            .toList();
    onceFound.getAndSet(() -> {}).run();
    return found;
  }

  static void raise(DmsException failure) {
    throw failure;
  }

  @Override
  public Snapshot snapshot(List<TableSchema> wanted, int readers) {
    whenSnapshot.get().ifPresent(ScriptedSource::raise);
    snapshots.incrementAndGet();
    synchronized (this) {
      return new View(readers, new TreeMap<>(tables), log.cut());
    }
  }

  @Override
  public void test() {}

  @Override
  public List<String> schemas() {
    return tables.keySet().stream().map(TableId::schema).distinct().toList();
  }

  @Override
  public void close() {}

  private record Place(String text) implements Position {
    @Override
    public int compareTo(Position other) {
      return text.compareTo(other.text());
    }
  }

  private final class View implements Snapshot {
    private final int readersMost;
    private final Map<TableId, ScriptedTable> seen;
    private final Cut cut;
    private final AtomicBoolean viewClosed = new AtomicBoolean();

    View(int readersMost, Map<TableId, ScriptedTable> seen, Cut cut) {
      this.readersMost = readersMost;
      this.seen = seen;
      this.cut = cut;
      open.incrementAndGet();
    }

    @Override
    public Optional<Position> position() {
      return Optional.of(new Place("0/" + snapshots.get()));
    }

    @Override
    public Optional<Cut> cut() {
      return Optional.of(cut);
    }

    private ScriptedTable content(TableId table) {
      ScriptedTable content = seen.get(table);
      return content == null ? ScriptedSource.this.content(table) : content;
    }

    @Override
    public List<String> exceptions(List<TableSchema> tables) {
      return exceptions;
    }

    @Override
    public long estimatedRows(TableSchema table) {
      return content(table.id()).estimate();
    }

    @Override
    public List<Segment> segments(TableSchema table, long rowsPerSegment) {
      return content(table.id()).inSegments();
    }

    @Override
    public List<Partition> partitions(TableSchema table) {
      return content(table.id()).partitions();
    }

    @Override
    public List<String> predicates(TableSchema table, Ranges wanted) {
      List<String> predicates = new ArrayList<>();
      for (int i = 0; i < wanted.count(); i++) {
        String predicate = wanted.range(i).toString();
        ranges.put(predicate, wanted.range(i));
        predicates.add(predicate);
      }
      return predicates;
    }

    @Override
    public List<RowFormat> formats(TableSchema table) {
      return formats;
    }

    @Override
    public RowReader read(
        TableSchema table,
        FilterCondition filter,
        Segment segment,
        RowFormat format,
        int batchRowsMax) {
      if (viewClosed.get()) {
        throw new IllegalStateException("The snapshot is closed");
      }
      int now = reading.incrementAndGet();
      readingMost.accumulateAndGet(now, Math::max);
      if (now > readersMost) {
        throw new IllegalStateException(
            now + " segments are read at the same time, " + readersMost + " were asked for");
      }
      reads.add(new Read(table.id(), segment.number(), format));
      open.incrementAndGet();
      return new ScriptedReader(
          table,
          segment.number(),
          content(table.id()).rowsOf(table, segment, ranges, filter),
          format,
          batchRowsMax,
          (of, number, row) -> event.before(of, number, row),
          () -> {
            reading.decrementAndGet();
            open.decrementAndGet();
          });
    }

    @Override
    public void close() {
      if (viewClosed.compareAndSet(false, true)) {
        open.decrementAndGet();
        closed.countDown(); // Last, for it wakes those who then count what is open.
      }
    }
  }
}
