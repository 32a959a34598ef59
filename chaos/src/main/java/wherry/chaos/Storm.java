package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.chaos.Findings.Kind;

/**
 * One storm: random statements define tables and write rows while a task follows them, is stopped,
 * killed and asked to reload; at its end each table is equal or said not to be.
 */
final class Storm {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** So long the task may take to notice what no log tells. */
  private static final Duration NOTICE = Duration.ofSeconds(45);

  private static final int FIRST_TABLES = 4;

  /** No row that is drawn has this number or a greater one as its key. */
  private static final int LAST = 1_000_000;

  private final Plan plan;
  private final Service service;
  private final Place source;
  private final Place target;
  private final String aside;
  private final TaskApi task;
  private final StormDraw draw;
  private final StormRows rows;
  private final StormDefinitions definitions;
  private final StormLeftAlone leftAlone;
  private final StormJudge judge;
  private final StormHistory history = new StormHistory();
  private final Findings findings = new Findings();
  private final String settings;
  private boolean stopped;
  private int fences;

  /**
   * What is to be run.
   *
   * @param seed everything that is drawn follows from it; the moments at which things happen do not
   * @param steps how often something is done
   */
  record Plan(long seed, Pair pair, int steps) {
    Path evidence(Path all) {
      return all.resolve("definitions-%s-%d".formatted(pair, seed));
    }
  }

  /**
   * What came out.
   *
   * @param statements that were not refused
   */
  record Result(Plan plan, int statements, Findings findings, Duration took) {}

  private Storm(Servers servers, Service service, Plan plan) {
    this.plan = plan;
    this.service = service;
    String name = "storm_" + plan.seed();
    Pair pair = plan.pair();
    source = Place.of(pair.source(), servers.source(pair.source()), name);
    target = Place.of(pair.target(), servers.target(pair.target()), name + "_copy");
    aside = name + "_aside";
    draw = new StormDraw(plan.seed());
    rows = new StormRows(pair.source(), draw);
    definitions = new StormDefinitions(source, aside, draw, rows);
    // What came to be drawn later has a seed of its own, so that known seeds draw the same as
    // before.
    leftAlone = new StormLeftAlone(draw.inHundred(70), new StormDraw(~plan.seed()).inHundred(80));
    judge = new StormJudge(source, target, leftAlone);
    settings = settings();
    task = new TaskApi(service, "storm-" + plan.seed(), source, target);
  }

