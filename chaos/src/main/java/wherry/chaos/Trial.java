package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Findings.Kind;
import wherry.chaos.History.Outcome;
import wherry.chaos.Servers.ClockedServer;
import wherry.chaos.Workload.Fence;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.Directories;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.SandboxException;
import wherry.sandbox.ShiftedClock;

/**
 * One run: a full load with change processing between two servers that others share, while clients
 * write and something goes wrong; and then the judgement.
 */
final class Trial {
  private static final Duration LOAD_PATIENCE = Duration.ofMinutes(3);
  private static final Duration CATCH_UP_PATIENCE = Duration.ofMinutes(3);
  private static final Duration OBSERVER_PATIENCE = Duration.ofMinutes(3);
  private static final Duration CLEAN_PATIENCE = Duration.ofMinutes(3);

  /** So slow is the way to the target while a fault of the load is awaited. */
  private static final long LOAD_BYTES_PER_SECOND = 600_000;

  /** So often the observer looks on while all goes on after the fault. */
  private static final int MORE_LOOKS = 30;

  private final Servers servers;
  private final Plan plan;
  private final Path directory;
  private final SplittableRandom random;
  private final Place source;
  private final Place target;
  private final History history = new History();
  private final Findings findings = new Findings();
  private final Watch watch;
  private final Judge judge;

  /** The one that jumps, if any does. */
  private final Optional<ShiftedClock> clock;

  private int injected;

  /**
   * What is to be run.
   *
   * @param seed everything that is drawn in the run follows from it; the moments at which things
   *     happen do not
   * @param phase when it goes wrong
   */
  record Plan(int number, long seed, Pair pair, Fault fault, Phase phase) {
    /** By its seed a run applies its changes in transactions or in batches. */
    boolean isBatch() {
      return (seed & 1) == 1;
    }

    String mode() {
      return isBatch() ? "batch" : "transactional";
    }

    /** Where logs, history and rows of the run are; gone when nothing was found. */
    Path evidence(Path all) {
      return all.resolve("%s-%s-%s-%d".formatted(pair, fault, phase, seed));
    }

    @Override
    public String toString() {
      return "%s %s in %s, %s".formatted(pair, fault, phase, mode());
    }
  }

  /**
   * What came out.
   *
   * @param injected how often the fault happened
   * @param acknowledged transactions that clients were told are committed
   * @param looks of the observer at the target
   */
  record Result(
      Plan plan, int injected, long acknowledged, long looks, Findings findings, Duration took) {}

  private Trial(Servers servers, Plan plan, Path directory) {
    this.servers = servers;
    this.plan = plan;
    this.directory = directory;
    random = new SplittableRandom(plan.seed());
    Dialect from = plan.pair().source();
    Dialect to = plan.pair().target();
    DatabaseServer sourceServer;
    switch (plan.fault()) {
      case SOURCE_CLOCK -> {
        ClockedServer clocked = servers.clockedSource(from);
        sourceServer = clocked.server();
        clock = Optional.of(clocked.clock());
      }
      case SERVICE_CLOCK -> {
        sourceServer = servers.source(from);
        clock = Optional.of(servers.serviceClock());
      }
      default -> {
        sourceServer = servers.source(from);
        clock = Optional.empty();
      }
    }
    source = Place.of(from, sourceServer, "shop_" + plan.number());
    target = Place.of(to, servers.target(to), "copy_" + plan.number());
    watch = new Watch(findings, !plan.isBatch());
    judge = new Judge(source, target, history, findings);
  }

  /** Runs it; whatever goes wrong is in the result. */
  static Result run(Servers servers, Plan plan, Path evidence)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path directory = plan.evidence(evidence);
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
        Duration.ofNanos(System.nanoTime() - start));
  }

  private void run() throws IOException, InterruptedException {
    clean(source);
    clean(target);
    try {
      attempt();
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

  private void attempt() throws IOException, InterruptedException, SQLException {
    source.createTables();
    target.createSchema();
    try (FaultProxy sourceProxy = FaultProxy.to(source.server().port());
        FaultProxy targetProxy = FaultProxy.to(target.server().port());
        Service service = Service.start(directory, serviceEnvironment())) {
      TaskApi task = new TaskApi(service, "chaos", source, target);
      Injector injector =
          new Injector(
              service,
              task,
              source,
              target,
              sourceProxy,
              targetProxy,
              servers.disk(plan.pair().target()),
              clock,
              random.split());
      task.create(sourceProxy.port(), targetProxy.port(), settings());
      migrate(task, injector, targetProxy);
      judge.compare(directory);
      judge.checkNothingWasPutAside(task.name());
      task.stop();
      task.delete();
      judge.checkNothingIsLeft();
    }
  }

  private Map<String, String> serviceEnvironment() {
    return plan.fault() == Fault.SERVICE_CLOCK ? clock.orElseThrow().environment() : Map.of();
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
    try (Workload workload = Workload.start(source, history, random.split());
        Observer observer = Observer.start(target, watch, plan.fault() != Fault.RELOAD_TABLES)) {
      if (plan.phase() == Phase.LOAD) {
        targetProxy.slow(LOAD_BYTES_PER_SECOND);
      }
      task.start(StartReplicationTaskTypeValue.START_REPLICATION);
      if (plan.phase() == Phase.LOAD) {
        Patience.await(
            "the first loaded rows",
            LOAD_PATIENCE,
            () -> task.tables().stream().anyMatch(table -> table.fullLoadRows() > 0));
        injected = injector.inject(plan.fault());
        targetProxy.heal();
      }
      Patience.await("the load", LOAD_PATIENCE, task::isLoaded);
      if (plan.phase() == Phase.CATCH_UP) {
        injected = injector.inject(plan.fault());
        Patience.await("the load", LOAD_PATIENCE, task::isLoaded);
      }
      awaitArrival(workload.fence(), task);
      watch.arm();
      if (plan.phase() == Phase.STREAM) {
        if (plan.fault() == Fault.RELOAD_TABLES) {
          watch.disarm();
        }
        injector.settle();
        injected = injector.inject(plan.fault());
        awaitArrival(workload.fence(), task);
        watch.arm();
      }
      long looks = watch.looks();
      Patience.await("the observer", OBSERVER_PATIENCE, () -> watch.looks() > looks + MORE_LOOKS);
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

  private void keep(String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }
}
