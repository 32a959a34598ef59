package wherry.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static wherry.schema.TestTables.table;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

class RowBatchTest {
  private static final TableSchema THREE = table("app.t", "a", "b", "c");

  @Test
  void any_rows_come_out_as_they_went_in() {
    Random random = Seed.random("any_rows_come_out_as_they_went_in");
    RowBatchBuilder builder = new RowBatchBuilder(THREE); // Used again and again, as readers do.
    for (int i = 0; i < 300; i++) {
      List<List<@Nullable String>> rows =
          IntStream.range(0, random.nextInt(60)).mapToObj(row -> row(random)).toList();
      RowBatch batch = build(builder, rows, random);

      assertThat(read(batch)).isEqualTo(rows);
    }
  }

  @Test
  void null_and_the_empty_text_are_two_things_wherever_they_stand() {
    RowBatchBuilder builder = new RowBatchBuilder(THREE);
    for (String[] row :
        new String[][] {{null, "", null}, {"", null, ""}, {null, null, null}, {"x", null, "y"}}) {
      for (String cell : row) {
        builder.add(cell);
      }
      builder.endRow();
    }

    RowBatch batch = builder.build();

    assertThat(read(batch))
        .containsExactly(
            cells(null, "", null),
            cells("", null, ""),
            cells(null, null, null),
            cells("x", null, "y"));
    assertThat(batch.isNull(0, 0)).isTrue();
    assertThat(batch.isNull(0, 1)).isFalse();
    assertThat(batch.start(3, 2)).isEqualTo(1);
    assertThat(batch.end(3, 2)).isEqualTo(2);
  }

  @Test
  void a_built_batch_does_not_change_when_the_builder_goes_on() {
    RowBatchBuilder builder = new RowBatchBuilder(THREE);
    RowBatch first = build(builder, List.of(cells("a", "b", "c")), new Random(1));
    build(builder, List.of(cells("xxxxxx", null, "zzzzzz")), new Random(1));

    assertThat(read(first)).containsExactly(cells("a", "b", "c"));
    assertThat(builder.rows()).isZero();
    assertThat(builder.bytes()).isZero();
  }

  @Test
  void a_cell_of_many_megabytes_fits_and_leaves_no_large_slab_behind() {
    RowBatchBuilder builder = new RowBatchBuilder(THREE);
    byte[] wide = "é".repeat(4 << 20).getBytes(StandardCharsets.UTF_8);
    builder.add(wide);
    builder.addNull();
    builder.add(wide, 2, 4);
    builder.endRow();

    RowBatch batch = builder.build();

    assertThat(batch.end(0, 0) - batch.start(0, 0)).isEqualTo(8 << 20);
    assertThat(batch.text(0, 2)).isEqualTo("éé");
    assertThat(batch.bytes()).isEqualTo((8 << 20) + 4 + 3 * 4);
    assertThat(builder.slab().length).isLessThan(1 << 20);
  }

  @Test
  void a_decoder_may_write_a_cell_in_place() {
    RowBatchBuilder builder = new RowBatchBuilder(table("app.t", "a", "b"));
    builder.add("before");
    builder.reserve(100_000); // More than the slab has: it moves, the cell before moves along.
    builder.slab()[builder.used()] = 'x';
    builder.commit(1);
    builder.endRow();

    assertThat(read(builder.build())).containsExactly(cells("before", "x"));
  }

  @Test
  void a_row_of_too_few_or_too_many_cells_is_a_defect_and_told() {
    RowBatchBuilder few = new RowBatchBuilder(THREE);
    few.add("1");
    assertThatIllegalStateException()
        .isThrownBy(few::endRow)
        .withMessage("Row 1 of app.t has 1 cells, the table 3");

    RowBatchBuilder many = new RowBatchBuilder(table("app.t", "a"));
    many.add("1");
    many.add("2");
    assertThatIllegalStateException()
        .isThrownBy(many::endRow)
        .withMessage("Row 1 of app.t has 2 cells, the table 1");
  }

  @Test
  void a_table_of_more_columns_than_the_builder_starts_with_fits() {
    String[] columns = IntStream.range(0, 1_600).mapToObj(i -> "c" + i).toArray(String[]::new);
    RowBatchBuilder builder = new RowBatchBuilder(table("app.wide", columns));
    for (int row = 0; row < 3; row++) {
      for (String column : columns) {
        builder.add(column + "/" + row);
      }
      builder.endRow();
    }

    RowBatch batch = builder.build();

    assertThat(batch.count()).isEqualTo(3);
    assertThat(batch.text(2, 1_599)).isEqualTo("c1599/2");
  }

  private static RowBatch build(
      RowBatchBuilder builder, List<List<@Nullable String>> rows, Random random) {
    for (List<@Nullable String> row : rows) {
      for (String cell : row) {
        if (cell == null) {
          builder.addNull();
        } else if (random.nextBoolean()) {
          builder.add(cell);
        } else {
          byte[] bytes = ("<" + cell + ">").getBytes(StandardCharsets.UTF_8);
          builder.add(bytes, 1, bytes.length - 2);
        }
      }
      builder.endRow();
    }
    return builder.build();
  }

  private static List<@Nullable String> row(Random random) {
    List<@Nullable String> row = new ArrayList<>();
    for (int column = 0; column < 3; column++) {
      row.add(
          switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> "";
            case 2 -> "ä€😀".repeat(random.nextInt(3));
            default -> "x".repeat(random.nextInt(random.nextInt(50) == 0 ? 100_000 : 20));
          });
    }
    return row;
  }

  private static List<@Nullable String> cells(@Nullable String... cells) {
    return Collections.unmodifiableList(java.util.Arrays.asList(cells));
  }

  private static List<List<@Nullable String>> read(RowBatch batch) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (int row = 0; row < batch.count(); row++) {
      List<@Nullable String> cells = new ArrayList<>();
      for (int column = 0; column < batch.schema().columns().size(); column++) {
        cells.add(batch.text(row, column));
      }
      rows.add(cells);
    }
    return rows;
  }
}
