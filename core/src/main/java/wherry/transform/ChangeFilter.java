package wherry.transform;

import wherry.change.RowChange;
import wherry.filter.FilterCondition;
import wherry.filter.RowFilter;
import wherry.filter.RowFilter.Verdict;
import wherry.schema.TableSchema;

/**
 * What a filter makes of changes, so that the target always holds what {@code SELECT … WHERE
 * filter} gives: a row that an update moves into the filter is inserted, one moved out is deleted.
 */
public final class ChangeFilter {
  /** What a change is to the target. */
  public enum Outcome {
    AS_IT_IS,
    /** The row comes into the filter. */
    INSERT,
    /** The row goes out of the filter. */
    DELETE,
    /** The row was never on the target, and still is not to be. */
    FILTERED,
    /** The log does not carry a column that decides. */
    UNKNOWN
  }

  private final FilterCondition condition;
  private final RowFilter filter;
  private final boolean onKeyOnly;

  /**
   * @param rows the columns that changes come with
   */
  public ChangeFilter(FilterCondition condition, TableSchema rows) {
    this.condition = condition;
    this.filter = new RowFilter(condition, rows);
    this.onKeyOnly =
        condition.columns().stream()
            .allMatch(name -> rows.isKeyColumn(RowTransform.index(rows, name)));
  }

  /** That decides which rows the task takes. */
  public FilterCondition condition() {
    return condition;
  }

  /** What a change of a row is to the target, by the rows before and after it. */
  public Outcome of(RowChange change) {
    if (condition.isEveryRow()) {
      return Outcome.AS_IT_IS;
    }
    return switch (change.operation()) {
      case INSERT ->
          passes(filter.verdict(change.rows(), change.after()), Outcome.AS_IT_IS, Outcome.FILTERED);
      case DELETE ->
          passes(
              filter.verdict(change.rows(), change.before()), Outcome.AS_IT_IS, Outcome.FILTERED);
      case UPDATE -> ofUpdate(change);
    };
  }

  private Outcome ofUpdate(RowChange change) {
    boolean hasBefore = change.before() != RowChange.NONE;
    Verdict after =
        filter.verdict(change.rows(), change.after(), hasBefore ? change.before() : change.after());
    // Without an image of before, what identifies the row is as it was.
    Verdict before =
        hasBefore
            ? filter.verdict(change.rows(), change.before())
            : onKeyOnly ? after : Verdict.UNKNOWN;
    if (before == Verdict.UNKNOWN) {
      return Outcome.UNKNOWN;
    }
    return before == Verdict.PASSES
        ? passes(after, Outcome.AS_IT_IS, Outcome.DELETE)
        : passes(after, Outcome.INSERT, Outcome.FILTERED);
  }

  private static Outcome passes(Verdict verdict, Outcome yes, Outcome no) {
    return switch (verdict) {
      case PASSES -> yes;
      case FAILS -> no;
      case UNKNOWN -> Outcome.UNKNOWN;
    };
  }
}
