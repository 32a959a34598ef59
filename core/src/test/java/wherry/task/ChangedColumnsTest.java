package wherry.task;

import static java.util.Arrays.asList;
import static org.awaitility.Awaitility.await;
import static wherry.task.ChangingTables.ORDERS;
import static wherry.task.ChangingTables.stop;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableLost;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog;
import wherry.connector.ScriptedLog.Insert;
import wherry.connector.ScriptedSource;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;

/** Columns that come and go while a table is lost, loaded anew or followed by another run. */
class ChangedColumnsTest {
  private static final TableSchema WIDER =
      TestTables.table("app.orders", "id:INT4", "text", "more");

  private final ChangingTables tables = new ChangingTables();
  private final ScriptedSource source = tables.source();
  private final RecordingTarget target = tables.target();

  private void addColumn() {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (List<@Nullable String> row : source.rows(ORDERS)) {
      List<@Nullable String> longer = new ArrayList<>(row);
      longer.add(null);
      rows.add(longer);
    }
    source.table(WIDER, rows);
    ColumnChange added = new ColumnChange.Added(WIDER.columns().getLast());
    source.commit(
        new ScriptedLog.Event(
            new ColumnsChanged(ORDERS, WIDER, List.of(added), "ALTER TABLE app.orders")));
  }

  @Test
  void a_table_that_the_run_that_resumes_loads_anew_is_followed_with_all_its_columns() {
    String settings = "{'ChangeProcessingDdlHandlingPolicy':{'HandleSourceTableAltered':false}}";
    TestRun first = tables.loadAndFollow().settings(settings).start().awaitEvent("streaming");
    addColumn();
    source.commit(new Insert(ORDERS, asList("7", "new", "left out")));
    await().until(() -> target.rows(ORDERS).contains(asList("7", "new")));
    source.commit(
        new ScriptedLog.Event(new TableLost(ORDERS, "ALTER TABLE app.orders", "Too strange.")));
    await().until(() -> first.table("app.orders").state() == TableState.ERROR);
    stop(first);

    TestRun second =
        tables.loadAndFollow().settings(settings).resuming(first).start().awaitEvent("streaming");
    source.commit(new Insert(ORDERS, asList("8", "new", "not left out")));

    tables.awaitEqual();
    stop(second);
  }
}
