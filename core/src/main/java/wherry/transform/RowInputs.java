package wherry.transform;

import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.change.RowChange;
import wherry.expression.CellValues;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.SqlValue;
import wherry.row.RowBatch;
import wherry.schema.TableSchema;
import wherry.transform.OutputColumn.ColumnValue;
import wherry.transform.OutputColumn.Constant;
import wherry.transform.OutputColumn.Header;
import wherry.transform.OutputColumn.ValueBefore;
import wherry.transform.OutputColumn.Variable;

/**
 * Gives the variables of expressions their values in the batch at hand. Where the log leaves a cell
 * out of the image after an update because it has not changed, the image before is asked.
 */
final class RowInputs implements ExpressionEvaluator.Inputs {
  private final Variable[] variables;
  private final int[] columns;
  private final TableSchema input;
  private @Nullable RowBatch batch;
  private @Nullable RowContext context;

  RowInputs(List<Variable> variables, TableSchema input) {
    this.variables = variables.toArray(Variable[]::new);
    this.input = input;
    this.columns = new int[this.variables.length];
    for (int i = 0; i < columns.length; i++) {
      columns[i] =
          switch (this.variables[i]) {
            case ColumnValue value -> RowTransform.index(input, value.source());
            case ValueBefore before -> RowTransform.index(input, before.source());
            case Constant constant -> -1;
            case Header header -> -1;
          };
    }
  }

  void at(RowBatch newBatch, RowContext newContext) {
    batch = newBatch;
    context = newContext;
  }

  @Override
  public void read(int row, int variable, SqlValue into) {
    RowBatch rows = batch();
    switch (variables[variable]) {
      case ColumnValue value ->
          CellValues.read(rows, holder(row, columns[variable]), columns[variable], into);
      case ValueBefore value -> {
        int before = before(row, columns[variable]);
        if (before == RowChange.NONE) {
          into.setNull();
        } else {
          CellValues.read(rows, before, columns[variable], into);
        }
      }
      case Constant constant -> into.setText(constant.text());
      case Header header -> into.setText(context().header(header, row));
    }
  }

  /**
   * A source column that the expression needs and the log does not tell; null when there is none.
   */
  @Nullable String missing(int row) {
    for (int i = 0; i < variables.length; i++) {
      switch (variables[i]) {
        case ColumnValue value -> {
          if (batch().isAbsent(holder(row, columns[i]), columns[i])) {
            return value.source();
          }
        }
        case ValueBefore value -> {
          int before = before(row, columns[i]);
          boolean needed = context().operation(row) != RowChange.Operation.INSERT;
          if (before == RowChange.NONE ? needed : batch().isAbsent(before, columns[i])) {
            return value.source();
          }
        }
        case Constant constant -> {}
        case Header header -> {}
      }
    }
    return null;
  }

  /** Whether nothing that the expression depends on can have changed with the row. */
  boolean isUnchanged(int row) {
    for (int i = 0; i < variables.length; i++) {
      boolean constant = variables[i] instanceof Constant;
      boolean unchanged = variables[i] instanceof ColumnValue && batch().isAbsent(row, columns[i]);
      if (!constant && !unchanged) {
        return false;
      }
    }
    return true;
  }

  /** The row whose cell is the column's value: the image before where that after lacks it. */
  private int holder(int row, int column) {
    if (!batch().isAbsent(row, column) || context().isBefore(row)) {
      return row;
    }
    int before = context().before(row);
    return before == RowChange.NONE ? row : before;
  }

  private int before(int row, int column) {
    return before(input, context(), row, column);
  }

  /**
   * The row that holds the column's value before the change. Where the log has no such image of an
   * updated row, what identifies the row is as it was.
   */
  static int before(TableSchema input, RowContext context, int row, int column) {
    if (context.isBefore(row)) {
      return row;
    }
    int before = context.before(row);
    boolean unchanged =
        before == RowChange.NONE
            && context.operation(row) == RowChange.Operation.UPDATE
            && input.isKeyColumn(column);
    return unchanged ? row : before;
  }

  private RowBatch batch() {
    if (batch == null) {
      throw new IllegalStateException("There is no batch at hand");
    }
    return batch;
  }

  private RowContext context() {
    if (context == null) {
      throw new IllegalStateException("There is no batch at hand");
    }
    return context;
  }
}
