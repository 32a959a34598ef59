package wherry.task;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;
import wherry.schema.TestTables;

/** A run of a task on a thread of its own, and all that it has told. */
final class TestRun implements TaskListener {
  static final String ALL_TABLES =
      """
      {"rules":[{"rule-type":"selection","rule-id":1,"rule-name":"all","rule-action":"include",
        "object-locator":{"schema-name":"%","table-name":"%"}}]}\
      """;

  private final ReplicationTask task;
  private final FutureTask<ReplicationTask.End> end;
  private final Thread thread;
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<String> logs = new CopyOnWriteArrayList<>();
  private final List<Duration> latencies = new CopyOnWriteArrayList<>();
  private final Map<TableId, List<TableState>> states = new ConcurrentHashMap<>();

  private TestRun(Plan plan) {
    TaskSettings settings = settings(plan.settings);
    TaskDefinition definition =
        new TaskDefinition(
            "TESTTASK",
            plan.parsed == null ? TableMapping.parse(plan.mapping) : plan.parsed,
            settings,
            plan.start,
            List.copyOf(plan.earlier),
            plan.type,
            plan.cdcStart,
            plan.cdcStop,
            "here");
    task =
        new ReplicationTask(definition, plan.source, plan.target, this, new ByteBudget(64L << 20));
    end = new FutureTask<>(plan.loadOnly ? task::load : task::run);
    thread = new Thread(end, "t-test");
  }

  static TaskSettings settings(String json) {
    ObjectNode given = SettingsDocument.parse(json);
    return TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), given), given);
  }

  static Plan of(ScriptedSource source, RecordingTarget target) {
    return new Plan(source, target);
  }

  /** What the run shall do; a fresh load of all tables unless said otherwise. */
  static final class Plan {
    private final ScriptedSource source;
    private final RecordingTarget target;
    private String settings = "{}";
    private String mapping = ALL_TABLES;
    private @Nullable TableMapping parsed;
    private TaskDefinition.Start start = TaskDefinition.Start.FRESH;
    private final List<TableStatistics> earlier = new ArrayList<>();
    private MigrationType type = MigrationType.FULL_LOAD;
    private CdcStart cdcStart = new CdcStart.FromNow();
    private CdcStop cdcStop = new CdcStop.Never();
    private boolean loadOnly;

    Plan(ScriptedSource source, RecordingTarget target) {
      this.source = source;
      this.target = target;
    }

    Plan type(MigrationType what) {
      type = what;
      return this;
    }

    Plan from(CdcStart where) {
      cdcStart = where;
      return this;
    }

    Plan until(CdcStop where) {
      cdcStop = where;
      return this;
    }

    Plan loadOnly() {
      loadOnly = true;
      return this;
    }

    Plan settings(String json) {
      settings = json.replace('\'', '"');
      return this;
    }

    Plan mapping(String json) {
      mapping = json.replace('\'', '"');
      return this;
    }

    Plan mapping(TableMapping what) {
      parsed = what;
      return this;
    }

    /** Resumes after the run that has ended so. */
    Plan resuming(TestRun ended) {
      return resuming(ended.statistics());
    }

    Plan resuming(List<TableStatistics> known) {
      start = TaskDefinition.Start.RESUME;
      earlier.addAll(known);
      return this;
    }

    TestRun start() {
      TestRun run = new TestRun(this);
      run.thread.start();
      return run;
    }

    /** Runs to the end; the run is released before it starts. */
    TestRun run() {
      TestRun run = new TestRun(this);
      run.task.release();
      run.thread.start();
      run.end();
      return run;
    }

    /** Runs until it fails. */
    DmsException fails() {
      TestRun run = new TestRun(this);
      run.task.release();
      run.thread.start();
      return run.failure();
    }
  }

  TestRun awaitEvent(String event) {
    return awaitEvents(event, 1);
  }

  TestRun awaitEvents(String event, int count) {
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> events.stream().filter(event::equals).count() >= count);
    return this;
  }

  ReplicationTask task() {
    return task;
  }

  void interrupt() {
    thread.interrupt();
  }

  boolean isRunning() {
    return !end.isDone();
  }

  /** Waits until the run has ended, well or not. */
  boolean endsWell() {
    try {
      end.get(3, TimeUnit.MINUTES);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DmsException) {
        return false;
      }
      throw new AssertionError("Not a DmsException", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("The run does not end; it has told " + events + " " + logs, e);
    }
  }

  /** How the run has ended. */
  ReplicationTask.End end() {
    try {
      return end.get(3, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw new AssertionError("The run has failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("The run does not end; it has told " + events + " " + logs, e);
    }
  }

  DmsException failure() {
    try {
      throw new AssertionError(
          "The run has ended with " + end.get(3, TimeUnit.MINUTES) + "; it should have failed");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DmsException failure) {
        return failure;
      }
      throw new AssertionError("Not a DmsException", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("The run does not end; it has told " + events + " " + logs, e);
    }
  }

  @Override
  public void streaming(String position) {
    events.add("streaming");
  }

  @Override
  public void progress(ChangeProgress progress) {
    latencies.add(progress.sourceLatency());
    latencies.add(progress.targetLatency());
  }

  /** How far the capture and the apply were behind, each time that it was told. */
  List<Duration> latencies() {
    return List.copyOf(latencies);
  }

  List<TableStatistics> statistics() {
    return task.statistics();
  }

  TableStatistics table(String name) {
    return statistics().stream()
        .filter(t -> t.table().equals(TestTables.id(name)))
        .findFirst()
        .orElseThrow();
  }

  /** The states that the table went through, each once in a row. */
  List<TableState> states(String name) {
    return List.copyOf(states.getOrDefault(TestTables.id(name), List.of()));
  }

  List<String> events() {
    return List.copyOf(events);
  }

  List<String> logs() {
    return List.copyOf(logs);
  }

  @Override
  public void running() {
    events.add("running");
  }

  @Override
  public void tableChanged(TableStatistics statistics) {
    List<TableState> seen =
        states.computeIfAbsent(statistics.table(), id -> new CopyOnWriteArrayList<>());
    if (seen.isEmpty() || seen.getLast() != statistics.state()) {
      seen.add(statistics.state());
    }
  }

  @Override
  public void snapshotTaken(String position) {
    events.add("snapshot " + position);
  }

  @Override
  public void loaded() {
    events.add("loaded");
  }

  @Override
  public void retrying(DmsException failure, int attempt, int afterSeconds) {
    events.add("retry " + attempt + " after " + afterSeconds);
  }

  @Override
  public void log(Component component, Severity severity, String message) {
    logs.add(severity + " " + component + ": " + message);
  }
}
