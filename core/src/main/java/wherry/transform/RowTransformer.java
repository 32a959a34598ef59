package wherry.transform;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.expression.CompiledExpression;
import wherry.expression.ExpressionException;
import wherry.expression.SqlValue;
import wherry.expression.StorageClasses;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * Transforms the rows of one table, batch by batch; owned by one thread. A row that cannot be
 * transformed comes out with NULLs, and is told beside: nobody may use it.
 */
public final class RowTransformer implements AutoCloseable {
  private final RowTransform transform;
  private final List<Producer> producers = new ArrayList<>();
  private final @Nullable SqliteColumns sqlite;
  private final RowBatchBuilder result;
  private final CellSlice cell = new CellSlice();

  /** The rows, as many as went in, and those of them that are refused, in order. */
  public record Transformed(RowBatch rows, List<RowRefusal> refusals) {}

  /** Makes one or more neighbouring cells of a row. */
  private interface Producer {
    int cells();

    void produce(RowBatch in, int row, RowContext context) throws CellRefused;

    /** A batch comes. */
    default void at(RowBatch in, RowContext context) {}
  }

  /** Sets {@link #cell}; false for NULL. */
  private interface Content {
    boolean get(RowBatch in, int row, RowContext context) throws CellRefused;

    /** Why there is no value: null when there is one, empty when it is unchanged or unknown. */
    @Nullable String missing(RowBatch in, int row, RowContext context);

    default void at(RowBatch in, RowContext context) {}
  }

  RowTransformer(RowTransform transform, TableSchema input) {
    this.transform = transform;
    this.result = new RowBatchBuilder(transform.output());
    List<OutputColumn> bySqlite = new ArrayList<>();
    for (OutputColumn column : transform.columns()) {
      add(column, input, bySqlite);
    }
    this.sqlite =
        bySqlite.isEmpty() ? null : new SqliteColumns(bySqlite, input, transform.evaluator());
  }

  private void add(OutputColumn column, TableSchema input, List<OutputColumn> bySqlite) {
    OptionalInt unchanged = unchanged(column, input);
    if (unchanged.isPresent()) {
      int index = unchanged.getAsInt();
      if (!producers.isEmpty() && producers.getLast() instanceof Run run && run.end() == index) {
        producers.set(producers.size() - 1, new Run(run.first(), run.cells() + 1));
      } else {
        producers.add(new Run(index, 1));
      }
      return;
    }
    CellStep mask = column.mask().map(m -> mask(m, column.column())).orElse(c -> {});
    producers.add(
        new OneCell(
            content(column, column.content(), input, bySqlite), mask, transform.hides(column)));
  }

  /** The source column whose cells are the output's, byte by byte. */
  private static OptionalInt unchanged(OutputColumn column, TableSchema input) {
    if (column.mask().isPresent()) {
      return OptionalInt.empty();
    }
    return switch (column.content()) {
      case OutputColumn.Copied copied -> OptionalInt.of(RowTransform.index(input, copied.source()));
      case OutputColumn.Converted converted -> {
        int index = RowTransform.index(input, converted.source());
        boolean same =
            Conversions.between(input.columns().get(index), column.column())
                .filter(List::isEmpty)
                .isPresent();
        yield same ? OptionalInt.of(index) : OptionalInt.empty();
      }
      case OutputColumn.Computed computed -> OptionalInt.empty();
      case OutputColumn.Empty empty -> OptionalInt.empty();
      case OutputColumn.BeforeImage image -> OptionalInt.empty();
    };
  }

  private static CellStep mask(OutputColumn.Mask mask, Column column) {
    return switch (mask) {
      case OutputColumn.DigitsMask digits -> Masks.digits(digits.character());
      case OutputColumn.DigitsRandomize randomize -> Masks.randomDigits(column);
      case OutputColumn.HashMask hash -> Masks.hash();
    };
  }

  private Content content(
      OutputColumn column,
      OutputColumn.Content content,
      TableSchema input,
      List<OutputColumn> bySqlite) {
    return switch (content) {
      case OutputColumn.Copied copied -> copied(copied.source(), input);
      case OutputColumn.Converted converted -> converted(converted.source(), column, input);
      case OutputColumn.Computed computed -> computed(column, computed, input, bySqlite);
      case OutputColumn.Empty empty -> new Nothing();
      case OutputColumn.BeforeImage image ->
          new Before(
              image.converted()
                  ? converted(image.source(), column, input)
                  : copied(image.source(), input),
              input);
    };
  }

