package wherry.demo;

import java.util.List;

/**
 * One way of the migration: which rows start where, and where they should be in the end.
 *
 * @param name for people: {@code PostgreSQL to MariaDB}
 * @param rows in the source before anybody writes to it
 */
record Way(
    String name,
    RowComparison.Side source,
    RowComparison.Side target,
    List<DemoTable> tables,
    long rows) {
  Way {
    tables = List.copyOf(tables);
  }
}
