package wherry.task;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog;
import wherry.connector.ScriptedLog.Delete;
import wherry.connector.ScriptedLog.Insert;
import wherry.connector.ScriptedLog.Update;
import wherry.connector.ScriptedSource;
import wherry.schema.TableId;
import wherry.schema.TestTables;
import wherry.testing.Seed;

/** A filtered table follows its source: the target holds what SELECT … WHERE filter gives. */
class FilteredChangesTest {
  private static final TableId ORDERS = TestTables.id("app.orders");
  private static final String FROM_10_TO_20 =
      """
      {'rules':[{'rule-type':'selection','rule-id':1,'rule-action':'include',
        'object-locator':{'schema-name':'app','table-name':'orders'},
        'filters':[{'filter-type':'source','column-name':'amount','filter-conditions':[
          {'filter-operator':'between','start-value':'10','end-value':'20'}]}]}]}\
      """;

  private final RecordingTarget target = new RecordingTarget();

  private static ScriptedSource source(int rows, Random random) {
    List<List<@Nullable String>> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(asList("" + i, amount(random), "row " + i));
    }
    return new ScriptedSource()
        .table(TestTables.table("app.orders", "id:INT4", "amount:INT4", "note"), all);
  }

  private static @Nullable String amount(Random random) {
    return random.nextInt(6) == 0 ? null : "" + random.nextInt(30);
  }

  private static boolean passes(List<@Nullable String> row) {
    String amount = row.get(1);
    return amount != null && Integer.parseInt(amount) >= 10 && Integer.parseInt(amount) <= 20;
  }

  @Test
  void random_changes_during_and_after_the_load_leave_exactly_the_rows_of_the_filter() {
    Random random = Seed.random("FilteredChangesTest");
    for (int round = 0; round < 20; round++) {
      RecordingTarget rows = new RecordingTarget();
      ScriptedSource source = source(30, random);
      source.log().wholeRows().inPartsOf(1 + random.nextInt(4));
      AtomicInteger key = new AtomicInteger(100);
      source.on((table, segment, row) -> {
        if (row < 30 && random.nextInt(8) == 0) {
          commit(source, key, random);
        }
      });
      TestRun run =
          TestRun.of(source, rows)
              .type(MigrationType.FULL_LOAD_AND_CDC)
              .mapping(FROM_10_TO_20)
              .start();
      for (int i = 0; i < 40; i++) {
        commit(source, key, random);
      }
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(2))
          .untilAsserted(() ->
              assertThat(rows.rows(ORDERS))
                  .containsExactlyInAnyOrderElementsOf(
                      source.rows(ORDERS).stream().filter(FilteredChangesTest::passes).toList()));
      run.task().stop();
      run.end();
      assertThat(rows.control()).as("changes that were not applied").isEmpty();
    }
  }

  /** A choice among the rows and the write to the one chosen, with no other write in between. */
  private static void commit(ScriptedSource source, AtomicInteger key, Random random) {
    synchronized (source) {
      source.commit(write(source, key, random), insert(key, random));
    }
  }

  /** Keys move, too; a row that is not there is not written. */
  private static ScriptedLog.Write write(ScriptedSource source, AtomicInteger key, Random random) {
    List<List<@Nullable String>> rows = source.rows(ORDERS);
    if (rows.isEmpty() || random.nextInt(4) == 0) {
      return insert(key, random);
    }
    String old = String.valueOf(rows.get(random.nextInt(rows.size())).getFirst());
    return switch (random.nextInt(5)) {
      case 0 -> new Insert(ORDERS, asList("" + key.incrementAndGet(), amount(random), "new"));
      case 1 ->
          new Update(ORDERS, old, asList("" + key.incrementAndGet(), amount(random), "moved"));
      default -> new Update(ORDERS, old, asList(old, amount(random), "changed"));
    };
  }

  private static Insert insert(AtomicInteger key, Random random) {
    return new Insert(ORDERS, asList("" + key.incrementAndGet(), amount(random), "new"));
  }

  @Test
  void what_a_filter_leaves_out_is_counted_and_a_row_that_moves_is_inserted_or_deleted() {
    ScriptedSource source =
        new ScriptedSource()
            .table(
                TestTables.table("app.orders", "id:INT4", "amount:INT4", "note"),
                List.of(asList("1", "15", "in"), asList("2", "5", "out")));
    source.log().wholeRows();
    TestRun run =
        TestRun.of(source, target)
            .type(MigrationType.FULL_LOAD_AND_CDC)
            .mapping(FROM_10_TO_20)
            .start()
            .awaitEvent("streaming");
    assertThat(target.rows(ORDERS)).containsExactly(asList("1", "15", "in"));

    source.commit(
        new Update(ORDERS, "1", asList("1", "25", "gone")),
        new Update(ORDERS, "2", asList("2", "12", "came")),
        new Insert(ORDERS, asList("3", "99", "never")),
        new Delete(ORDERS, "3"));

    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(
            () -> assertThat(target.rows(ORDERS)).containsExactly(asList("2", "12", "came")));
    run.task().stop();
    run.end();
    ChangeCounts counts = run.table("app.orders").changes();
    assertThat(counts.filtered()).isEqualTo(2);
    assertThat(counts.appliedInserts()).isEqualTo(1);
    assertThat(counts.appliedDeletes()).isEqualTo(1);
    assertThat(run.logs())
        .anyMatch(line ->
            line.contains(
                "Table app.orders: of 4 changes captured since the first start 2 were applied, 2"
                    + " filtered, 0 ignored and 0 kept in awsdms_apply_exceptions"));
  }

  @Test
  void a_log_that_does_not_tell_what_the_filter_needs_puts_the_table_into_error_before_the_start() {
    ScriptedSource source = source(3, new Random(1));
    TestRun run =
        TestRun.of(source, target)
            .type(MigrationType.FULL_LOAD_AND_CDC)
            .mapping(FROM_10_TO_20)
            .start()
            .awaitEvent("running");

    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(2))
        .until(() -> run.table("app.orders").state() == TableState.ERROR);
    run.task().stop();
    run.end();
    assertThat(run.table("app.orders").message())
        .isEqualTo(
            "Changes of table app.orders cannot be captured: its filter, before images or key need the columns [amount] as they"
                + " were before a change, and the source's log does not carry them. Run: MAKE THE LOG WHOLE;");
    assertThat(target.rows(ORDERS)).isEmpty();
  }
}
