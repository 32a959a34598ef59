package wherry.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * Whatever a user cuts by, a server takes the boundaries in one order only, and the ranges between
 * them hold each row exactly once.
 */
public final class RangesAgreement {
  private static final int ROUNDS = 40;
  private static final List<List<Integer>> ORDERS =
      List.of(
          List.of(0, 1, 2),
          List.of(0, 2, 1),
          List.of(1, 0, 2),
          List.of(1, 2, 0),
          List.of(2, 0, 1),
          List.of(2, 1, 0));

  private final Snapshot snapshot;
  private final TableSchema table;
  private final Random random;

  /**
   * @param table whose first column tells rows apart
   */
  public RangesAgreement(Snapshot snapshot, TableSchema table, Random random) {
    this.snapshot = snapshot;
    this.table = table;
    this.random = random;
  }

  /**
   * @param values literals as rules have them, by column; at least two of each
   */
  public void check(Map<String, List<String>> values) throws Exception {
    List<String> all = read(new Segment(0, "", 0, true));
    int cut = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Column> columns = columns(values);
      List<List<Literal>> boundaries = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        List<Literal> boundary = new ArrayList<>();
        for (Column column : columns) {
          List<String> choice = values.get(column.name());
          boundary.add(Literal.of(column, choice.get(random.nextInt(choice.size()))));
        }
        boundaries.add(boundary);
      }
      cut += check(columns, boundaries, all) ? 1 : 0;
    }
    assertThat(cut).as("rounds with three different boundaries").isPositive();
  }

  private List<Column> columns(Map<String, List<String>> values) {
    List<String> names = new ArrayList<>(new TreeSet<>(values.keySet()));
    Collections.shuffle(names, random);
    return names.subList(0, 1 + random.nextInt(3)).stream()
        .map(name ->
            table.columns().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow())
        .toList();
  }

  /** False where two of the boundaries are equal to the server. */
  private boolean check(List<Column> columns, List<List<Literal>> boundaries, List<String> all)
      throws Exception {
    @Nullable List<String> taken = null;
    String refusals = "";
    for (List<Integer> order : ORDERS) {
      Ranges ranges = new Ranges(columns, order.stream().map(boundaries::get).toList());
      try {
        List<String> predicates = snapshot.predicates(table, ranges);
        assertThat(taken).as("%s is taken in two orders", ranges).isNull();
        assertThat(predicates).hasSize(4);
        taken = predicates;
      } catch (DmsException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_TABLE_FAILED);
        refusals += e.getMessage();
      }
    }
    if (taken == null) {
      assertThat(refusals).as("%s", boundaries).contains("is there twice");
      return false;
    }
    List<String> parts = new ArrayList<>();
    for (String predicate : taken) {
      parts.addAll(read(new Segment(0, predicate, 0, true)));
    }
    assertThat(parts).as("%s", taken).containsExactlyInAnyOrderElementsOf(all);
    return true;
  }

  private List<String> read(Segment segment) throws Exception {
    List<String> ids = new ArrayList<>();
    try (RowReader reader = snapshot.read(table, segment, RowFormat.CELLS, 10_000)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch batch = (RowBatch) rows.get();
        for (int row = 0; row < batch.count(); row++) {
          ids.add(String.valueOf(batch.text(row, 0)));
        }
      }
    }
    return ids;
  }
}
