package wherry.server.run;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.change.Checkpoint;
import wherry.error.DmsException;
import wherry.schema.TableId;
import wherry.task.ChangeProgress;
import wherry.task.ReplicationTask;
import wherry.task.TableStatistics;
import wherry.task.TaskListener;

/**
 * A run as the service sees it: keeps its progress in the store, its log in a file, and decides
 * when a finished load may be shown as stopped. Safe for all threads.
 */
final class RunningTask implements TaskListener {
  private static final Logger LOG = LoggerFactory.getLogger(RunningTask.class);
  private static final int FLUSH_MILLISECONDS = 500;
  private static final Duration LATENCY_LOG_INTERVAL = Duration.ofSeconds(30);

  private final String arn;
  private final TaskRecords records;
  private final TaskLog log;
  private final Duration dwell;
  private final ScheduledExecutorService timer;
  private final Runnable onRunning;
  private final TaskGauges gauges = new TaskGauges();
  private final ScheduledFuture<?> sampling;
  private final Map<TableId, TableStatistics> unsaved = new LinkedHashMap<>();
  private @Nullable Checkpoint unsavedCheckpoint;
  private boolean flushPlanned;

  // Not guarded by the monitor: the run calls us while it holds its own lock, so we must never call
  // it while holding ours.
  private volatile @Nullable ReplicationTask task;
  private volatile boolean stopWanted;
  private volatile boolean shownRunning;
  private volatile boolean isLoaded;
  private volatile String trouble = "";
  private final Object writing = new Object();
  private volatile String checkpoint = "";
  private long latencyLoggedNanos = System.nanoTime() - LATENCY_LOG_INTERVAL.toNanos();

  /**
   * @param dwell how long a finished load stays running at most when no client has seen it running
   * @param onRunning called once preparation is over
   */
  RunningTask(
      String arn,
      TaskRecords records,
      TaskLog log,
      Duration dwell,
      ScheduledExecutorService timer,
      Runnable onRunning) {
    this.arn = arn;
    this.records = records;
    this.log = log;
    this.dwell = dwell;
    this.timer = timer;
    this.onRunning = onRunning;
    this.sampling = timer.scheduleAtFixedRate(this::sample, 1, 1, TimeUnit.SECONDS);
  }

  /** The run is built; a stop that came before takes effect now. */
  void runs(ReplicationTask built) {
    task = built;
    if (stopWanted) {
      built.stop();
    }
  }

  void stop() {
    stopWanted = true;
    built().ifPresent(ReplicationTask::stop);
  }

  /** The tables as they are now; empty before the run knows them. */
  List<TableStatistics> statistics() {
    return built().map(ReplicationTask::statistics).orElse(List.of());
  }

  /**
   * @return tables that the task does not have
   */
  List<TableId> reload(List<TableId> tables) {
    return built().map(run -> run.reload(tables)).orElse(tables);
  }

  private Optional<ReplicationTask> built() {
    return Optional.ofNullable(task);
  }

  /** Why the run is trying again; empty when all is well. */
  String trouble() {
    return trouble;
  }

  /** RecoveryCheckpoint; empty before this run has one. */
  String checkpoint() {
    return checkpoint;
  }

  TaskGauges gauges() {
    return gauges;
  }

  TaskLog log() {
    return log;
  }

  /** A client has been told that the task is running; a load that only waited for this may end. */
  void shownRunning() {
    shownRunning = true;
    if (isLoaded) {
      built().ifPresent(ReplicationTask::release);
    }
  }

  @Override
  public void running() {
    trouble = "";
    records.changeRun(arn, TaskRun::hasBegun);
    onRunning.run();
  }

  @Override
  public synchronized void tableChanged(TableStatistics statistics) {
    unsaved.put(statistics.table(), statistics);
    planFlush();
  }

  @Override
  public void checkpointed(Checkpoint reached) {
    boolean first = checkpoint.isEmpty();
    synchronized (this) {
      checkpoint = reached.text();
      unsavedCheckpoint = reached;
      planFlush();
    }
    if (first) {
      flush(); // It tells where the capture began, which DescribeReplicationTasks shows, too.
    }
  }

  private void planFlush() {
    if (!flushPlanned) {
      flushPlanned = true;
      timer.schedule(this::flush, FLUSH_MILLISECONDS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Keeps what has changed. The target holds the truth; this is what the API shows when nothing
   * runs.
   */
  void flush() {
    synchronized (writing) { // What is newer is written later, whoever writes.
      List<TableStatistics> changed;
      Checkpoint reached;
      synchronized (this) {
        changed = List.copyOf(unsaved.values());
        reached = unsavedCheckpoint;
        unsaved.clear();
        unsavedCheckpoint = null;
        flushPlanned = false;
      }
      records.putProgress(arn, changed, Optional.ofNullable(reached));
    }
  }

  @Override
  public void streaming(String position) {
    trouble = "";
    log(Component.SOURCE_CAPTURE, Severity.INFO, "The change log is read from " + position + " on");
  }

  @Override
  public void progress(ChangeProgress progress) {
    gauges.progress(progress);
    long now = System.nanoTime();
    if (now - latencyLoggedNanos >= LATENCY_LOG_INTERVAL.toNanos()) {
      latencyLoggedNanos = now;
      log(Component.PERFORMANCE, Severity.INFO, latencies(progress));
    }
  }

  /** In the words of AWS DMS; what is not latency of the source is how long we had it. */
  private static String latencies(ChangeProgress progress) {
    Duration handling = progress.targetLatency().minus(progress.sourceLatency());
    return String.format(
        Locale.ROOT,
        "Source latency %.2f seconds, Target latency %.2f seconds, Handling latency %.2f seconds",
        progress.sourceLatency().toMillis() / 1e3,
        progress.targetLatency().toMillis() / 1e3,
        Math.max(0, handling.toMillis()) / 1e3);
  }

  private void sample() {
    long loaded = statistics().stream().mapToLong(t -> t.loaded() + t.inFlight()).sum();
    gauges.sample(System.nanoTime(), loaded);
  }

  /** The run has ended: nothing more is measured, and everything it has told is kept. */
  void ended() {
    sampling.cancel(false);
    flush();
  }

  @Override
  public void snapshotTaken(String position) {
    records.changeRun(arn, run -> run.at(position));
    log(
        Component.SOURCE_UNLOAD,
        Severity.INFO,
        "All tables are read from one snapshot at " + position);
  }

  @Override
  public void loaded() {
    isLoaded = true;
    if (shownRunning || dwell.isZero()) {
      built().ifPresent(ReplicationTask::release);
    } else {
      timer.schedule(this::shownRunning, dwell.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void retrying(DmsException failure, int attempt, int afterSeconds) {
    String message =
        failure.getMessage() + " Attempt " + attempt + " follows in " + afterSeconds + " s.";
    trouble = message;
    log(Component.TASK_MANAGER, Severity.WARNING, message);
  }

  @Override
  public void log(Component component, Severity severity, String message) {
    if (severity.compareTo(Severity.WARNING) <= 0) {
      LOG.warn("task {}: {}", TaskRecords.resourceId(arn), message);
    }
    log.write(component, severity, message);
  }
}
