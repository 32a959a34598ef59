package wherry.connector;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import wherry.change.Checkpoint;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.EncodedRows;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * A target in memory with transactions: what is not committed is nowhere, and rows, kept rejections
 * and the ledger's entry commit together. Remembers what was asked of it.
 */
public final class RecordingTarget implements Target {
  /** Why a row is refused. */
  public record Refusal(RejectedRow.Kind kind, String column, String reason) {}

  private record Account(List<Segment> plan, boolean keyDeferred, List<LoadLedger.Done> done) {}

  private final Map<TableId, List<List<@Nullable String>>> tables = new HashMap<>();
  private final Map<TableId, Account> ledger = new LinkedHashMap<>();
  private final List<RejectedRow> kept = new ArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final List<ControlRow> control = new ArrayList<>();
  private @Nullable Checkpoint checkpoint;
  private volatile List<RowFormat> formats = List.of(RowFormat.CELLS);
  private volatile Function<List<@Nullable String>, Optional<Refusal>> refuses =
      row -> Optional.empty();
  private volatile Predicate<List<@Nullable String>> loses = row -> false;
  private volatile Function<String, Optional<DmsException>> failure = call -> Optional.empty();
  private volatile boolean answerOfCommitIsLost;
  private volatile boolean silent;
  private volatile boolean buildsKeysFasterAfterLoad;
  private volatile boolean definitionsCommit;

  public RecordingTarget formats(RowFormat... best) {
    formats = List.of(best);
    return this;
  }

  public RecordingTarget refuses(Function<List<@Nullable String>, Optional<Refusal>> which) {
    refuses = which;
    return this;
  }

  /** Rows that vanish without a word, as a trigger that returns NULL makes them. */
  public RecordingTarget loses(Predicate<List<@Nullable String>> which) {
    loses = which;
    return this;
  }

  /**
   * Fails so many times at a call, as {@link #calls} shows it, for example {@code prepare
   * app.orders}.
   */
  public RecordingTarget failsAt(String call, int times, Supplier<DmsException> with) {
    AtomicInteger left = new AtomicInteger(times);
    Function<String, Optional<DmsException>> before = failure;
    failure =
        c -> {
          Optional<DmsException> earlier = before.apply(c);
          return earlier.isPresent() || !c.startsWith(call) || left.getAndDecrement() <= 0
              ? earlier
              : Optional.of(with.get());
        };
    return this;
  }

  /**
   * Decides at every call, as {@link #calls} shows it, whether it fails; instead of what was said
   * before.
   */
  public RecordingTarget fails(Function<String, Optional<DmsException>> at) {
    failure = at;
    return this;
  }

  /** The server does not answer to rows any more, and its sessions stay open. */
  public RecordingTarget fallsSilent() {
    silent = true;
    return this;
  }

  /** The next commit happens, but its answer does not arrive. */
  public RecordingTarget losesTheAnswerOfOneCommit() {
    answerOfCommitIsLost = true;
    return this;
  }

  public RecordingTarget buildsKeysFasterAfterLoad(boolean faster) {
    buildsKeysFasterAfterLoad = faster;
    return this;
  }

  /** As MySQL does; here it is only said. */
  public RecordingTarget definitionsCommit(boolean commit) {
    definitionsCommit = commit;
    return this;
  }

  boolean definitionsCommit() {
    return definitionsCommit;
  }

  /** Committed rows, in the order in which they came. */
  public synchronized List<List<@Nullable String>> rows(TableId table) {
    return List.copyOf(tables.getOrDefault(table, List.of()));
  }

  public synchronized boolean has(TableId table) {
    return tables.containsKey(table);
  }

  public synchronized void insert(TableId table, List<@Nullable String> row) {
    tables.computeIfAbsent(table, id -> new ArrayList<>()).add(row);
  }

  /** What the last commit of changes has written as its place in the log. */
  public synchronized Optional<Checkpoint> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  /** Rows of control tables that changes have written. */
  public synchronized List<ControlRow> control() {
    return List.copyOf(control);
  }

