package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Findings.Kind;
import wherry.chaos.History.Outcome;
import wherry.chaos.Workload.Fence;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.Directories;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.SandboxException;

/**
 * One run: a full load with change processing between two servers that others share, while clients
 * write and something goes wrong; and then the judgement.
 */
final class Trial {
  private static final Duration LOAD_PATIENCE = Duration.ofSeconds(90);
  private static final Duration CATCH_UP_PATIENCE = Duration.ofSeconds(120);
  private static final Duration CLEAN_PATIENCE = Duration.ofSeconds(60);
  private static final Duration EQUAL_PATIENCE = Duration.ofSeconds(20);

  /** So slow is the way to the target while a fault of the load is awaited. */
  private static final long LOAD_BYTES_PER_SECOND = 2_000_000;

  private final Servers servers;
  private final Plan plan;
  private final Path directory;
  private final SplittableRandom random;
  private final Place source;
  private final Place target;
  private final History history = new History();
  private final Findings findings = new Findings();
  private final Watch watch;
  private int injected;

  /**
   * What is to be run.
   *
   * @param seed everything that is drawn in the run follows from it; the moments at which things
   *     happen do not
   */
  record Plan(int number, long seed, Pair pair, Fault fault) {
    /** By its seed a run applies its changes in transactions or in batches. */
    boolean isBatch() {
      return (seed & 1) == 1;
    }

    @Override
    public String toString() {
      return "%s %s %s".formatted(pair, fault, isBatch() ? "batch" : "transactional");
    }
  }

  /**
   * What came out.
   *
   * @param injected how often the fault happened
   * @param acknowledged transactions that clients were told are committed
   * @param evidence where logs, history and rows are; gone when nothing was found
   */
  record Result(
      Plan plan,
      int injected,
      long acknowledged,
      long looks,
      Findings findings,
      Duration took,
      Path evidence) {}

  private Trial(Servers servers, Plan plan, Path directory) {
    this.servers = servers;
    this.plan = plan;
    this.directory = directory;
    random = new SplittableRandom(plan.seed());
    source = place(plan.pair().source(), servers.source(plan.pair().source()), "shop_");
    target = place(plan.pair().target(), servers.target(plan.pair().target()), "copy_");
    watch = new Watch(findings, !plan.isBatch());
  }

  private Place place(Dialect dialect, DatabaseServer server, String prefix) {
    return Place.of(dialect, server, prefix + plan.number());
  }

