package wherry.task;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import wherry.change.Position;
import wherry.connector.LoadLedger;
import wherry.connector.Segment;
import wherry.mapping.MappedTable;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** One table within a run: what is planned, done and counted. Safe for all threads. */
final class TableLoad {
  private final TableId id;
  private final DataErrors dataErrors;
  private final AtomicLong widestBatchBytes = new AtomicLong();

  private record Altering(MappedTable mapped, TableSchema found, Position end) {}

  private MappedTable mapped;
  private TableSchema found;
  private @Nullable Altering altering;
  private String fingerprint;
  private TableState state = TableState.BEFORE_LOAD;
  private @Nullable TableSchema target;
  private boolean keyDeferred;
  private final Set<Integer> missing = new HashSet<>();
  private long estimatedRows;
  private long read;
  private long filtered;
  private long loaded;
  private long rejected;
  private long shortened;
  private long inFlight;
  private long commits;
  private ChangeCounts changes = ChangeCounts.NONE;
  private final Set<String> cuts = new HashSet<>();
  private @Nullable Instant startedAt;
  private @Nullable Instant endedAt;
  private boolean reloaded;
  private Instant updatedAt = Instant.now();
  private String message = "";

  /**
   * @param found the table with all columns that the source has
   */
  TableLoad(MappedTable mapped, TableSchema found, DataErrors dataErrors) {
    this.id = mapped.source().id();
    this.mapped = mapped;
    this.found = found;
    this.dataErrors = dataErrors;
    this.fingerprint = fingerprint(mapped);
  }

  TableId id() {
    return id;
  }

  /** The table with all columns that the source has. */
  synchronized TableSchema found() {
    return found;
  }

  synchronized MappedTable mapped() {
    return mapped;
  }

  /** The source's table has other columns than when it was found. */
  synchronized void redefine(MappedTable nowMapped, TableSchema nowFound) {
    mapped = nowMapped;
    found = nowFound;
    fingerprint = fingerprint(nowMapped);
    altering = null;
  }

  /**
   * The target is asked to commit that it has followed the source's table to this definition.
   *
   * @param end where reading goes on when it has
   */
  synchronized void altering(MappedTable nowMapped, TableSchema nowFound, Position end) {
    altering = new Altering(nowMapped, nowFound, end);
  }

  /**
   * The target has committed the table's changes up to there: whether that commit was one of them
   * is certain now, though its answer may have been lost.
   */
  synchronized void reached(Position position) {
    if (altering != null && position.compareTo(altering.end()) >= 0) {
      redefine(altering.mapped(), altering.found());
    }
    altering = null;
  }

  DataErrors dataErrors() {
    return dataErrors;
  }

  /** A digest of the columns, types, names and rules that a loaded segment depends on. */
  synchronized String fingerprint() {
    return fingerprint;
  }

  private static String fingerprint(MappedTable mapped) {
    StringBuilder words =
        new StringBuilder(mapped.target().id().schema())
            .append('\0')
            .append(mapped.target().id().name());
    addColumns(mapped.source(), words);
    words
        .append('\0')
        .append(mapped.transform().columns())
        .append('\0')
        .append(mapped.filter())
        .append('\0')
        .append(mapped.target().key());
    mapped.settings().lobs().ifPresent(lobs -> words.append('\0').append(lobs));
    return digest(words);
  }

  /** A digest of the columns that a table of the source has. */
  static String definition(TableSchema source) {
    StringBuilder words = new StringBuilder();
    addColumns(source, words);
    return digest(words);
  }

  private static void addColumns(TableSchema table, StringBuilder words) {
    for (Column column : table.columns()) {
      words.append('\0').append(column.name()).append('\0').append(column.nativeType().name());
    }
  }

