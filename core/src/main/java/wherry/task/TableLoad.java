package wherry.task;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import wherry.connector.LoadLedger;
import wherry.connector.Segment;
import wherry.mapping.MappedTable;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** One table within a run: what is planned, done and counted. Safe for all threads. */
final class TableLoad {
  private final MappedTable mapped;
  private final DataErrors dataErrors;
  private final AtomicLong inFlight = new AtomicLong();
  private final AtomicLong widestBatchBytes = new AtomicLong();

  private TableState state = TableState.BEFORE_LOAD;
  private @Nullable TableSchema target;
  private final Set<Integer> missing = new HashSet<>();
  private long estimatedRows;
  private long read;
  private long filtered;
  private long loaded;
  private long rejected;
  private long shortened;
  private @Nullable Instant startedAt;
  private @Nullable Instant endedAt;
  private boolean reloaded;
  private Instant updatedAt = Instant.now();
  private String message = "";

  TableLoad(MappedTable mapped, DataErrors dataErrors) {
    this.mapped = mapped;
    this.dataErrors = dataErrors;
  }

  TableId id() {
    return mapped.source().id();
  }

  MappedTable mapped() {
    return mapped;
  }

  DataErrors dataErrors() {
    return dataErrors;
  }

  /** Rows given to the target whose segment is not committed; the transfer adds them and takes them back. */
  AtomicLong inFlight() {
    return inFlight;
  }

  /** Columns, types and names that a loaded segment depends on; in words, so that a human sees what has changed. */
  String fingerprint() {
    StringBuilder words = new StringBuilder(mapped.target().id().toString());
    List<Column> source = mapped.source().columns();
    for (int i = 0; i < source.size(); i++) {
      words.append(';').append(source.get(i).name()).append(' ').append(source.get(i).nativeType().name())
          .append('>').append(mapped.target().columns().get(i).name());
    }
    return Integer.toHexString(words.toString().hashCode()) + "-" + source.size();
  }

  /** The largest batch of this table so far, in bytes. */
  long widestBatchBytes() {
    return widestBatchBytes.get();
  }

  void sawBatch(long bytes) {
    widestBatchBytes.accumulateAndGet(bytes, Math::max);
  }

  synchronized TableState state() {
    return state;
  }

  /** The load begins again from nothing. */
  synchronized void begin(TableState from, boolean isReload) {
    state = from;
    missing.clear();
    read = 0;
    filtered = 0;
    loaded = 0;
    rejected = 0;
    shortened = 0;
    startedAt = null;
    endedAt = null;
    reloaded = isReload;
    message = "";
    touch();
  }

  /** Takes over what an earlier run has completed. */
  synchronized void adopt(TableStatistics earlier) {
    state = earlier.state();
    estimatedRows = earlier.estimatedRows();
    read = earlier.read();
    filtered = earlier.filtered();
    loaded = earlier.loaded();
    rejected = earlier.rejected();
    shortened = earlier.shortened();
    startedAt = earlier.startedAt();
    endedAt = earlier.endedAt();
    reloaded = earlier.reloaded();
    message = earlier.message();
  }

  /** The target table stands; these segments are to be loaded, those in the ledger are counted already. */
  synchronized void prepared(TableSchema targetTable, long rows, List<Segment> segments, List<LoadLedger.Done> done) {
    target = targetTable;
    estimatedRows = rows;
    read = 0;
    filtered = 0;
    loaded = 0;
    rejected = 0;
    shortened = 0;
    missing.clear();
    segments.forEach(segment -> missing.add(segment.number()));
    done.forEach(this::count);
    state = TableState.FULL_LOAD;
    if (startedAt == null) {
      startedAt = Instant.now();
    }
    touch();
  }

  synchronized TableSchema target() {
    if (target == null) {
      throw new IllegalStateException("Table " + id() + " is not prepared");
    }
    return target;
  }

  /** A segment is committed; tells whether it was the last one. */
  synchronized boolean committed(LoadLedger.Done done) {
    count(done);
    touch();
    return missing.isEmpty() && state == TableState.FULL_LOAD;
  }

  private void count(LoadLedger.Done done) {
    missing.remove(done.segment());
    read += done.read();
    filtered += done.filtered();
    loaded += done.loaded();
    rejected += done.rejected();
    shortened += done.shortened();
  }

  synchronized void end(TableState how, String why) {
    state = how;
    message = why;
    endedAt = Instant.now();
    touch();
  }

  private void touch() {
    updatedAt = Instant.now();
  }

  synchronized TableStatistics statistics() {
    return new TableStatistics(
        id(), mapped.target().id(), state, estimatedRows, read, filtered, loaded, rejected, shortened, inFlight.get(),
        startedAt, endedAt, reloaded, updatedAt, fingerprint(), message);
  }

  /** What remains of a plan in the ledger, if the table can go on from it: each missing segment must mean the same rows now. */
  static Optional<List<Segment>> resumable(LoadLedger.TableLoad ledger) {
    Set<Integer> done = new HashSet<>();
    ledger.done().forEach(d -> done.add(d.segment()));
    List<Segment> missing = new ArrayList<>();
    for (Segment segment : ledger.plan()) {
      if (!done.contains(segment.number())) {
        missing.add(segment);
      }
    }
    boolean lasting = missing.stream().allMatch(Segment::lasting);
    return !ledger.plan().isEmpty() && lasting ? Optional.of(missing) : Optional.empty();
  }
}
