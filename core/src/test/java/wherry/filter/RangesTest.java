package wherry.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

class RangesTest {
  private static final TableSchema TABLE = table("app.t", "a:INT4", "b:INT4", "c:WSTRING");

  @Test
  void each_row_is_in_exactly_one_range_whatever_is_null() throws Exception {
    Random random = Seed.random("RangesTest");
    for (int round = 0; round < 200; round++) {
      int columns = 1 + random.nextInt(3);
      Ranges ranges = new Ranges(TABLE.columns().subList(0, columns), boundaries(random, columns));
      RowBatch rows = rows(random);
      for (int row = 0; row < rows.count(); row++) {
        List<Integer> holding = new ArrayList<>();
        for (int range = 0; range < ranges.count(); range++) {
          RowFilter filter = new RowFilter(ranges.range(range), TABLE);
          if (filter.verdict(rows, row) == RowFilter.Verdict.PASSES) {
            holding.add(range);
          }
        }
        assertThat(holding)
            .as("%s|%s|%s in %s", rows.text(row, 0), rows.text(row, 1), rows.text(row, 2), ranges)
            .hasSize(1);
      }
    }
  }

  private static List<List<Literal>> boundaries(Random random, int columns) throws Exception {
    TreeSet<List<String>> values =
        new TreeSet<>(Comparator.comparing((List<String> boundary) -> String.join("", boundary)));
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      List<String> boundary = new ArrayList<>();
      for (int c = 0; c < columns; c++) {
        boundary.add(Integer.toString(random.nextInt(4))); // One digit each, so texts sort right.
      }
      values.add(boundary);
    }
    List<List<Literal>> boundaries = new ArrayList<>();
    for (List<String> boundary : values) {
      List<Literal> literals = new ArrayList<>();
      for (int c = 0; c < columns; c++) {
        literals.add(Literal.of(TABLE.columns().get(c), boundary.get(c)));
      }
      boundaries.add(literals);
    }
    return boundaries;
  }

  private static RowBatch rows(Random random) {
    RowBatchBuilder rows = new RowBatchBuilder(TABLE);
    for (int row = 0; row < 40; row++) {
      for (int c = 0; c < 3; c++) {
        @Nullable String cell = random.nextInt(4) == 0 ? null : "" + random.nextInt(5);
        rows.add(cell);
      }
      rows.endRow();
    }
    return rows.build();
  }

  @Test
  void a_boundary_belongs_to_the_range_above_it_and_null_to_the_one_above_all() throws Exception {
    Ranges ranges =
        new Ranges(
            TABLE.columns().subList(0, 2),
            List.of(
                List.of(
                    Literal.of(TABLE.columns().get(0), "10"),
                    Literal.of(TABLE.columns().get(1), "5")),
                List.of(
                    Literal.of(TABLE.columns().get(0), "20"),
                    Literal.of(TABLE.columns().get(1), "5"))));

    assertThat(rangeOf(ranges, "10", "4")).isEqualTo(0);
    assertThat(rangeOf(ranges, "10", "5")).isEqualTo(1);
    assertThat(rangeOf(ranges, "10", null)).isEqualTo(1);
    assertThat(rangeOf(ranges, "20", "4")).isEqualTo(1);
    assertThat(rangeOf(ranges, "20", null)).isEqualTo(2);
    assertThat(rangeOf(ranges, null, "1")).isEqualTo(2);
  }

  private static int rangeOf(Ranges ranges, @Nullable String a, @Nullable String b) {
    RowBatchBuilder row = new RowBatchBuilder(TABLE);
    row.add(a);
    row.add(b);
    row.add("");
    row.endRow();
    RowBatch rows = row.build();
    for (int range = 0; range < ranges.count(); range++) {
      if (new RowFilter(ranges.range(range), TABLE).verdict(rows, 0) == RowFilter.Verdict.PASSES) {
        return range;
      }
    }
    throw new AssertionError("The row is in no range");
  }

  @Test
  void boundaries_that_do_not_ascend_are_told_in_the_order_of_the_source() throws Exception {
    List<List<Literal>> boundaries = new ArrayList<>();
    for (String value : List.of("10", "30", "20")) {
      boundaries.add(List.of(Literal.of(TABLE.columns().get(0), value)));
    }
    Ranges ranges = new Ranges(TABLE.columns().subList(0, 1), boundaries);

    assertThat(ranges.objection(List.of(1, 2, 3))).isEmpty();
    assertThat(ranges.objection(List.of(1, 3, 2)))
        .contains(
            "the boundaries must ascend; in the order of the source they are [[10], [20], [30]]");
    assertThat(ranges.objection(List.of(1, 2))).contains("boundary 3, [20], is there twice");
  }
}
