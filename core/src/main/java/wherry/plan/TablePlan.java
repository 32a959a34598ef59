package wherry.plan;

import java.util.List;
import wherry.schema.TableId;

/**
 * What would become of a table.
 *
 * @param selectedBy ids of the selection rules that take it
 * @param rules ids of the rules that name it, or give it its key
 * @param filtered whether a filter chooses among its rows
 * @param statements that the target runs before the load
 * @param afterLoad that it runs after it: for a deferred key, and for secondary indexes
 * @param expectedRows what the sample has counted when it was the whole table, else what the
 *     source's catalogue says, before any filter; 0 when it does not know
 * @param expectedBytes of these rows, as wide as the sample's; 0 when unknown
 * @param sampledRows rows that were read and written for trial
 * @param rejectedRows of these, rows that the target would not take
 */
public record TablePlan(
    TableId source,
    TableId target,
    List<Long> selectedBy,
    List<Long> rules,
    boolean filtered,
    List<ColumnPlan> columns,
    List<String> statements,
    List<String> afterLoad,
    long expectedRows,
    long expectedBytes,
    long sampledRows,
    long rejectedRows) {
  public TablePlan {
    selectedBy = List.copyOf(selectedBy);
    rules = List.copyOf(rules);
    columns = List.copyOf(columns);
    statements = List.copyOf(statements);
    afterLoad = List.copyOf(afterLoad);
  }
}
