package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import org.junit.jupiter.api.AfterEach;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** A run over a table of orders, whose databases fail where a test says so. */
abstract class OrdersRun {
  static final TableId ORDERS = id("app.orders");
  static final String AT_ONCE = "'RecoverableErrorInterval':0";
  static final String ONE_BY_ONE = "'FullLoadSettings':{'MaxFullLoadSubTasks':1}";
  static final String RETRY_AT_ONCE = "{" + ONE_BY_ONE + ",'ErrorBehavior':{" + AT_ONCE + "}}";
  static final String NO_RETRY = "{" + ONE_BY_ONE + ",'ErrorBehavior':{'RecoverableErrorCount':0}}";

  final ScriptedSource source = new ScriptedSource();
  final RecordingTarget target = new RecordingTarget();

  @AfterEach
  void nothing_stays_open() {
    assertThat(source.open()).as("snapshots and readers still open").isZero();
    assertThat(target.open()).as("ledgers and writers still open").isZero();
  }

  ScriptedSource orders(int rows, int segments, boolean lasting) {
    return source
        .table(table("app.orders", "id:INT8", "note"), rows(rows))
        .cut(ORDERS, segments, lasting);
  }

  static DmsException lost() {
    return new DmsException(ErrorCode.CONNECTION_FAILED, "The source has hung up.");
  }
}
