package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;
import wherry.task.ReplicationTask;
import wherry.task.SettingsDocument;
import wherry.task.TableState;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskSettings;
import wherry.testing.QuietListener;

/**
 * Tables that go, come or are renamed while a task begins: none is lost, none takes others with it.
 */
class DroppedTablesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String RULES =
      """
      {"rules":[
        {"rule-type":"selection","rule-id":1,"rule-name":"1","rule-action":"include",
         "object-locator":{"schema-name":"src","table-name":"%"}},
        {"rule-type":"transformation","rule-id":2,"rule-name":"2","rule-target":"schema",
         "object-locator":{"schema-name":"src"},"rule-action":"rename","value":"dst"}]}\
      """;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_that_goes_between_the_snapshot_and_its_reading_is_in_error_until_it_is_reloaded(
      Engine engine) throws Exception {
    tablesOfOneRow(engine, "again", "gone", "stays");
    Map<String, List<String>> whenPrepared = new ConcurrentHashMap<>();
    whenPrepared.put("gone", List.of("DROP TABLE gone"));
    whenPrepared.put(
        "again",
        List.of(
            "DROP TABLE again",
            "CREATE TABLE again (id int PRIMARY KEY)",
            "INSERT INTO again VALUES (2)"));
    try (Source source = engine.source();
        Target target = engine.target()) {
      ReplicationTask task = task(source, afterPreparing(target, engine, whenPrepared));
      CompletableFuture<ReplicationTask.End> end = CompletableFuture.supplyAsync(task::run);
      try {
        awaitState(task, "gone", TableState.ERROR);
        awaitState(task, "again", TableState.ERROR);
        awaitState(task, "stays", TableState.COMPLETED);
        for (String table : List.of("gone", "again")) {
          assertThat(row(task, table).message())
              .contains("src." + table, "dropped", "since the load began", "eload");
        }
        engine.execute("src", "INSERT INTO stays VALUES (2)");
        awaitRows(engine, "stays", "1", "2");

        task.reload(List.of(new TableId("src", "again")));
        awaitState(task, "again", TableState.COMPLETED);
        engine.execute("src", "INSERT INTO again VALUES (3)");
        awaitRows(engine, "again", "2", "3");

        task.reload(List.of(new TableId("src", "gone")));
        awaitState(task, "gone", TableState.ERROR);
        engine.execute("src", "INSERT INTO stays VALUES (3)");
        awaitRows(engine, "stays", "1", "2", "3");
        engine.execute(
            "src", "CREATE TABLE gone (id int PRIMARY KEY)", "INSERT INTO gone VALUES (4)");
        task.reload(List.of(new TableId("src", "gone")));
        awaitState(task, "gone", TableState.COMPLETED);
        awaitRows(engine, "gone", "4");
      } finally {
        task.stop();
        assertThat(end.get(3, TimeUnit.MINUTES)).isEqualTo(ReplicationTask.End.NORMAL);
        source.changeLog("DROPPED").drop();
      }
    }
  }

  /** The task looks for its tables once, and reads the log from before that on. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_that_come_or_are_renamed_while_a_task_looks_for_its_tables_are_followed(Engine engine)
      throws Exception {
    tablesOfOneRow(engine, "early", "early_again", "late", "late_again", "stays");
    List<String> before =
        List.of(
            "RENAME TABLE early TO early_renamed",
            "INSERT INTO early_renamed VALUES (2)",
            "CREATE TABLE early_new (id int PRIMARY KEY)",
            "INSERT INTO early_new VALUES (1)",
            "DROP TABLE early_again",
            "CREATE TABLE early_again (id int PRIMARY KEY)",
            "INSERT INTO early_again VALUES (2)");
    List<String> after =
        List.of(
            "RENAME TABLE late TO late_renamed",
            "INSERT INTO late_renamed VALUES (2)",
            "CREATE TABLE late_new (id int PRIMARY KEY)",
            "INSERT INTO late_new VALUES (1)",
            "DROP TABLE late_again",
            "CREATE TABLE late_again (id int PRIMARY KEY)",
            "INSERT INTO late_again VALUES (2)");
    try (Source source = engine.source();
        Target target = engine.target()) {
      ReplicationTask task = task(aroundFinding(source, engine, before, after), target);
      CompletableFuture<ReplicationTask.End> end = CompletableFuture.supplyAsync(task::run);
      try {
        for (String table :
            List.of(
                "early_renamed",
                "early_new",
                "early_again",
                "late_renamed",
                "late_new",
                "late_again",
                "stays")) {
          awaitState(task, table, TableState.COMPLETED);
          engine.execute("src", "INSERT INTO %s VALUES (3)".formatted(table));
        }
        awaitRows(engine, "early_renamed", "1", "2", "3");
        awaitRows(engine, "early_new", "1", "3");
        awaitRows(engine, "early_again", "2", "3");
        awaitRows(engine, "late_again", "2", "3");
        awaitRows(engine, "late_renamed", "1", "2", "3");
        awaitRows(engine, "late_new", "1", "3");
        awaitRows(engine, "stays", "1", "3");
      } finally {
        task.stop();
        assertThat(end.get(3, TimeUnit.MINUTES)).isEqualTo(ReplicationTask.End.NORMAL);
        source.changeLog("DROPPED").drop();
      }
    }
  }

  private static void tablesOfOneRow(Engine engine, String... tables) {
    engine.fresh("dst");
    engine.fresh("src");
    for (String table : tables) {
      engine.execute(
          "src",
          "CREATE TABLE %s (id int PRIMARY KEY)".formatted(table),
          "INSERT INTO %s VALUES (1)".formatted(table));
    }
  }

  private static TableStatistics row(ReplicationTask task, String table) {
    return task.statistics().stream()
        .filter(row -> row.table().equals(new TableId("src", table)))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitState(ReplicationTask task, String table, TableState state) {
    await().atMost(PATIENCE).ignoreExceptions().until(() -> row(task, table).state() == state);
  }

  private static void awaitRows(Engine engine, String table, String... rows) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(Applying.query(engine, "SELECT id FROM dst.%s ORDER BY id".formatted(table)))
                .containsExactly(rows));
  }

  /** The snapshot stands when the first table is prepared, and no row of that table is read. */
  private static Target afterPreparing(
      Target target, Engine engine, Map<String, List<String>> statements) {
    return watched(
        Target.class,
        target,
        (call, arguments) -> {
          if (call.equals("prepare")) {
            String table = ((TableSchema) arguments[0]).id().name();
            execute(engine, statements.remove(table));
          }
        },
        call -> {});
  }

  /** Statements just before, and just after, the catalogue is read for the first time. */
  private static Source aroundFinding(
      Source source, Engine engine, List<String> before, List<String> after) {
    Deque<List<String>> todo = new ArrayDeque<>(List.of(before, after));
    return watched(
        Source.class,
        source,
        (call, arguments) -> {
          if (call.equals("tables") && todo.size() == 2) {
            execute(engine, todo.poll());
          }
        },
        call -> {
          if (call.equals("tables")) {
            execute(engine, todo.poll());
          }
        });
  }

  private static void execute(Engine engine, @Nullable List<String> statements) {
    if (statements != null) {
      engine.execute("src", statements.toArray(String[]::new));
    }
  }

  private static <T> T watched(
      Class<T> type, T real, BiConsumer<String, Object[]> before, Consumer<String> after) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              before.accept(method.getName(), arguments);
              try {
                Object given = method.invoke(real, arguments);
                after.accept(method.getName());
                return given;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private static ReplicationTask task(Source source, Target target) {
    ObjectNode given =
        SettingsDocument.parse("{\"ErrorBehavior\":{\"RecoverableErrorInterval\":0}}");
    TaskDefinition definition =
        new TaskDefinition(
            "DROPPED",
            TableMapping.parse(RULES),
            TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), given), given),
            TaskDefinition.Start.FRESH,
            List.of(),
            MigrationType.FULL_LOAD_AND_CDC,
            new CdcStart.FromNow(),
            new CdcStop.Never(),
            "");
    return new ReplicationTask(
        definition, source, target, new QuietListener(), new ByteBudget(64 << 20));
  }
}