  /**
   * Runs it on a service that storms share; whatever goes wrong is in the result.
   *
   * @param evidence where a storm that found something leaves what it did
   */
  static Result run(Servers servers, Service service, Plan plan, Path evidence)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Storm storm = new Storm(servers, service, plan);
    storm.run();
    if (!storm.findings.none()) {
      Path directory = Files.createDirectories(plan.evidence(evidence));
      Files.writeString(directory.resolve("history.txt"), storm.history.text());
      Files.writeString(
          directory.resolve("findings.txt"),
          plan
              + "\n"
              + storm.settings
              + "\n"
              + String.join("\n", storm.findings.examples())
              + "\n");
    }
    return new Result(
        plan,
        storm.history.statements(),
        storm.findings,
        Duration.ofNanos(System.nanoTime() - start));
  }

  private String settings() {
    return """
    {"TargetMetadata": {"BatchApplyEnabled": %s},
     "FullLoadSettings": {"TargetTablePrepMode": "DROP_AND_CREATE"},
     "ChangeProcessingTuning": {"BatchApplyTimeoutMin": 1, "BatchApplyTimeoutMax": 2, "CommitTimeout": 1,
       "MinTransactionSize": %d},
     "ChangeProcessingDdlHandlingPolicy": {"HandleSourceTableAltered": %s, "HandleSourceTableDropped": %s,
       "HandleSourceTableTruncated": %s},
     "ErrorBehavior": {"RecoverableErrorCount": 1000, "RecoverableErrorInterval": 1,
       "RecoverableErrorThrottling": false}}\
    """
        .formatted(
            draw.inHundred(50),
            draw.oneOf(1, 100, 1000),
            leftAlone.altered(),
            draw.inHundred(50),
            leftAlone.truncated());
  }

  private void run() throws InterruptedException {
    drop();
    try {
      attempt();
    } catch (SQLException | RuntimeException e) {
      broken(e);
    }
    if (task.isCreated()) {
      try {
        task.stop();
      } catch (RuntimeException e) {
        broken(e);
      }
      task.delete();
    }
    drop();
  }

  private void broken(Exception e) {
    findings.add(Kind.BROKEN, e.getMessage() == null ? e.toString() : e.getMessage());
  }

  private void drop() throws InterruptedException {
    source.drop();
    target.drop();
    if (source.dialect() != Dialect.POSTGRES) {
      source.server().execute("DROP DATABASE IF EXISTS " + aside);
    }
  }

  private void attempt() throws InterruptedException, SQLException {
    source.createSchema();
    target.createSchema();
    source.server().executeIn(source.database(), "CREATE SCHEMA " + aside);
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      String fence = "CREATE TABLE %s.%s (id int PRIMARY KEY)";
      history.execute(statement, fence.formatted(source.schema(), StormDefinitions.FENCE));
      for (int number = 1; number <= FIRST_TABLES; number++) {
        execute(statement, definitions.create("t" + number));
      }
      task.create(source.server().port(), target.server().port(), settings);
      start(StartReplicationTaskTypeValue.START_REPLICATION);
      for (int step = plan.steps(); step > 0; step--) {
        step(connection, statement);
      }
      if (stopped) {
        start(StartReplicationTaskTypeValue.RESUME_PROCESSING);
      }
      settle(statement, Kind.LOST);
      reloadWhatIsInError(statement);
    }
  }

  private void step(Connection connection, Statement statement)
      throws SQLException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(draw.inHundred(80) ? draw.below(150) : draw.below(1500));
    Map<String, StormTable> here = StormTable.of(connection, source.dialect(), source.schema());
    List<StormTable> tables = StormDefinitions.tables(here);
    int kind = draw.below(100);
    if (kind < 10) {
      disturb(tables);
    } else if (kind < 45 && !tables.isEmpty()) {
      execute(statement, List.of(rows.statement(draw.oneOf(tables))));
    } else if (kind < 60 && !tables.isEmpty()) {
      transaction(statement, tables, here);
    } else {
      Map<String, StormTable> away = StormTable.of(connection, source.dialect(), aside);
      execute(statement, definitions.statements(here, away));
    }
  }

  private void transaction(
      Statement statement, List<StormTable> tables, Map<String, StormTable> here) {
    List<String> all = new ArrayList<>(List.of("BEGIN"));
    for (int i = 1 + draw.below(4); i > 0; i--) {
      all.add(rows.statement(draw.oneOf(tables)));
      if (draw.inHundred(20)) {
        definitions.statements(here, Map.of()).stream()
            .filter(sql -> !sql.equals("BEGIN") && !sql.equals("COMMIT"))
            .forEach(all::add);
      }
    }
    all.add(draw.inHundred(80) ? "COMMIT" : "ROLLBACK");
    execute(statement, all);
  }

  /** A transaction ends with the statement that the server refuses. */
  private void execute(Statement statement, List<String> statements) {
    boolean inTransaction = false;
    for (String sql : statements) {
      inTransaction |= sql.equals("BEGIN");
      if (history.execute(statement, sql)) {
        leftAlone.executed(sql);
      } else if (inTransaction) {
        history.execute(statement, "ROLLBACK");
        return;
      }
    }
  }

  /** What happens to the task itself. */
  private void disturb(List<StormTable> tables) throws InterruptedException {
    if (stopped) {
      start(StartReplicationTaskTypeValue.RESUME_PROCESSING);
      return;
    }
    switch (draw.below(6)) {
      case 0, 1 -> {
        awaitRunning();
        history.add("# the task is stopped");
        task.stop();
        stopped = true;
      }
      case 2 -> {
        history.add("# the service is killed");
        service.kill();
        service.restart();
        history.add("# the service is there again");
      }
      default -> {
        List<String> some =
            tables.stream().map(StormTable::name).filter(name -> draw.inHundred(50)).toList();
        if (!some.isEmpty()) {
          reload(some);
        }
      }
    }
  }

  private void reload(List<String> tables) {
    String outcome = "";
    try {
      task.reloadNamed(tables);
    } catch (AwsServiceException e) {
      outcome = " -- refused: " + e.awsErrorDetails().errorMessage();
    }
    history.add("# reload of " + tables + outcome);
  }

  private void start(StartReplicationTaskTypeValue how) throws InterruptedException {
    history.add("# " + how);
    task.start(how);
    stopped = false;
    if (draw.inHundred(50)) {
      awaitRunning();
    }
  }

  private void awaitRunning() throws InterruptedException {
    task.awaitStatus("running");
  }

  /**
   * Until all that was written has arrived and both sides are equal, or it is clear they stay
   * apart.
   */
  private void settle(Statement statement, Kind kind) throws InterruptedException, SQLException {
    awaitRunning();
    for (StormTable table :
        StormDefinitions.tables(
            StormTable.of(statement.getConnection(), source.dialect(), source.schema()))) {
      history.execute(statement, rows.last(table, LAST + fences));
    }
    int fence = ++fences;
    history.execute(
        statement,
        "INSERT INTO %s.%s VALUES (%d)".formatted(source.schema(), StormDefinitions.FENCE, fence));
    Patience.await(
        "the last row to arrive",
        PATIENCE,
        () -> {
          task.describe();
          return target.number(
                  "SELECT count(*) FROM %s.%s WHERE id = %d"
                      .formatted(target.schema(), StormDefinitions.FENCE, fence))
              == 1;
        });
    if (!Patience.within(NOTICE, () -> judge.silent(task.tables()).isEmpty())) {
      List<TableStatistics> told = task.tables();
      judge.silent(told).forEach(silent -> findings.add(kind, silent));
      told.forEach(table -> history.add("# " + table.tableName() + ": " + table.tableState()));
    }
  }

  private void reloadWhatIsInError(Statement statement) throws InterruptedException, SQLException {
    List<String> tables = judge.inError(task.tables());
    if (tables.isEmpty() || !findings.none()) {
      return;
    }
    // Each by itself: a call with one that cannot be followed yet is refused as a whole.
    tables.forEach(table -> reload(List.of(table)));
    boolean mended =
        Patience.within(
            NOTICE,
            () -> {
              for (String table : judge.inError(task.tables())) {
                if (judge.canBeFollowed(table)) {
                  return false;
                }
              }
              return true;
            });
    if (!mended) {
      findings.add(Kind.BROKEN, "in error after ReloadTables: " + judge.inError(task.tables()));
    }
    settle(statement, Kind.LOST);
  }

  /** The command that repeats what was drawn. */
  static String again(Plan plan) {
    return "./wherry chaos --definitions %d --runs 1 --seed %d --pair %s"
        .formatted(plan.steps(), plan.seed(), plan.pair());
  }
}