  synchronized void commit(
      Map<TableId, List<List<@Nullable String>>> touched, List<ControlRow> written, Checkpoint at) {
    tables.putAll(touched);
    control.addAll(written);
    checkpoint = at;
    if (answerOfCommitIsLost) {
      answerOfCommitIsLost = false;
      throw new DmsException(ErrorCode.CONNECTION_FAILED, "The target has hung up during COMMIT");
    }
  }

  Optional<Refusal> refusal(List<@Nullable String> row) {
    return refuses.apply(row);
  }

  void closed() {
    open.decrementAndGet();
  }

  @Override
  public ChangeWriter changes(ChangeRequest request) {
    call("changes");
    open.incrementAndGet();
    return new RecordingChanges(this);
  }

  /** Rejected rows in the exceptions table. */
  public synchronized List<RejectedRow> kept() {
    return List.copyOf(kept);
  }

  /** What was asked of the target, in order. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  public synchronized List<Integer> loadedSegments(TableId source) {
    return Optional.ofNullable(ledger.get(source))
        .map(a -> a.done().stream().map(LoadLedger.Done::segment).sorted().toList())
        .orElse(List.of());
  }

  /** Ledgers and writers that nobody has closed. */
  public int open() {
    return open.get();
  }

  void call(String what) {
    calls.add(what);
    failure.apply(what).ifPresent(ScriptedSource::raise);
  }

  @Override
  public boolean ignoresCaseOfNames() {
    return false;
  }

  @Override
  public TableSchema prepare(TableSchema wanted, PrepareMode mode, boolean deferKey) {
    call("prepare " + wanted.id() + " " + mode + (deferKey ? " without key" : ""));
    synchronized (this) {
      switch (mode) {
        case DO_NOTHING -> tables.computeIfAbsent(wanted.id(), id -> new ArrayList<>());
        case DROP_AND_CREATE, TRUNCATE_BEFORE_LOAD -> tables.put(wanted.id(), new ArrayList<>());
      }
    }
    return wanted;
  }

  @Override
  public TableSchema describe(TableSchema wanted) {
    call("describe " + wanted.id());
    if (!has(wanted.id())) {
      throw new DmsException(
          ErrorCode.TARGET_TABLE_FAILED, wanted.id(), "Table " + wanted.id() + " is gone", null);
    }
    return wanted;
  }

  @Override
  public boolean buildsKeysFasterAfterLoad() {
    return buildsKeysFasterAfterLoad;
  }

  @Override
  public void createKey(TableSchema wanted) {
    call("key " + wanted.id());
  }

  @Override
  public List<String> createIndexes(TableSchema wanted) {
    call("indexes " + wanted.id());
    return List.of("Index i of " + wanted.id() + " has no equal here");
  }

  @Override
  public List<RowFormat> formats(TableSchema source, TableSchema target) {
    return formats;
  }

  @Override
  public RowWriter load(LoadRequest request) {
    call("load " + request.source().id());
    open.incrementAndGet();
    return new Writer(request);
  }

  @Override
  public LoadLedger ledger(String taskName, String controlSchema) {
    call("ledger");
    open.incrementAndGet();
    return new Ledger();
  }

  @Override
  public void test() {}

  @Override
  public List<String> schemas() {
    return List.of();
  }

  @Override
  public void close() {}

  private final class Writer implements RowWriter {
    private final LoadRequest request;
    private final List<List<@Nullable String>> pending = new ArrayList<>();
    private final List<RejectedRow> rejections = new ArrayList<>();
    private final CountDownLatch aborted = new CountDownLatch(1);
    private long rejected;
    private boolean closed;

    Writer(LoadRequest request) {
      this.request = request;
    }

