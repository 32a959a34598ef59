package wherry.connector;

import java.util.List;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Where the changes of a table go.
 *
 * @param source its name in the source
 * @param rows the columns that changes come with once they are mapped: the target's names and
 *     order, the source's types
 * @param target as {@link Target#prepare} or {@link Target#describe} returned it, column by column
 * @param key indexes of the columns that identify a row: of the target's primary key, else of a
 *     unique key without NULLs; empty when it has neither
 */
public record TableRoute(TableId source, TableSchema rows, TableSchema target, List<Integer> key) {
  public TableRoute {
    key = List.copyOf(key);
  }
}
