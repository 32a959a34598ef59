package wherry.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.filter.FilterCondition.Compare;
import wherry.filter.FilterCondition.IsNull;
import wherry.filter.FilterCondition.Operator;
import wherry.schema.Column;

/**
 * A table cut at boundaries: rows are compared with them column by column, as words are by their
 * letters. A row that equals a boundary is in the range above it, and NULL is above all values, so
 * that each row is in exactly one range (AWS DMS loads no row that has a NULL there).
 *
 * @param columns the first weighs most
 * @param boundaries ascending; one literal for each column
 */
public record Ranges(List<Column> columns, List<List<Literal>> boundaries) {
  private static final int SHOWN_MAX = 20;

  public Ranges {
    columns = List.copyOf(columns);
    boundaries = List.copyOf(boundaries);
  }

  /** How many ranges there are: one more than boundaries. */
  public int count() {
    return boundaries.size() + 1;
  }

  /**
   * The rows of one range.
   *
   * @param number from 0
   */
  public FilterCondition range(int number) {
    List<FilterCondition> both = new ArrayList<>();
    if (number > 0) {
      both.add(from(boundaries.get(number - 1), 0));
    }
    if (number < boundaries.size()) {
      both.add(below(boundaries.get(number), 0));
    }
    return both.size() == 1 ? both.getFirst() : new FilterCondition.All(both);
  }

  /** {@code a <= 1 AND (a < 1 OR b < 2)}: the first part alone can use an index on a. */
  private FilterCondition below(List<Literal> boundary, int at) {
    FilterCondition less = compare(boundary, at, Operator.LESS);
    return at == columns.size() - 1
        ? less
        : new FilterCondition.All(
            List.of(
                compare(boundary, at, Operator.LESS_OR_EQUAL),
                new FilterCondition.Any(List.of(less, below(boundary, at + 1)))));
  }

  /** {@code a >= 1 AND (a > 1 OR b >= 2)}, or NULL where there may be one. */
  private FilterCondition from(List<Literal> boundary, int at) {
    Column column = columns.get(at);
    FilterCondition above = compare(boundary, at, Operator.GREATER_OR_EQUAL);
    if (at < columns.size() - 1) {
      FilterCondition more = compare(boundary, at, Operator.GREATER);
      above =
          new FilterCondition.All(
              List.of(above, new FilterCondition.Any(List.of(more, from(boundary, at + 1)))));
    }
    return column.nullable()
        ? new FilterCondition.Any(List.of(above, new IsNull(column, true)))
        : above;
  }

  /**
   * What is wrong with the order of the boundaries; empty when they ascend. Out of order, ranges
   * would overlap.
   *
   * @param sorted the boundaries by their places from 1, as the source sorts them; of equal ones
   *     only the first
   */
  public Optional<String> objection(List<Integer> sorted) {
    for (int i = 0; i < boundaries.size(); i++) {
      if (!sorted.contains(i + 1)) {
        return Optional.of("boundary " + (i + 1) + ", " + shown(i) + ", is there twice");
      }
    }
    boolean ascends = sorted.equals(sorted.stream().sorted().toList());
    return ascends
        ? Optional.empty()
        : Optional.of(
            "the boundaries must ascend; in the order of the source they are "
                + sorted.stream().limit(SHOWN_MAX).map(place -> shown(place - 1)).toList());
  }

  private List<String> shown(int boundary) {
    return boundaries.get(boundary).stream()
        .map(literal ->
            switch (literal) {
              case Literal.Number number -> number.value().toPlainString();
              case Literal.Real real -> Double.toString(real.value());
              case Literal.Truth truth -> Boolean.toString(truth.value());
              case Literal.Text text -> text.value();
              case Literal.Moment moment -> (moment.date() + " " + moment.time()).strip();
              case Literal.TimeOfDay time -> time.value();
            })
        .toList();
  }

  private FilterCondition compare(List<Literal> boundary, int at, Operator operator) {
    return new Compare(columns.get(at), operator, boundary.get(at));
  }
}
