package wherry.mysql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.RowSet;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.sandbox.MySqlFamilyServer;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Applies changes given as text to a table of the target. */
final class Applying {
  /** In place of a cell that the log does not hold. */
  static final String ABSENT = new String("absent");

  static final Target.ChangeRequest REQUEST =
      new Target.ChangeRequest("task", "", 50, EnumSet.allOf(Target.ControlTable.class));

  final TableRoute route;

  /**
   * @param rows columns that changes come with, under the target's names
   */
  Applying(Target target, TableSchema rows) {
    TableSchema there = target.describe(rows);
    this.route =
        new TableRoute(
            new TableId("src", rows.id().name()),
            rows,
            there,
            there.key().map(Key::columns).orElse(List.of()));
  }

  /** The columns of a table as its own source. */
  static Applying same(Engine engine, String database, String table) {
    TableId id = new TableId(database, table);
    TableSchema schema = engine.source().tables((found, kind) -> found.equals(id)).get(0);
    return new Applying(engine.target(), schema);
  }

  RowBatch batch(@Nullable String[]... rows) {
    RowBatchBuilder builder = new RowBatchBuilder(route.rows());
    for (String[] row : rows) {
      for (String cell : row) {
        if (cell == ABSENT) {
          builder.addAbsent();
        } else {
          builder.add(cell);
        }
      }
      builder.endRow();
    }
    return builder.build();
  }

  RowSet set(@Nullable String[]... rows) {
    RowSet set = new RowSet();
    RowBatch batch = batch(rows);
    for (int row = 0; row < rows.length; row++) {
      set.add(batch, row);
    }
    return set;
  }

  NetChanges inserts(@Nullable String[]... rows) {
    return new NetChanges(new RowSet(), List.of(), set(rows));
  }

  NetChanges updates(List<Integer> columns, @Nullable String[]... rows) {
    return new NetChanges(
        new RowSet(), List.of(new NetChanges.Update(columns, set(rows))), new RowSet());
  }

  NetChanges deletes(@Nullable String[]... rows) {
    return new NetChanges(set(rows), List.of(), new RowSet());
  }

  RowChange insert(@Nullable String... row) {
    return new RowChange(Operation.INSERT, batch(row), RowChange.NONE, 0);
  }

  RowChange delete(@Nullable String... row) {
    return new RowChange(Operation.DELETE, batch(row), 0, RowChange.NONE);
  }

  RowChange update(@Nullable String[] before, @Nullable String[] after) {
    return new RowChange(Operation.UPDATE, batch(before, after), 0, 1);
  }

  RowChange update(@Nullable String... after) {
    return new RowChange(Operation.UPDATE, batch(after), RowChange.NONE, 0);
  }

  static @Nullable String[] row(@Nullable String... cells) {
    return cells;
  }

  static Checkpoint checkpoint(String position) {
    return new Checkpoint(
        position, Instant.parse("2024-02-29T12:00:00.123456Z"), position, List.of(), "log");
  }

  static List<String> query(Engine engine, String sql) {
    return query(engine.server(), sql);
  }

  static List<String> query(MySqlFamilyServer server, String sql) {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> lines = new ArrayList<>();
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(result.getString(i)));
        }
        lines.add(String.join("|", values));
      }
      return lines;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
