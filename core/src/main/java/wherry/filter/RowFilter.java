package wherry.filter;

import java.util.List;
import wherry.row.RowBatch;
import wherry.schema.TableSchema;

/** A condition made ready for the rows of one table. Immutable. */
public final class RowFilter {
  /** What is known of a row. */
  public enum Verdict {
    PASSES,
    FAILS,
    /** It depends on a cell that the log does not carry. */
    UNKNOWN
  }

  private sealed interface Test {
    Verdict of(RowBatch rows, int row, int instead);
  }

  private final Test test;

  /**
   * @param rows the columns that rows come with; all that the condition names are among them
   */
  public RowFilter(FilterCondition condition, TableSchema rows) {
    this.test = test(condition, rows);
  }

  public Verdict verdict(RowBatch rows, int row) {
    return verdict(rows, row, row);
  }

  /**
   * @param instead the row whose cells count where {@code row} lacks them
   */
  public Verdict verdict(RowBatch rows, int row, int instead) {
    return test.of(rows, row, instead);
  }

  private static Test test(FilterCondition condition, TableSchema rows) {
    return switch (condition) {
      case FilterCondition.All all -> new AllOf(tests(all.conditions(), rows));
      case FilterCondition.Any any -> new AnyOf(tests(any.conditions(), rows));
      case FilterCondition.IsNull isNull ->
          new NullTest(index(rows, isNull.column().name()), isNull.wanted());
      case FilterCondition.Compare compare ->
          new CellTest(
              index(rows, compare.column().name()),
              compare.operator(),
              CellOrder.to(compare.literal(), compare.column().type()));
    };
  }

  private static List<Test> tests(List<FilterCondition> conditions, TableSchema rows) {
    return conditions.stream().map(condition -> test(condition, rows)).toList();
  }

  private static int index(TableSchema rows, String name) {
    for (int i = 0; i < rows.columns().size(); i++) {
      if (rows.columns().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("Table " + rows.id() + " has no column " + name);
  }

  private record AllOf(List<Test> tests) implements Test {
    @Override
    public Verdict of(RowBatch rows, int row, int instead) {
      Verdict verdict = Verdict.PASSES;
      for (Test test : tests) {
        switch (test.of(rows, row, instead)) {
          case PASSES -> {}
          case FAILS -> {
            return Verdict.FAILS;
          }
          case UNKNOWN -> verdict = Verdict.UNKNOWN;
        }
      }
      return verdict;
    }
  }

  private record AnyOf(List<Test> tests) implements Test {
    @Override
    public Verdict of(RowBatch rows, int row, int instead) {
      Verdict verdict = Verdict.FAILS;
      for (Test test : tests) {
        switch (test.of(rows, row, instead)) {
          case PASSES -> {
            return Verdict.PASSES;
          }
          case FAILS -> {}
          case UNKNOWN -> verdict = Verdict.UNKNOWN;
        }
      }
      return verdict;
    }
  }

  private record NullTest(int column, boolean wanted) implements Test {
    @Override
    public Verdict of(RowBatch rows, int row, int instead) {
      int holder = rows.isAbsent(row, column) ? instead : row;
      if (rows.isAbsent(holder, column)) {
        return Verdict.UNKNOWN;
      }
      return rows.isNull(holder, column) == wanted ? Verdict.PASSES : Verdict.FAILS;
    }
  }

  private record CellTest(int column, FilterCondition.Operator operator, CellOrder order)
      implements Test {
    @Override
    public Verdict of(RowBatch rows, int row, int instead) {
      int holder = rows.isAbsent(row, column) ? instead : row;
      if (rows.isAbsent(holder, column)) {
        return Verdict.UNKNOWN;
      }
      if (rows.isNull(holder, column)) {
        return Verdict.FAILS;
      }
      int compared =
          order.compare(rows.slab(), rows.start(holder, column), rows.end(holder, column));
      return operator.holds(compared) ? Verdict.PASSES : Verdict.FAILS;
    }
  }
}
