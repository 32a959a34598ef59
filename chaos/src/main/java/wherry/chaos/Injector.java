package wherry.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.SandboxException;
import wherry.sandbox.ShiftedClock;
import wherry.sandbox.SmallDisk;

/**
 * Lets things go wrong, and mends what it broke: when it returns, every server runs, every network
 * passes and the service is up.
 */
final class Injector {
  private static final Duration CRASH_PATIENCE = Duration.ofSeconds(15);
  private static final Duration LOCK_PATIENCE = Duration.ofMinutes(3);
  private static final Duration RELOAD_PATIENCE = Duration.ofMinutes(3);
  private static final List<Duration> JUMPS =
      List.of(
          Duration.ofMillis(800),
          Duration.ofSeconds(7),
          Duration.ofSeconds(100),
          Duration.ofHours(2),
          Duration.ofHours(30));
  private static final long SLOW_BYTES_PER_SECOND = 200_000;

  private final Service service;
  private final TaskApi task;
  private final Place source;
  private final Place target;
  private final FaultProxy sourceProxy;
  private final FaultProxy targetProxy;
  private final Optional<SmallDisk> targetDisk;
  private final Optional<ShiftedClock> clock;
  private final SplittableRandom random;

  Injector(
      Service service,
      TaskApi task,
      Place source,
      Place target,
      FaultProxy sourceProxy,
      FaultProxy targetProxy,
      Optional<SmallDisk> targetDisk,
      Optional<ShiftedClock> clock,
      SplittableRandom random) {
    this.service = service;
    this.task = task;
    this.source = source;
    this.target = target;
    this.sourceProxy = sourceProxy;
    this.targetProxy = targetProxy;
    this.targetDisk = targetDisk;
    this.clock = clock;
    this.random = random;
  }

  /**
   * @return how often it happened; a crash point that is never passed, or a deadlock that nobody
   *     ran into, did not
   */
  int inject(Fault fault) throws InterruptedException, SQLException {
    return switch (fault) {
      case NOTHING -> 0;
      case KILL_SERVICE -> killService();
      case CRASH_BEFORE_COMMIT -> crash(CrashPoint.At.BEFORE_COMMIT, targetProxy);
      case CRASH_AFTER_COMMIT -> crash(CrashPoint.At.AFTER_COMMIT, targetProxy);
      case CRASH_BEFORE_ACKNOWLEDGE -> crash(CrashPoint.At.BEFORE_ACKNOWLEDGE, sourceProxy);
      case KILL_SOURCE -> killServer(source.server());
      case KILL_TARGET -> killServer(target.server());
      case CUT_SOURCE -> cut(sourceProxy);
      case CUT_TARGET -> cut(targetProxy);
      case STALL_SOURCE -> stall(sourceProxy);
      case STALL_TARGET -> stall(targetProxy);
      case HALF_OPEN_SOURCE -> leaveHalfOpen(sourceProxy);
      case HALF_OPEN_TARGET -> leaveHalfOpen(targetProxy);
      case SLOW_NETWORK -> slowDown();
      case FULL_DISK -> fillDisk(targetDisk.orElseThrow());
      case LOCKED_ROWS -> lockRows();
      case DEADLOCK -> deadlock();
      case SERVICE_CLOCK, SOURCE_CLOCK -> jump(clock.orElseThrow());
      case STOP_AND_RESUME -> stopAndResume();
      case RELOAD_TABLES -> reloadTables();
    };
  }

  private int killService() throws InterruptedException {
    int kills = 1 + random.nextInt(3);
    for (int kill = 0; kill < kills; kill++) {
      pause(0, 1000);
      service.kill();
      pause(0, 300);
      service.restart();
    }
    return kills;
  }

  private int crash(CrashPoint.At at, FaultProxy proxy) throws InterruptedException {
    // A source is told what it may forget only every few seconds.
    int toPass = random.nextInt(at == CrashPoint.At.BEFORE_ACKNOWLEDGE ? 2 : 4);
    CrashPoint point = new CrashPoint(at, toPass, service::kill);
    proxy.tap(point);
    boolean crashed = point.await(CRASH_PATIENCE);
    proxy.tap((connection, toServer, bytes, length) -> true);
    if (!service.isAlive()) {
      service.restart();
    }
    return crashed ? 1 : 0;
  }

  private int killServer(DatabaseServer server) throws InterruptedException {
    int kills = 1 + random.nextInt(2);
    for (int kill = 0; kill < kills; kill++) {
      server.kill();
      pause(0, 1000);
      server.restart();
      pause(0, 1000);
    }
    return kills;
  }

  /** Several short cuts, then none gets through for a while. */
  private int cut(FaultProxy proxy) throws InterruptedException {
    int cuts = 2 + random.nextInt(5);
    for (int cut = 0; cut < cuts; cut++) {
      proxy.cut();
      pause(50, 500);
    }
    proxy.refuse();
    pause(200, 2000);
    proxy.heal();
    return cuts + 1;
  }

