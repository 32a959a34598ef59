package wherry.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.filter.FilterCondition.All;
import wherry.filter.FilterCondition.Any;
import wherry.filter.FilterCondition.Compare;
import wherry.filter.FilterCondition.IsNull;
import wherry.filter.FilterCondition.Operator;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/** A server and {@link RowFilter} must choose the same rows, whatever the condition. */
public final class FilterAgreement {
  private static final Segment WHOLE = new Segment(0, "", 0, true);
  private static final int MIXES = 60;

  private final Snapshot snapshot;
  private final TableSchema table;
  private final Random random;

  public FilterAgreement(Snapshot snapshot, TableSchema table, Random random) {
    this.snapshot = snapshot;
    this.table = table;
    this.random = random;
  }

  /**
   * Tries each operator with each value, then random mixes of them.
   *
   * @param values literals as rules have them, by column
   */
  public void check(Map<String, List<String>> values) throws Exception {
    List<FilterCondition> all = new ArrayList<>();
    for (Column column : table.columns()) {
      all.add(new IsNull(column, true));
      all.add(new IsNull(column, false));
      List<String> literals = values.getOrDefault(column.name(), List.of());
      for (int i = 1; i < literals.size(); i++) { // Optimisers reason about two at a time.
        all.add(
            new All(
                List.of(
                    new Compare(column, Operator.EQUAL, Literal.of(column, literals.get(i - 1))),
                    new Compare(
                        column, Operator.LESS_OR_EQUAL, Literal.of(column, literals.get(i))))));
        all.add(
            new All(
                List.of(
                    new Compare(column, Operator.EQUAL, Literal.of(column, literals.get(i))),
                    new Compare(
                        column, Operator.LESS_OR_EQUAL, Literal.of(column, literals.get(i - 1))))));
      }
      for (String value : literals) {
        for (Operator operator : Operator.values()) {
          all.add(new Compare(column, operator, Literal.of(column, value)));
        }
      }
    }
    for (FilterCondition condition : all) {
      agree(condition);
    }
    for (int i = 0; i < MIXES; i++) {
      agree(mix(all, 3));
    }
  }

  private FilterCondition mix(List<FilterCondition> all, int depth) {
    if (depth == 0 || random.nextInt(4) == 0) {
      return all.get(random.nextInt(all.size()));
    }
    List<FilterCondition> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      parts.add(mix(all, depth - 1));
    }
    return random.nextBoolean() ? new All(parts) : new Any(parts);
  }

  private void agree(FilterCondition condition) throws Exception {
    RowFilter filter = new RowFilter(condition, table);
    List<String> decided = new ArrayList<>();
    for (RowBatch batch : read(FilterCondition.EVERY_ROW)) {
      for (int row = 0; row < batch.count(); row++) {
        switch (filter.verdict(batch, row)) {
          case PASSES -> decided.add(batch.text(row, 0));
          case FAILS -> {}
          case UNKNOWN -> fail("Rows of a load have all cells");
        }
      }
    }
    List<String> chosen = new ArrayList<>();
    for (RowBatch batch : read(condition)) {
      for (int row = 0; row < batch.count(); row++) {
        chosen.add(batch.text(row, 0));
      }
    }
    assertThat(decided).as("%s", condition).containsExactlyInAnyOrderElementsOf(chosen);
  }

  private List<RowBatch> read(FilterCondition filter) throws Exception {
    List<RowBatch> batches = new ArrayList<>();
    try (RowReader reader = snapshot.read(table, filter, WHOLE, RowFormat.CELLS, 10_000)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        batches.add((RowBatch) rows.get());
      }
    }
    return batches;
  }
}