  /** Runs it; whatever goes wrong is in the result. */
  static Result run(Servers servers, Plan plan, Path evidence)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path directory =
        evidence.resolve("%03d-%s-%s".formatted(plan.number(), plan.pair(), plan.fault()));
    Directories.delete(directory);
    Files.createDirectories(directory);
    Trial trial = new Trial(servers, plan, directory);
    trial.run();
    if (trial.findings.none()) {
      Directories.delete(directory);
    }
    return new Result(
        plan,
        trial.injected,
        trial.history.count(Outcome.ACKNOWLEDGED),
        trial.watch.looks(),
        trial.findings,
        Duration.ofNanos(System.nanoTime() - start),
        directory);
  }

  private void run() throws IOException, InterruptedException {
    clean(source);
    clean(target);
    source.createTables();
    target.createSchema();
    try (FaultProxy sourceProxy = FaultProxy.to(source.server().port());
        FaultProxy targetProxy = FaultProxy.to(target.server().port());
        Service service = Service.start(directory)) {
      TaskApi task = new TaskApi(service, source, target);
      Injector injector =
          new Injector(
              service,
              task,
              source,
              target,
              sourceProxy,
              targetProxy,
              servers.disk(plan.pair().target()),
              random.split());
      task.create(sourceProxy.port(), targetProxy.port(), settings());
      migrate(task, injector, targetProxy);
      judge(task);
      task.stop();
      task.delete();
      checkNothingIsLeft();
    } catch (SQLException | RuntimeException e) {
      findings.add(Kind.BROKEN, e.getMessage() == null ? e.toString() : e.getMessage());
      keep("failure.txt", e + "\n" + List.of(e.getStackTrace()));
    }
    clean(source);
    clean(target);
    if (!findings.none()) {
      keep("findings.txt", plan + "\n" + String.join("\n", findings.examples()) + "\n");
      keep("history.txt", history.text());
    }
  }

  /** A server that a full disk has felled is started again first. */
  private void clean(Place place) throws InterruptedException {
    boolean clean =
        Patience.within(
            CLEAN_PATIENCE,
            () -> {
              try {
                if (!place.server().isRunning()) {
                  place.server().restart();
                }
                place.drop();
                return true;
              } catch (SandboxException notYet) {
                return false;
              }
            });
    if (!clean) {
      findings.add(Kind.BROKEN, "database " + place.database() + " cannot be dropped");
    }
  }

  private void migrate(TaskApi task, Injector injector, FaultProxy targetProxy)
      throws InterruptedException, SQLException {
    List<Phase> phases = new ArrayList<>(plan.fault().phases());
    Phase phase = phases.get(random.nextInt(phases.size()));
    try (Workload workload = Workload.start(source, history, random.split());
        Observer observer = Observer.start(target, watch, plan.fault() != Fault.RELOAD_TABLES)) {
      if (phase == Phase.LOAD) {
        targetProxy.slow(LOAD_BYTES_PER_SECOND);
      }
      task.start(StartReplicationTaskTypeValue.START_REPLICATION);
      if (phase == Phase.LOAD) {
        Patience.await(
            "the first loaded rows",
            LOAD_PATIENCE,
            () -> task.tables().stream().anyMatch(table -> table.fullLoadRows() > 0));
        injected = injector.inject(plan.fault());
        targetProxy.heal();
      }
      Patience.await("the load", LOAD_PATIENCE, task::isLoaded);
      if (phase == Phase.CATCH_UP) {
        injected = injector.inject(plan.fault());
        Patience.await("the load", LOAD_PATIENCE, task::isLoaded);
      }
      awaitArrival(workload.fence(), task);
      watch.arm();
      injector.settle();
      if (phase == Phase.STREAM) {
        if (plan.fault() == Fault.RELOAD_TABLES) {
          watch.disarm();
        }
        injected = injector.inject(plan.fault());
        awaitArrival(workload.fence(), task);
        watch.arm();
      }
      TimeUnit.MILLISECONDS.sleep(500);
      workload.close();
      awaitArrival(workload.fence(), task);
      observer.close();
    }
  }

  private void awaitArrival(Fence fence, TaskApi task) throws InterruptedException {
    Patience.await(
        "the target to catch up",
        CATCH_UP_PATIENCE,
        () -> {
          task.describe();
          return fence.isIn(target);
        });
  }

  /** Nobody writes any more, so source and target become equal, or something is wrong. */
  private void judge(TaskApi task) throws InterruptedException, SQLException, IOException {
    Contents wanted = Contents.read(source);
    Patience.within(
        EQUAL_PATIENCE,
        () -> {
          Findings now = new Findings();
          Checker.check(history, wanted, Contents.read(target), now);
          return now.none();
        });
    Contents found = Contents.read(target);
    Checker.check(history, wanted, found, findings);
    long exceptions = exceptions(task.name());
    if (exceptions > 0) {
      findings.add(Kind.BROKEN, exceptions + " changes were put aside (awsdms_apply_exceptions)");
    }
    if (!findings.none()) {
      keep("source.txt", text(wanted));
      keep("target.txt", text(found));
    }
  }

  /** Changes that the target refused: with equal rows to begin with there are none. */
  private long exceptions(String taskName) throws SQLException {
    boolean postgres = target.dialect() == Dialect.POSTGRES;
    String schema = postgres ? "public" : "awsdms_control";
    long exists =
        target.number(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = '%s'"
                    .formatted(schema)
                + " AND table_name = 'awsdms_apply_exceptions'");
    return exists == 0
        ? 0
        : target.number(
            "SELECT count(*) FROM %s.awsdms_apply_exceptions WHERE %s = '%s'"
                .formatted(schema, postgres ? "\"TASK_NAME\"" : "TASK_NAME", taskName));
  }

  private void checkNothingIsLeft() throws SQLException {
    if (source.dialect() == Dialect.POSTGRES) {
      long left =
          source.number(
              "SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())"
                  + " + (SELECT count(*) FROM pg_publication)");
      if (left > 0) {
        findings.add(Kind.BROKEN, left + " slots and publications are left in the source");
      }
    }
  }

  private String settings() {
    int minTransactionSize = List.of(1, 100, 1000).get(random.nextInt(3));
    return """
    {"TargetMetadata": {"BatchApplyEnabled": %s},
     "FullLoadSettings": {"TargetTablePrepMode": "DROP_AND_CREATE", "MaxFullLoadSubTasks": %d},
     "ChangeProcessingTuning": {"BatchApplyTimeoutMin": 1, "BatchApplyTimeoutMax": 2, "CommitTimeout": 1,
       "MinTransactionSize": %d},
     "ErrorBehavior": {"RecoverableErrorCount": 1000, "RecoverableErrorInterval": 1,
       "RecoverableErrorThrottling": false}}\
    """
        .formatted(plan.isBatch(), 1 + random.nextInt(4), minTransactionSize);
  }

  private static String text(Contents contents) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Table, Map<String, Integer>> table : contents.rows().entrySet()) {
      table
          .getValue()
          .forEach((row, count) ->
              text.append(table.getKey())
                  .append('|')
                  .append(row)
                  .append(" x")
                  .append(count)
                  .append('\n'));
    }
    return text.toString();
  }

  private void keep(String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }
}
