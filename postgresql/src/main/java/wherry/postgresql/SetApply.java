package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import wherry.change.NetChanges;
import wherry.change.RowSet;
import wherry.connector.ChangeWriter.NetCounts;
import wherry.connector.TableRoute;

/**
 * Applies net changes as sets: rows to insert go by COPY straight into the table, keys and new
 * values into a stage by which one statement deletes or updates. Owned by one thread.
 */
final class SetApply {
  /**
   * Fewer rows go as statements: filling and emptying a stage costs as much as some 100 of them.
   */
  private static final int STAGED_ROWS_MIN = 100;

  private final Connection session;
  private final int serverMajor;
  private final StageTables stages;
  private final IdentityColumns identityColumns;
  private final RowApply rowByRow;
  private final CopyBuffer buffer = new CopyBuffer();

  SetApply(
      Connection session, StageTables stages, IdentityColumns identityColumns, RowApply rowByRow)
      throws SQLException {
    this.session = session;
    this.identityColumns = identityColumns;
    this.serverMajor = session.getMetaData().getDatabaseMajorVersion();
    this.stages = stages;
    this.rowByRow = rowByRow;
  }

  NetCounts apply(TableRoute route, NetChanges changes) throws SQLException {
    long deleted = delete(route, changes.deletes());
    long updated = 0;
    for (NetChanges.Update update : changes.updates()) {
      updated += update(route, update);
    }
    return new NetCounts(deleted, updated, insert(route, changes.inserts()));
  }

  private long delete(TableRoute route, RowSet rows) throws SQLException {
    if (rows.count() < STAGED_ROWS_MIN) {
      return rowByRow.delete(route, rows);
    }
    return bySet(new ChangeSql(route).deleteStaged(stage(route, route.key(), rows)));
  }

  private long update(TableRoute route, NetChanges.Update update) throws SQLException {
    Set<Integer> fixed = identityColumns.of(route);
    List<Integer> by = new ArrayList<>(route.key());
    List<Integer> columns = new ArrayList<>();
    update.columns().forEach(column -> (fixed.contains(column) ? by : columns).add(column));
    if (columns.isEmpty() || update.rows().count() < STAGED_ROWS_MIN) {
      return rowByRow.update(route, by, columns, update.rows());
    }
    List<Integer> staged = new ArrayList<>(by);
    staged.addAll(columns);
    String stage = stage(route, staged, update.rows());
    return bySet(new ChangeSql(route).updateStaged(by, columns, stage));
  }

  private String stage(TableRoute route, List<Integer> columns, RowSet rows) throws SQLException {
    String stage = stages.empty(route.target());
    new RowCopy(route, columns, serverMajor, buffer).into(stage, session, rows);
    return stage;
  }

  private long bySet(String statement) throws SQLException {
    try (Statement once = session.createStatement()) {
      return once.executeLargeUpdate(statement);
    }
  }

  private long insert(TableRoute route, RowSet rows) throws SQLException {
    if (rows.count() == 0) {
      return 0;
    }
    List<Integer> all = IntStream.range(0, route.target().columns().size()).boxed().toList();
    return new RowCopy(route, all, serverMajor, buffer)
        .into(PostgresNames.quote(route.target().id()), session, rows);
  }
}
