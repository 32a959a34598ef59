package wherry.connector;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
import wherry.filter.RowFilter;
import wherry.row.EncodedRows;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.row.Rows;
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

  private record Content(
      TableSchema schema,
      List<List<@Nullable String>> rows,
      int segments,
      boolean lasting,
      long estimate) {}

  private final Map<TableId, Content> tables = new ConcurrentSkipListMap<>();
  private final Map<TableId, Parts> parts = new ConcurrentHashMap<>();
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
        Content content = content(write.table());
        List<List<@Nullable String>> rows = new ArrayList<>(content.rows());
        switch (write) {
          case ScriptedLog.Insert insert -> rows.add(insert.row());
          case ScriptedLog.Update update ->
              rows.replaceAll(row -> update.key().equals(row.getFirst()) ? update.row() : row);
          case ScriptedLog.Delete delete ->
              rows.removeIf(row -> delete.key().equals(row.getFirst()));
          case ScriptedLog.Event event -> {}
        }
        tables.put(
            write.table(),
            new Content(
                content.schema(),
                List.copyOf(rows),
                content.segments(),
                content.lasting(),
                content.estimate()));
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
    tables.put(schema.id(), new Content(schema, List.copyOf(rows), 1, true, rows.size()));
    return this;
  }

  /** Cuts the table into segments of about the same size. */
  public ScriptedSource cut(TableId table, int segments, boolean lasting) {
    tables.computeIfPresent(
        table, (id, c) -> new Content(c.schema(), c.rows(), segments, lasting, c.estimate()));
    return this;
  }

  /**
   * @param of the partition, one that is not divided again, that a row is in
   */
  private record Parts(List<Partition> all, Function<List<@Nullable String>, String> of) {
    boolean isWithin(String partition, String wanted) {
      return partition.equals(wanted)
          || all.stream()
              .anyMatch(part ->
                  part.name().equals(partition)
                      && !part.within().isEmpty()
                      && isWithin(part.within(), wanted));
    }
  }

  /** Partitions the table; names are {@code name} or {@code within/name}. */
  public ScriptedSource partition(
      TableId table, Function<List<@Nullable String>, String> of, String... names) {
    List<Partition> all = new ArrayList<>();
    for (String name : names) {
      String[] words = name.split("/");
      String own = words[words.length - 1];
      all.add(new Partition(own, words.length > 1 ? words[0] : "", "[" + own + "]", 0));
    }
    parts.put(table, new Parts(all, of));
    return this;
  }

  /** What the catalogue says of the table, true or not. */
  public ScriptedSource estimate(TableId table, long rows) {
    tables.computeIfPresent(
        table, (id, c) -> new Content(c.schema(), c.rows(), c.segments(), c.lasting(), rows));
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

  private Content content(TableId table) {
    Content content = tables.get(table);
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
    return tables.values().stream()
        .map(Content::schema)
        .filter(t -> selected.test(t.id(), t.kind()))
        .toList();
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
    private final Map<TableId, Content> seen;
    private final Cut cut;
    private final AtomicBoolean viewClosed = new AtomicBoolean();

    View(int readersMost, Map<TableId, Content> seen, Cut cut) {
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

    private Content content(TableId table) {
      Content content = seen.get(table);
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
      Content content = content(table.id());
      List<Segment> segments = new ArrayList<>();
      for (int i = 0; i < content.segments(); i++) {
        int from = (int) ((long) content.rows().size() * i / content.segments());
        int to = (int) ((long) content.rows().size() * (i + 1) / content.segments());
        // A table in one segment is read whole, however many rows it has by then.
        String predicate = content.segments() == 1 ? "" : from + ".." + to;
        segments.add(new Segment(i, predicate, to - from, content.lasting()));
      }
      return segments;
    }

    @Override
    public List<Partition> partitions(TableSchema table) {
      return parts.containsKey(table.id()) ? parts.get(table.id()).all() : List.of();
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
      return new Reader(table, content(table.id()), filter, segment, format, batchRowsMax);
    }

    @Override
    public void close() {
      if (viewClosed.compareAndSet(false, true)) {
        open.decrementAndGet();
        closed.countDown(); // Last, for it wakes those who then count what is open.
      }
    }
  }

  private final class Reader implements RowReader {
    private final TableSchema table;
    private final int segment;
    private final RowFormat format;
    private final int batchRowsMax;
    private final List<List<@Nullable String>> rows;
    private int next;
    private boolean closed;

    Reader(
        TableSchema table,
        Content content,
        FilterCondition filter,
        Segment segment,
        RowFormat format,
        int batchRowsMax) {
      this.table = table;
      this.segment = segment.number();
      this.format = format;
      this.batchRowsMax = batchRowsMax;
      this.rows =
          rowsOf(segment, content).stream()
              .filter(row -> passes(filter, row, content.schema()))
              .map(row -> cellsOf(row, content.schema()))
              .toList();
    }

    private List<List<@Nullable String>> rowsOf(Segment wanted, Content content) {
      Parts partitions = parts.get(table.id());
      if (!wanted.partition().isEmpty() && partitions != null) {
        String name = wanted.partition().substring(1, wanted.partition().length() - 1);
        return content.rows().stream()
            .filter(row -> partitions.isWithin(partitions.of().apply(row), name))
            .toList();
      }
      FilterCondition range = ranges.get(wanted.predicate());
      if (range != null) {
        return content.rows().stream().filter(row -> passes(range, row, content.schema())).toList();
      }
      String all = "0.." + content.rows().size();
      String[] bounds = (wanted.predicate().isEmpty() ? all : wanted.predicate()).split("\\.\\.");
      return content.rows().subList(Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1]));
    }

    private static boolean passes(
        FilterCondition filter, List<@Nullable String> row, TableSchema whole) {
      RowBatchBuilder one = new RowBatchBuilder(whole);
      row.forEach(one::add);
      one.endRow();
      return new RowFilter(filter, whole).verdict(one.build(), 0) == RowFilter.Verdict.PASSES;
    }

    /** The columns that are asked for; they may be fewer than the table's. */
    private List<@Nullable String> cellsOf(List<@Nullable String> row, TableSchema whole) {
      List<String> names = whole.columns().stream().map(c -> c.name()).toList();
      List<@Nullable String> cells = new ArrayList<>();
      table.columns().forEach(column -> cells.add(row.get(names.indexOf(column.name()))));
      return cells;
    }

    @Override
    public Optional<Rows> next() throws InterruptedException {
      int from = next;
      RowBatchBuilder cells = new RowBatchBuilder(table);
      StringBuilder lines = new StringBuilder();
      while (next < rows.size() && next - from < batchRowsMax) {
        event.before(table.id(), segment, next);
        List<@Nullable String> row = rows.get(next);
        row.forEach(cells::add);
        cells.endRow();
        lines
            .append(String.join("\t", row.stream().map(c -> c == null ? "\\N" : c).toList()))
            .append('\n');
        next++;
      }
      if (next == from) {
        event.before(table.id(), segment, next);
        return Optional.empty();
      }
      if (format.equals(RowFormat.CELLS)) {
        return Optional.of(cells.build());
      }
      byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
      return Optional.of(new EncodedRows(format, Arrays.asList(bytes), next - from, bytes.length));
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        reading.decrementAndGet();
        open.decrementAndGet();
      }
    }
  }
}
