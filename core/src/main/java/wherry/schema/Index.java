package wherry.schema;

import java.util.List;

/**
 * A secondary index over plain columns.
 *
 * @param name in the source
 * @param unique whether it is unique
 * @param parts its columns in order
 */
public record Index(String name, boolean unique, List<Part> parts) {
  public Index {
    parts = List.copyOf(parts);
  }

  /**
   * @param column index into the table's columns
   * @param descending sort direction
   * @param prefixLength characters of a MySQL prefix index; 0 for the whole column
   */
  public record Part(int column, boolean descending, int prefixLength) {}
}