  private static String digest(StringBuilder words) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(words.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** The largest batch of this table so far, in bytes. */
  long widestBatchBytes() {
    return widestBatchBytes.get();
  }

  /** Whether a row can be of any width, as far as the columns' types tell. */
  boolean mayBeWide() {
    return mapped.source().columns().stream().anyMatch(c -> c.type().isLob());
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
    cuts.clear();
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
    updatedAt = earlier.updatedAt();
    message = earlier.message();
    changes = earlier.changes();
  }

  /**
   * What the source's catalogue expects; asked for all tables before the first is loaded, so that
   * progress never jumps back.
   */
  synchronized void expect(long rows) {
    estimatedRows = rows;
  }

  /**
   * The target table stands; these segments are to be loaded, those in the ledger are counted
   * already.
   *
   * @param withoutKey whether its key is to be created when all are loaded
   */
  synchronized void prepared(
      TableSchema targetTable,
      boolean withoutKey,
      List<Segment> segments,
      List<LoadLedger.Done> done) {
    target = targetTable;
    keyDeferred = withoutKey;
    read = 0;
    filtered = 0;
    loaded = 0;
    rejected = 0;
    shortened = 0;
    cuts.clear();
    missing.clear();
    segments.forEach(segment -> missing.add(segment.number()));
    done.forEach(this::count);
    dataErrors.startFrom(rejected);
    state = TableState.FULL_LOAD;
    if (startedAt == null) {
      startedAt = Instant.now();
    }
    touch();
  }

  /**
   * Whether this run has prepared it, so that its segments in the ledger are of this run's columns
   * and names.
   */
  synchronized boolean isPrepared() {
    return target != null;
  }

  synchronized boolean isReloaded() {
    return reloaded;
  }

  synchronized TableSchema target() {
    if (target == null) {
      throw new IllegalStateException("Table " + id() + " is not prepared");
    }
    return target;
  }

  /** Whether the table was prepared without its key, by this run or the one that it resumes. */
  synchronized boolean keyDeferred() {
    return keyDeferred;
  }

  /** Rows were given to the target; their segment is not committed yet. */
  synchronized void sent(long rows) {
    inFlight += rows;
  }

  /** The segment of rows that were sent is rolled back. */
  synchronized void takenBack(long rows) {
    inFlight -= rows;
  }

  /**
   * A segment is committed, its rows are no longer in flight; tells whether it was the last one.
   */
  synchronized boolean committed(LoadLedger.Done done) {
    commits++;
    inFlight -= done.read();
    count(done);
    touch();
    return missing.isEmpty() && state == TableState.FULL_LOAD;
  }

  /** Segments that this run has committed, those of a load that has begun again included. */
  synchronized long commits() {
    return commits;
  }

  private void count(LoadLedger.Done done) {
    missing.remove(done.segment());
    read += done.read();
    filtered += done.filtered();
    loaded += done.loaded();
    rejected += done.rejected();
    shortened += done.shortened();
    cuts.add(done.cut());
  }

  /**
   * The cuts of the snapshots that its segments were loaded under: none before anything is loaded,
   * several when a load was resumed.
   */
  synchronized Set<String> cuts() {
    return Set.copyOf(cuts);
  }

  /** Takes over the cuts of segments that earlier runs have loaded. */
  synchronized void adoptCuts(List<LoadLedger.Done> done) {
    done.forEach(segment -> cuts.add(segment.cut()));
  }

  /** Ends the load of the table; tells whether it had not ended before. */
  synchronized boolean end(TableState how, String why) {
    if (state.isOver()) {
      return false;
    }
    state = how;
    message = why;
    endedAt = Instant.now();
    touch();
    return true;
  }

  /** The table's changes are followed without its rows being loaded. */
  synchronized void follow() {
    state = TableState.COMPLETED;
    touch();
  }

  /** Whether its changes are applied, or it is gone and there will be none. */
  synchronized boolean isFollowed() {
    return state == TableState.COMPLETED || state == TableState.DOES_NOT_EXIST;
  }

  /** Its changes can no longer be applied. */
  synchronized void suspend(String why) {
    state = TableState.ERROR;
    message = why;
    touch();
  }

  /** The source has it no longer. */
  synchronized void gone(String why) {
    state = TableState.DOES_NOT_EXIST;
    message = why;
    touch();
  }

  /** So many LOB values of changes were cut. */
  synchronized void shortened(long values) {
    shortened += values;
  }

  /** These changes are committed on the target. */
  synchronized void changed(ChangeCounts committed) {
    changes = changes.plus(committed);
    touch();
  }

  /** Takes over counters that the target knows better, if they have gone further. */
  synchronized void recall(ChangeCounts totals) {
    if (totals.captured() + totals.ddls() > changes.captured() + changes.ddls()) {
      changes = totals;
      touch();
    }
  }

  private void touch() {
    updatedAt = Instant.now();
  }

  synchronized TableStatistics statistics() {
    return new TableStatistics(
        id(),
        mapped.target().id(),
        state,
        estimatedRows,
        read,
        filtered,
        loaded,
        rejected,
        shortened,
        inFlight,
        startedAt,
        endedAt,
        reloaded,
        updatedAt,
        fingerprint,
        definition(found),
        changes,
        message);
  }

  /**
   * What remains of a plan in the ledger, if the table can go on from it: each missing segment must
   * mean the same rows now.
   */
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