  private OfColumn copied(String source, TableSchema input) {
    return new OfColumn(RowTransform.index(input, source), List.of());
  }

  private OfColumn converted(String source, OutputColumn column, TableSchema input) {
    int index = RowTransform.index(input, source);
    Column from = input.columns().get(index);
    return new OfColumn(
        index,
        Conversions.between(from, column.column())
            .orElseThrow(() ->
                new IllegalArgumentException("No way from " + from + " to " + column.column())));
  }

  private Content computed(
      OutputColumn column,
      OutputColumn.Computed computed,
      TableSchema input,
      List<OutputColumn> bySqlite) {
    List<String> names = computed.expression().variables();
    Optional<CompiledExpression> compiled =
        CompiledExpression.compile(
            computed.expression(),
            name -> classes(computed.values().get(names.indexOf(name)), input));
    RowInputs inputs = new RowInputs(computed.values(), input);
    if (compiled.isPresent()) {
      return new Compiled(compiled.get(), inputs, new ResultCells(column.column()));
    }
    bySqlite.add(new OutputColumn(column.column(), computed, Optional.empty()));
    return new BySqlite(bySqlite.size() - 1, inputs);
  }

  private static int classes(OutputColumn.Variable variable, TableSchema input) {
    return switch (variable) {
      case OutputColumn.ColumnValue value ->
          StorageClasses.of(input.columns().get(RowTransform.index(input, value.source())));
      case OutputColumn.ValueBefore value ->
          StorageClasses.of(input.columns().get(RowTransform.index(input, value.source())));
      case OutputColumn.Constant constant -> StorageClasses.TEXT;
      case OutputColumn.Header header -> StorageClasses.TEXT;
    };
  }

  /** Transforms all rows of a batch, images of changes included. */
  public Transformed apply(RowBatch rows, RowContext context) {
    List<RowRefusal> refusals = new ArrayList<>();
    if (sqlite != null) {
      sqlite.evaluate(rows, context);
    }
    producers.forEach(producer -> producer.at(rows, context));
    for (int row = 0; row < rows.count(); row++) {
      row(rows, row, context, refusals);
    }
    return new Transformed(result.build(), refusals);
  }

  private void row(RowBatch rows, int row, RowContext context, List<RowRefusal> refusals) {
    int cells = 0;
    for (Producer producer : producers) {
      try {
        producer.produce(rows, row, context);
        cells += producer.cells();
      } catch (CellRefused e) {
        if (onlyIdentifies(row, context, cells)) {
          result.addAbsent();
          cells++;
          continue;
        }
        String column = transform.output().columns().get(cells).name();
        refusals.add(new RowRefusal(row, column, e.kind(), String.valueOf(e.getMessage())));
        for (; cells < transform.columns().size(); cells++) {
          result.addNull();
        }
        break;
      }
    }
    result.endRow();
  }

  /**
   * Whether nobody will ask for the column, because the image only serves to find its row by key.
   */
  private boolean onlyIdentifies(int row, RowContext context, int column) {
    return context.isBefore(row)
        && transform.output().key().isPresent()
        && !transform.output().isKeyColumn(column);
  }

  @Override
  public void close() {
    if (sqlite != null) {
      sqlite.close();
    }
  }

  /** Neighbouring columns that stay as they are. */
  private final class Run implements Producer {
    private final int first;
    private final int cells;

    Run(int first, int cells) {
      this.first = first;
      this.cells = cells;
    }

    int first() {
      return first;
    }

    int end() {
      return first + cells;
    }

    @Override
    public int cells() {
      return cells;
    }

    @Override
    public void produce(RowBatch in, int row, RowContext context) {
      result.addCells(in, row, first, cells);
    }
  }

  private final class OneCell implements Producer {
    private final Content content;
    private final CellStep mask;
    private final boolean hidden;

    /**
     * @param hidden whether a message must not show the value
     */
    OneCell(Content content, CellStep mask, boolean hidden) {
      this.content = content;
      this.mask = mask;
      this.hidden = hidden;
    }

    @Override
    public int cells() {
      return 1;
    }

    @Override
    public void at(RowBatch in, RowContext context) {
      content.at(in, context);
    }

