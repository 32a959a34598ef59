package wherry.schema;

import java.util.List;

/**
 * What identifies a row: the primary key or, without one, a unique index over columns that are not
 * null.
 *
 * @param primary whether it is the primary key
 * @param columns indexes into the table's columns, in key order, at least one
 */
public record Key(boolean primary, List<Integer> columns) {
  public Key {
    columns = List.copyOf(columns);
  }
}
