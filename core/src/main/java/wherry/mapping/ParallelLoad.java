package wherry.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import wherry.filter.Literal;
import wherry.filter.Ranges;
import wherry.schema.Column;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/**
 * How a table is cut for its load ("Using parallel load for selected tables, views, and
 * collections", AWS DMS guide). However it is cut, each row is loaded once.
 */
public sealed interface ParallelLoad {
  /** By its size, as the source finds best; where no rule says anything. */
  record Automatic() implements ParallelLoad {}

  /** {@code none}: not at all. */
  record Whole() implements ParallelLoad {}

  /** {@code partitions-auto}: a segment for each partition. */
  record EachPartition() implements ParallelLoad {}

  /** {@code subpartitions-auto}: a segment for each partition that is not divided again. */
  record EachSubpartition() implements ParallelLoad {}

  /**
   * {@code partitions-list}: a segment for each that is named; what none of them covers follows,
   * partition by partition.
   *
   * @param names of partitions and subpartitions, different ones
   */
  record Named(List<String> names) implements ParallelLoad {
    public Named {
      names = List.copyOf(names);
    }
  }

  /**
   * {@code ranges}.
   *
   * @param columns names in the source, the first weighs most
   * @param boundaries one value for each column
   */
  record ByRanges(List<String> columns, List<List<String>> boundaries) implements ParallelLoad {
    private static final Set<Meaning> ORDERED_TEXTS =
        Set.of(Meaning.PLAIN, Meaning.FIXED_CHAR, Meaning.UUID, Meaning.TIME_SPAN);

    public ByRanges {
      columns = List.copyOf(columns);
      boundaries = List.copyOf(boundaries);
    }

    /** What is wrong with the ranges of a table; the message says what would be right. */
    public static final class Unusable extends Exception {
      private static final long serialVersionUID = 1L;

      Unusable(String message) {
        super(message);
      }
    }

    /**
     * The ranges by the types of the table's columns.
     *
     * @param table with all columns that the source has
     * @throws Unusable when a column is missing, has no order, or a value is none of its type
     */
    public Ranges of(TableSchema table) throws Unusable {
      List<Column> found = new ArrayList<>();
      for (String name : columns) {
        found.add(column(table, name));
      }
      List<List<Literal>> literals = new ArrayList<>();
      for (int i = 0; i < boundaries.size(); i++) {
        List<Literal> boundary = new ArrayList<>();
        for (int c = 0; c < found.size(); c++) {
          boundary.add(literal(found.get(c), boundaries.get(i).get(c), i + 1));
        }
        literals.add(boundary);
      }
      return new Ranges(found, literals);
    }

    /** By its exact name, or by one that differs in case only. */
    private static Column column(TableSchema table, String name) throws Unusable {
      Column column =
          table.columns().stream()
              .filter(c -> c.name().equalsIgnoreCase(name))
              .min(Comparator.comparing(c -> !c.name().equals(name)))
              .orElseThrow(() ->
                  new Unusable(
                      "the table has no column "
                          + name
                          + "; it has "
                          + table.columns().stream().map(Column::name).toList()));
      if (!isOrdered(column)) {
        throw new Unusable(
            "column "
                + column.name()
                + " is of type "
                + column.nativeType().name()
                + ", which cannot bound ranges; integers, decimals, dates, times and texts can");
      }
      return column;
    }

    private static boolean isOrdered(Column column) {
      return switch (column.type()) {
        case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8, NUMERIC ->
            column.meaning() != Meaning.MONEY;
        case DATE, TIME, DATETIME -> true;
        case STRING, WSTRING, CLOB, NCLOB -> ORDERED_TEXTS.contains(column.meaning());
        case BOOLEAN, REAL4, REAL8, BYTES, BLOB -> false;
      };
    }

    private static Literal literal(Column column, String value, int boundary) throws Unusable {
      try {
        return Literal.of(column, value);
      } catch (Literal.NotComparable e) {
        throw new Unusable(
            "\""
                + value
                + "\" of boundary "
                + boundary
                + " is no value of column "
                + column.name()
                + ", which is of type "
                + column.nativeType().name()
                + ": "
                + e.getMessage());
      }
    }
  }
}