    @Override
    public void write(Rows rows) {
      call("write " + request.source().id());
      if (silent) {
        awaitAbort();
      }
      switch (rows) {
        case EncodedRows encoded -> encoded.pieces().forEach(this::lines);
        case RowBatch batch -> cells(batch);
      }
    }

    /** As a read from a socket does: no interrupt ends it. */
    private void awaitAbort() {
      while (aborted.getCount() > 0) {
        try {
          aborted.await();
        } catch (InterruptedException e) {
          continue;
        }
      }
      throw new DmsException(ErrorCode.CONNECTION_FAILED, "The session was closed");
    }

    private void cells(RowBatch batch) {
      for (int row = 0; row < batch.count(); row++) {
        List<@Nullable String> cells = new ArrayList<>();
        for (int column = 0; column < batch.schema().columns().size(); column++) {
          cells.add(batch.text(row, column));
        }
        take(cells);
      }
    }

    private void lines(byte[] piece) {
      for (String line : new String(piece, StandardCharsets.UTF_8).split("\n")) {
        List<@Nullable String> cells = new ArrayList<>();
        for (String cell : line.split("\t", -1)) {
          cells.add(cell.equals("\\N") ? null : cell);
        }
        if (refuses.apply(cells).isPresent()) {
          throw new DmsException(
              ErrorCode.ROWS_REFUSED,
              request.source().id(),
              "the stream holds a row that does not fit",
              null);
        }
        take(cells);
      }
    }

    private void take(List<@Nullable String> cells) {
      Optional<Refusal> refusal = refuses.apply(cells);
      if (refusal.isEmpty()) {
        pending.add(cells);
        return;
      }
      rejected++;
      RejectedRow row =
          new RejectedRow(
              request.target().id(),
              refusal.get().kind(),
              "id=" + cells.getFirst(),
              refusal.get().column(),
              refusal.get().reason(),
              cells.toString());
      decide(row);
    }

    @Override
    public void reject(RejectedRow row) {
      rejected++;
      decide(row);
    }

    private void decide(RejectedRow row) {
      switch (request.rejections().rejected(row)) {
        case IGNORE -> {}
        case KEEP -> rejections.add(row);
      }
    }

    @Override
    public void abort() {
      aborted.countDown();
    }

    @Override
    public LoadCounts finish() {
      call("finish " + request.source().id());
      pending.removeIf(loses);
      return new LoadCounts(pending.size(), rejected, 0);
    }

    @Override
    public void commit(LoadLedger.Done done) {
      call("commit " + done.table() + " " + done.segment());
      synchronized (RecordingTarget.this) {
        tables.computeIfAbsent(request.target().id(), id -> new ArrayList<>()).addAll(pending);
        kept.addAll(rejections);
        ledger
            .computeIfAbsent(done.table(), id -> new Account(List.of(), false, new ArrayList<>()))
            .done()
            .add(done);
      }
      if (answerOfCommitIsLost) {
        answerOfCommitIsLost = false;
        throw new DmsException(ErrorCode.CONNECTION_FAILED, "The target has hung up during COMMIT");
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }

  private final class Ledger implements LoadLedger {
    private boolean closed;

    @Override
    public void open() {
      call("open ledger");
    }

    @Override
    public List<TableLoad> loads() {
      call("read ledger");
      synchronized (RecordingTarget.this) {
        return ledger.entrySet().stream()
            .map(e ->
                new TableLoad(
                    e.getKey(),
                    e.getValue().plan(),
                    e.getValue().keyDeferred(),
                    List.copyOf(e.getValue().done())))
            .toList();
      }
    }

    @Override
    public void plan(TableId table, List<Segment> segments, boolean keyDeferred) {
      call("plan " + table + " " + segments.size());
      synchronized (RecordingTarget.this) {
        ledger.put(table, new Account(List.copyOf(segments), keyDeferred, new ArrayList<>()));
      }
    }

    @Override
    public void forget() {
      call("forget");
      synchronized (RecordingTarget.this) {
        ledger.clear();
        kept.clear();
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }
}
