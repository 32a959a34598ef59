package wherry.mysql;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.connector.Partition;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.FilterCondition;
import wherry.filter.Ranges;
import wherry.row.RowFormat;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * A consistent view and the sessions that have it. When there are fewer sessions than threads,
 * {@link #read} waits for one. Tables are planned on a connection of its own, because each session
 * of the view is busy with a stream.
 */
final class MySqlSnapshot implements Snapshot {
  private final MySqlSettings settings;
  private final ConsistentView view;
  private final BlockingQueue<MySqlSession> idle;
  private final MySqlSession planning;
  private final ReentrantLock planningLock = new ReentrantLock();

  MySqlSnapshot(MySqlSettings settings, ConsistentView view) {
    this.settings = settings;
    this.view = view;
    this.idle = new LinkedBlockingQueue<>(view.sessions());
    try {
      this.planning = MySqlSession.open(settings, MySqlSession.Role.READ);
    } catch (DmsException e) {
      view.close();
      throw e;
    }
  }

  @Override
  public Optional<Position> position() {
    return view.position().map(position -> position);
  }

  @Override
  public Optional<Cut> cut() {
    return view.position().map(BinlogCut::new);
  }

  /** Engines without transactions, as MyISAM and Aria, know one state of a table: the present. */
  @Override
  public List<String> exceptions(List<TableSchema> tables) {
    Set<TableId> wanted = tables.stream().map(TableSchema::id).collect(Collectors.toSet());
    planningLock.lock();
    try {
      return new MySqlCatalog(planning)
          .enginesWithoutTransactions().entrySet().stream()
              .filter(entry -> wanted.contains(entry.getKey()))
              .map(entry -> withoutSnapshot(entry.getKey(), entry.getValue()))
              .toList();
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "reading the engines of the tables", e);
    } finally {
      planningLock.unlock();
    }
  }

  private static String withoutSnapshot(TableId table, String engine) {
    return "Table "
        + table
        + " is of the engine "
        + engine
        + ", which keeps no snapshots: its rows are read as they are at that moment, not as of the"
        + " load's position in the log. Let nobody write to it until it is loaded, or run before:"
        + " ALTER TABLE "
        + MySqlNames.quoted(table)
        + " ENGINE=InnoDB;";
  }

  @Override
  public long estimatedRows(TableSchema table) {
    return planned(table, new SegmentPlanner(planning, table)::estimatedRows);
  }

  @Override
  public List<Segment> segments(TableSchema table, long rowsPerSegment) {
    return planned(table, () -> new SegmentPlanner(planning, table).segments(rowsPerSegment));
  }

  @Override
  public List<Partition> partitions(TableSchema table) {
    return planned(table, new TableParts(planning, table)::partitions);
  }

  @Override
  public List<String> predicates(TableSchema table, Ranges ranges) {
    return planned(table, () -> new TableParts(planning, table).predicates(ranges));
  }

  @FunctionalInterface
  private interface Planning<T> {
    T plan() throws SQLException;
  }

  private <T> T planned(TableSchema table, Planning<T> planning) {
    planningLock.lock();
    try {
      return planning.plan();
    } catch (SQLException e) {
      throw failed(table, e);
    } finally {
      planningLock.unlock();
    }
  }

  private DmsException failed(TableSchema table, SQLException e) {
    return MySqlFailure.of(
        settings, table.id(), ErrorCode.SOURCE_TABLE_FAILED, "planning " + table.id(), e);
  }

  @Override
  public List<RowFormat> formats(TableSchema table) {
    return List.of(RowFormat.CELLS);
  }

  @Override
  public RowReader read(
      TableSchema table,
      FilterCondition filter,
      Segment segment,
      RowFormat format,
      int batchRowsMax) {
    MySqlSession session;
    try {
      session = idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DmsException(
          ErrorCode.BUSY,
          table.id(),
          "The load was stopped before " + table.id() + " was read.",
          e);
    }
    try {
      return new MySqlReader(
          session,
          table,
          segment.partition(),
          FilterSql.BY_CODE_POINTS.and(segment.predicate(), filter),
          batchRowsMax,
          idle::add);
    } catch (RuntimeException | Error e) {
      idle.add(session);
      throw e;
    }
  }

  @Override
  public void close() {
    planning.close();
    view.close();
  }
}