    @Override
    public void produce(RowBatch in, int row, RowContext context) throws CellRefused {
      String missing = content.missing(in, row, context);
      if (missing != null) {
        if (!missing.isEmpty()) {
          throw CellRefused.data(
              "the source's log does not tell the value of column "
                  + missing
                  + ", which has not changed. Have the source log whole rows (PostgreSQL: ALTER TABLE"
                  + " … REPLICA IDENTITY FULL; MySQL: binlog_row_image=FULL)");
        }
        result.addAbsent();
      } else if (get(in, row, context)) {
        result.add(cell.bytes(), cell.start(), cell.length());
      } else {
        result.addNull();
      }
    }

    private boolean get(RowBatch in, int row, RowContext context) throws CellRefused {
      try {
        boolean present = content.get(in, row, context);
        if (present) {
          mask.apply(cell);
        }
        return present;
      } catch (CellRefused e) {
        throw hidden
            ? e.withMessage(
                "the value, which a rule hides, cannot become one of the target's column")
            : e;
      }
    }
  }

  private final class OfColumn implements Content {
    private final int column;
    private final List<CellStep> steps;

    OfColumn(int column, List<CellStep> steps) {
      this.column = column;
      this.steps = steps;
    }

    @Override
    public boolean get(RowBatch in, int row, RowContext context) throws CellRefused {
      if (in.isNull(row, column)) {
        return false;
      }
      cell.set(in.slab(), in.start(row, column), in.end(row, column));
      for (CellStep step : steps) {
        step.apply(cell);
      }
      return true;
    }

    @Override
    public @Nullable String missing(RowBatch in, int row, RowContext context) {
      return in.isAbsent(row, column) ? "" : null;
    }
  }

  private static final class Nothing implements Content {
    @Override
    public boolean get(RowBatch in, int row, RowContext context) {
      return false;
    }

    @Override
    public @Nullable String missing(RowBatch in, int row, RowContext context) {
      return null;
    }
  }

  /**
   * An expression's value; of an image before a change it is unknown where the image lacks cells.
   */
  private abstract static class OfExpression implements Content {
    final RowInputs inputs;

    OfExpression(RowInputs inputs) {
      this.inputs = inputs;
    }

    @Override
    public void at(RowBatch in, RowContext context) {
      inputs.at(in, context);
    }

    @Override
    public @Nullable String missing(RowBatch in, int row, RowContext context) {
      if (!in.hasAbsent()) {
        return null;
      }
      String missing = inputs.missing(row);
      return missing != null && (context.isBefore(row) || inputs.isUnchanged(row)) ? "" : missing;
    }
  }

  private final class Compiled extends OfExpression {
    private final CompiledExpression expression;
    private final ResultCells conversion;
    private final SqlValue value = new SqlValue();

    Compiled(CompiledExpression expression, RowInputs inputs, ResultCells conversion) {
      super(inputs);
      this.expression = expression;
      this.conversion = conversion;
    }

    @Override
    public boolean get(RowBatch in, int row, RowContext context) throws CellRefused {
      try {
        expression.evaluate(inputs, row, value);
      } catch (ExpressionException e) {
        throw CellRefused.data("the expression fails: " + e.getMessage());
      }
      if (value.isNull()) {
        return false;
      }
      conversion.set(value, cell);
      return true;
    }
  }

  private final class BySqlite extends OfExpression {
    private final int number;

    BySqlite(int number, RowInputs inputs) {
      super(inputs);
      this.number = number;
    }

    @Override
    public boolean get(RowBatch in, int row, RowContext context) throws CellRefused {
      return sqlite != null && sqlite.get(row, number, cell);
    }
  }

  /** What the column was before an update or delete, NULL for a row that is new. */
  private static final class Before implements Content {
    private final OfColumn of;
    private final TableSchema input;

    Before(OfColumn of, TableSchema input) {
      this.of = of;
      this.input = input;
    }

    @Override
    public boolean get(RowBatch in, int row, RowContext context) throws CellRefused {
      return context.operation(row) != Operation.INSERT
          && of.get(in, RowInputs.before(input, context, row, of.column), context);
    }

    @Override
    public @Nullable String missing(RowBatch in, int row, RowContext context) {
      if (context.operation(row) == Operation.INSERT) {
        return null;
      }
      int before = RowInputs.before(input, context, row, of.column);
      return before == RowChange.NONE || in.isAbsent(before, of.column)
          ? input.columns().get(of.column).name()
          : null;
    }
  }
}
