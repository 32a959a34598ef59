package wherry.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.SqlValue;
import wherry.row.RowBatch;
import wherry.schema.TableSchema;

/**
 * The columns of a table whose expressions SQLite evaluates, all in one statement for many rows.
 * Their cells are kept until the batch is done. Owned by one thread.
 */
final class SqliteColumns implements ExpressionEvaluator.Results, AutoCloseable {
  /** In place of an end: the value is NULL, or there is none. */
  private static final int NULL = -1;

  private static final int REFUSED = -2;

  private final ExpressionEvaluator.Session session;
  private final RowInputs inputs;
  private final Results[] results;
  private final Map<Integer, String> failures = new HashMap<>();

  /** One column's cells. */
  private static final class Results {
    final ResultCells conversion;
    final CellSlice cell = new CellSlice();
    final Map<Integer, CellRefused> refusals = new HashMap<>();
    byte[] slab = new byte[1024];
    int used;
    int[] starts = new int[0];
    int[] ends = new int[0];

    Results(ResultCells conversion) {
      this.conversion = conversion;
    }

    void clear(int rows) {
      used = 0;
      refusals.clear();
      if (starts.length < rows) {
        starts = new int[rows];
        ends = new int[rows];
      }
    }

    void set(int row, SqlValue value) {
      if (value.isNull()) {
        ends[row] = NULL;
        return;
      }
      try {
        conversion.set(value, cell);
        if (used + cell.length() > slab.length) {
          slab = Arrays.copyOf(slab, Math.max(used + cell.length(), 2 * slab.length));
        }
        System.arraycopy(cell.bytes(), cell.start(), slab, used, cell.length());
        starts[row] = used;
        used += cell.length();
        ends[row] = used;
      } catch (CellRefused e) {
        ends[row] = REFUSED;
        refusals.put(row, e);
      }
    }
  }

  /**
   * @param columns whose content is {@link OutputColumn.Computed}
   */
  SqliteColumns(List<OutputColumn> columns, TableSchema input, ExpressionEvaluator evaluator) {
    Map<String, OutputColumn.Variable> variables = new java.util.LinkedHashMap<>();
    List<Expression> expressions = new ArrayList<>();
    this.results = new Results[columns.size()];
    for (int i = 0; i < results.length; i++) {
      if (!(columns.get(i).content() instanceof OutputColumn.Computed computed)) {
        throw new IllegalArgumentException("Not computed: " + columns.get(i));
      }
      expressions.add(computed.expression());
      List<String> names = computed.expression().variables();
      for (int v = 0; v < names.size(); v++) {
        variables.put(names.get(v), computed.values().get(v));
      }
      results[i] = new Results(new ResultCells(columns.get(i).column()));
    }
    this.inputs = new RowInputs(List.copyOf(variables.values()), input);
    this.session = evaluator.open(List.copyOf(variables.keySet()), expressions);
  }

  void evaluate(RowBatch rows, RowContext context) {
    failures.clear();
    for (Results result : results) {
      result.clear(rows.count());
    }
    inputs.at(rows, context);
    session.evaluate(rows.count(), inputs, this);
  }

  @Override
  public void result(int row, int expression, SqlValue value) {
    results[expression].set(row, value);
  }

  @Override
  public void failed(int row, String reason) {
    failures.put(row, reason);
  }

  /** Sets the cell; false when it is NULL. */
  boolean get(int row, int expression, CellSlice cell) throws CellRefused {
    @Nullable String failure = failures.get(row);
    if (failure != null) {
      throw CellRefused.data("the expression fails: " + failure);
    }
    Results result = results[expression];
    CellRefused refusal = result.refusals.get(row);
    if (refusal != null) {
      throw refusal;
    }
    if (result.ends[row] == NULL) {
      return false;
    }
    cell.set(result.slab, result.starts[row], result.ends[row]);
    return true;
  }

  @Override
  public void close() {
    session.close();
  }
}
