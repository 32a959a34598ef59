package wherry.transform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;
import wherry.transform.OutputColumn.BeforeImage;
import wherry.transform.OutputColumn.ColumnValue;
import wherry.transform.OutputColumn.Computed;
import wherry.transform.OutputColumn.Copied;
import wherry.transform.OutputColumn.ValueBefore;

/** What a log leaves out of its images is never taken for NULL. */
class RowTransformerTest {
  private static final String ABSENT = "(absent)";
  private static final TableSchema INPUT = TestTables.table("app.t", "id:INT4", "name", "big");

  /** Row 0 is the image before, row 1 the image after an update. */
  private record OfUpdate(boolean hasBefore) implements RowContext {
    @Override
    public Operation operation(int row) {
      return Operation.UPDATE;
    }

    @Override
    public int before(int row) {
      return hasBefore && row == 1 ? 0 : RowChange.NONE;
    }

    @Override
    public boolean isBefore(int row) {
      return row == 0;
    }

    @Override
    public String header(OutputColumn.Header header, int row) {
      return header.name();
    }
  }

  private static RowBatch rows(List<String> before, List<String> after) {
    RowBatchBuilder rows = new RowBatchBuilder(INPUT);
    for (List<String> row : List.of(before, after)) {
      for (String cell : row) {
        if (cell.equals(ABSENT)) {
          rows.addAbsent();
        } else {
          rows.add(cell.equals("NULL") ? null : cell);
        }
      }
      rows.endRow();
    }
    return rows.build();
  }

  private static RowTransform transform(OutputColumn.Content content) {
    List<OutputColumn> columns = new ArrayList<>();
    columns.add(new OutputColumn(INPUT.columns().get(0), new Copied("id"), Optional.empty()));
    Column made = TestTables.column("made", DataType.NCLOB);
    columns.add(new OutputColumn(made, content, Optional.empty()));
    TableSchema output =
        new TableSchema(
            INPUT.id(), columns.stream().map(OutputColumn::column).toList(), INPUT.key());
    return new RowTransform(output, columns, ExpressionEvaluator.NONE);
  }

  private static Computed computed(String expression, OutputColumn.Variable... values) {
    return new Computed(Expression.parse(expression), List.of(values));
  }

  /** The second column of the image after the update, or why there is none. */
  private static @Nullable String made(
      OutputColumn.Content content, boolean hasBefore, RowBatch rows) {
    try (RowTransformer transformer = transform(content).open(INPUT)) {
      RowTransformer.Transformed result = transformer.apply(rows, new OfUpdate(hasBefore));
      for (RowRefusal refusal : result.refusals()) {
        if (refusal.row() == 1) {
          return "refused: " + refusal.reason();
        }
      }
      return result.rows().isAbsent(1, 1) ? ABSENT : result.rows().text(1, 1);
    }
  }

  @Test
  void a_copied_cell_that_is_absent_stays_absent() {
    assertThat(
            made(
                new Copied("big"),
                false,
                rows(List.of("1", ABSENT, ABSENT), List.of("1", "x", ABSENT))))
        .isEqualTo(ABSENT);
  }

  @Test
  void an_expression_takes_an_absent_value_from_the_image_before() {
    assertThat(
            made(
                computed("$name || $big", new ColumnValue("name"), new ColumnValue("big")),
                true,
                rows(List.of("1", "old", "long"), List.of("1", "new", ABSENT))))
        .isEqualTo("newlong");
  }

  @Test
  void an_expression_over_a_value_that_the_log_does_not_tell_is_refused_and_never_null() {
    assertThat(
            made(
                computed("$name || $big", new ColumnValue("name"), new ColumnValue("big")),
                false,
                rows(List.of("1", ABSENT, ABSENT), List.of("1", "new", ABSENT))))
        .startsWith("refused: the source's log does not tell the value of column big");
  }

  @Test
  void an_expression_whose_every_value_is_unchanged_is_unchanged() {
    assertThat(
            made(
                computed("upper($big)", new ColumnValue("big")),
                false,
                rows(List.of("1", ABSENT, ABSENT), List.of("1", "new", ABSENT))))
        .isEqualTo(ABSENT);
  }

  @Test
  void without_an_image_before_only_what_identifies_the_row_is_known_to_be_as_it_was() {
    RowBatch rows = rows(List.of("9", "x", "x"), List.of("1", "new", "b"));

    assertThat(made(new BeforeImage("id", false), false, rows)).isEqualTo("1");
    assertThat(made(new BeforeImage("name", false), false, rows))
        .startsWith("refused: the source's log does not tell the value of column name");
    assertThat(made(computed("$BI_id", new ValueBefore("id")), false, rows)).isEqualTo("1");
    assertThat(made(new BeforeImage("name", false), true, rows)).isEqualTo("x");
    assertThat(made(computed("$BI_name", new ValueBefore("name")), true, rows)).isEqualTo("x");
  }

  @Test
  void an_image_before_serves_to_find_the_row_so_that_other_columns_may_fail_in_it() {
    Column number = TestTables.column("made", DataType.INT4);
    List<OutputColumn> columns =
        List.of(
            new OutputColumn(INPUT.columns().get(0), new Copied("id"), Optional.empty()),
            new OutputColumn(number, new OutputColumn.Converted("name"), Optional.empty()));
    RowTransform transform =
        new RowTransform(
            new TableSchema(
                INPUT.id(), columns.stream().map(OutputColumn::column).toList(), INPUT.key()),
            columns,
            ExpressionEvaluator.NONE);
    try (RowTransformer transformer = transform.open(INPUT)) {
      RowTransformer.Transformed result =
          transformer.apply(
              rows(List.of("1", "never a number", "x"), List.of("1", "7", "x")),
              new OfUpdate(true));

      assertThat(result.refusals()).isEmpty();
      assertThat(result.rows().isAbsent(0, 1)).isTrue();
      assertThat(result.rows().text(1, 1)).isEqualTo("7");
    }
  }
}
