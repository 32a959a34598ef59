package wherry.connector;

import java.util.List;
import java.util.Optional;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.FilterCondition;
import wherry.filter.Ranges;
import wherry.row.RowFormat;
import wherry.schema.TableSchema;

/**
 * One consistent view of the source. {@link #read} may be called from as many threads as readers
 * were asked for; each reader has a connection of its own inside the same view.
 */
public interface Snapshot extends Resource {
  /**
   * The log position of the view: all of it is seen, nothing after it. Empty when the source keeps
   * no log.
   */
  Optional<Position> position();

  /**
   * Which transactions of the log the view has seen, exactly. Empty when that is unknown.
   *
   * @throws wherry.error.DmsException CONNECTION_FAILED
   */
  default Optional<Cut> cut() {
    return Optional.empty();
  }

  /** A sentence for the task's log about each of the tables for which it is no snapshot. */
  default List<String> exceptions(List<TableSchema> tables) {
    return List.of();
  }

  /** Rows that the catalogue expects; an estimate, 0 when unknown. */
  long estimatedRows(TableSchema table);

  /**
   * Cuts a table into segments that together hold each row once.
   *
   * @param rowsPerSegment what a segment should hold; a table not much larger stays whole
   */
  List<Segment> segments(TableSchema table, long rowsPerSegment);

  /**
   * All partitions of a table, in order, each behind the one that it is within; none when it has
   * none.
   *
   * @throws DmsException SOURCE_TABLE_FAILED when they cannot be read one by one
   */
  default List<Partition> partitions(TableSchema table) {
    return List.of();
  }

  /**
   * The predicates of the segments that hold the ranges, in order. Texts are compared as the source
   * does, by the collations of their columns.
   *
   * @param table with all columns that the source has
   * @throws DmsException SOURCE_TABLE_FAILED when the boundaries do not ascend in the source's
   *     order
   */
  default List<String> predicates(TableSchema table, Ranges ranges) {
    throw new DmsException(
        ErrorCode.SOURCE_TABLE_FAILED, table.id(), "this source cannot be read in ranges", null);
  }

  /**
   * The formats in which the table's columns can be read, best first, {@link RowFormat#CELLS} last.
   */
  List<RowFormat> formats(TableSchema table);

  /**
   * Reads those rows of the segment that pass the filter, the columns being those of {@code table},
   * which may be fewer than the source's.
   *
   * @param filter may name columns that {@code table} lacks; decided by the server
   * @param batchRowsMax rows of a batch at most
   */
  RowReader read(
      TableSchema table,
      FilterCondition filter,
      Segment segment,
      RowFormat format,
      int batchRowsMax);

  /** Reads all rows of the segment. */
  default RowReader read(TableSchema table, Segment segment, RowFormat format, int batchRowsMax) {
    return read(table, FilterCondition.EVERY_ROW, segment, format, batchRowsMax);
  }
}