  private int stall(FaultProxy proxy) throws InterruptedException {
    proxy.stall();
    pause(1000, 4000);
    proxy.heal();
    return 1;
  }

  private int leaveHalfOpen(FaultProxy proxy) throws InterruptedException {
    int open = proxy.open();
    proxy.leaveHalfOpen();
    pause(500, 1000);
    return open;
  }

  private int slowDown() throws InterruptedException {
    sourceProxy.slow(SLOW_BYTES_PER_SECOND);
    targetProxy.slow(SLOW_BYTES_PER_SECOND);
    pause(2000, 4000);
    sourceProxy.heal();
    targetProxy.heal();
    return 1;
  }

  /** A server that gives up over it is started again once there is room. */
  private int fillDisk(SmallDisk disk) throws InterruptedException, SQLException {
    disk.fill();
    try {
      pause(1000, 3000);
    } finally {
      disk.free();
      endWaitForSpace();
    }
    if (!target.server().isRunning()) {
      target.server().restart();
    }
    return 1;
  }

  /**
   * MariaDB 11.4 says that it looks for space again after a minute, but waits until somebody ends
   * the session (mariadb_sleep_for_space waits without a time).
   */
  private void endWaitForSpace() throws SQLException {
    if (target.dialect() != Dialect.MARIADB || !target.server().isRunning()) {
      return;
    }
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      List<String> waiting = new ArrayList<>();
      try (ResultSet sessions =
          statement.executeQuery(
              "SELECT id FROM information_schema.processlist WHERE state = 'Waiting for someone to free space'")) {
        while (sessions.next()) {
          waiting.add(sessions.getString(1));
        }
      }
      for (String session : waiting) {
        statement.execute("KILL " + session);
      }
    }
  }

  /** Longer than the target lets anyone wait for a lock. */
  private int lockRows() throws InterruptedException, SQLException {
    long deadline = System.nanoTime() + LOCK_PATIENCE.toNanos();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!locks(statement, deadline)) {
        connection.rollback();
      }
      pause(1500, 3000);
      connection.rollback();
    }
    return 1;
  }

  /** False when the service has held a row longer than the target lets us wait, too. */
  private boolean locks(Statement statement, long deadline) throws SQLException {
    try {
      statement.execute("SELECT id FROM " + target.table(Table.ACCOUNT) + " FOR UPDATE");
      return true;
    } catch (SQLException e) {
      if (System.nanoTime() > deadline) {
        throw e;
      }
      return false;
    }
  }

  /** Locks rows in an order that nobody else uses until it, or the service, is the victim. */
  private int deadlock() throws InterruptedException, SQLException {
    long before = deadlocks();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
    while (System.nanoTime() < deadline && deadlocks() < before + 2) {
      try (Connection connection = target.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        for (Table table : List.of(Table.DOCUMENT, Table.ACCOUNT, Table.CHAIN)) {
          for (int row = 0; row < 3; row++) {
            statement.execute(
                "SELECT id FROM %s WHERE id >= %d ORDER BY id DESC LIMIT 4 FOR UPDATE"
                    .formatted(target.table(table), random.nextInt(Writes.DOCUMENTS)));
            pause(20, 150);
          }
        }
        connection.rollback();
      } catch (SQLException victim) {
        // The deadlock was ours to pay for; the next one may be the service's.
      }
    }
    return (int) (deadlocks() - before);
  }

  private long deadlocks() throws SQLException {
    return target.number(
        target.dialect() == Dialect.POSTGRES
            ? "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            : "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'");
  }

  /** Ahead and back by less than a second, by more than any timeout and by more than a day. */
  private int jump(ShiftedClock clock) throws InterruptedException {
    int jumps = 3 + random.nextInt(3);
    for (int jump = 0; jump < jumps; jump++) {
      Duration distance = JUMPS.get(random.nextInt(JUMPS.size()));
      clock.shift(random.nextBoolean() ? distance : distance.negated());
      pause(300, 1200);
    }
    clock.shift(Duration.ZERO);
    return jumps + 1;
  }

  private int stopAndResume() throws InterruptedException {
    task.stop();
    pause(0, 1000);
    task.start(StartReplicationTaskTypeValue.RESUME_PROCESSING);
    return 1;
  }

  private int reloadTables() throws InterruptedException {
    List<Table> tables =
        random.nextBoolean()
            ? List.of(Table.ACCOUNT, Table.KEYLESS)
            : List.of(Table.values()[random.nextInt(Table.values().length)]);
    Instant now = Instant.now();
    task.reload(tables);
    Patience.await(
        "the reload of " + tables, RELOAD_PATIENCE, () -> task.isLoadedSince(tables, now));
    return tables.size();
  }

  private void pause(int least, int most) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(random.nextInt(least, most + 1));
  }

  /** Waits until the fault may happen within a phase that has begun. */
  void settle() throws InterruptedException {
    pause(0, 1000);
    if (!service.isAlive()) {
      throw new SandboxException("the service is down; its log ends:\n" + service.logTail());
    }
  }
}
