package wherry.connector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import wherry.filter.FilterCondition;
import wherry.filter.RowFilter;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;

/**
 * A table of a {@link ScriptedSource} at one moment, and what of it is read.
 *
 * @param segments into how many of about the same size it is cut
 * @param lasting whether they outlive the snapshot
 * @param estimate what the catalogue says of its rows, true or not
 * @param partitionOf the partition, one that is not divided again, that a row is in
 */
record ScriptedTable(
    TableSchema schema,
    List<List<@Nullable String>> rows,
    int segments,
    boolean lasting,
    long estimate,
    List<Partition> partitions,
    Function<List<@Nullable String>, String> partitionOf) {

  static ScriptedTable of(TableSchema schema, List<List<@Nullable String>> rows) {
    return new ScriptedTable(schema, List.copyOf(rows), 1, true, rows.size(), List.of(), row -> "");
  }

  ScriptedTable withRows(List<List<@Nullable String>> now) {
    return new ScriptedTable(
        schema, List.copyOf(now), segments, lasting, estimate, partitions, partitionOf);
  }

  ScriptedTable withEstimate(long said) {
    return new ScriptedTable(schema, rows, segments, lasting, said, partitions, partitionOf);
  }

  ScriptedTable cut(int into, boolean outliveSnapshots) {
    return new ScriptedTable(
        schema, rows, into, outliveSnapshots, estimate, partitions, partitionOf);
  }

  /**
   * @param names {@code name} or {@code within/name}
   */
  ScriptedTable partition(Function<List<@Nullable String>, String> of, String... names) {
    List<Partition> all = new ArrayList<>();
    for (String name : names) {
      String[] words = name.split("/");
      String own = words[words.length - 1];
      all.add(new Partition(own, words.length > 1 ? words[0] : "", "[" + own + "]", 0));
    }
    return new ScriptedTable(schema, rows, segments, lasting, estimate, List.copyOf(all), of);
  }

  private boolean isWithin(String partition, String wanted) {
    return partition.equals(wanted)
        || partitions.stream()
            .anyMatch(part ->
                part.name().equals(partition)
                    && !part.within().isEmpty()
                    && isWithin(part.within(), wanted));
  }

  List<Segment> inSegments() {
    List<Segment> all = new ArrayList<>();
    for (int i = 0; i < segments; i++) {
      int from = (int) ((long) rows.size() * i / segments);
      int to = (int) ((long) rows.size() * (i + 1) / segments);
      // A table in one segment is read whole, however many rows it has by then.
      String predicate = segments == 1 ? "" : from + ".." + to;
      all.add(new Segment(i, predicate, to - from, lasting));
    }
    return all;
  }

  /**
   * The rows of a segment that pass the filter.
   *
   * @param wanted its columns; they may be fewer than the table's
   * @param ranges by the predicates of segments that are ranges
   */
  List<List<@Nullable String>> rowsOf(
      TableSchema wanted,
      Segment segment,
      Map<String, FilterCondition> ranges,
      FilterCondition filter) {
    return rowsOf(segment, ranges).stream()
        .filter(row -> passes(filter, row))
        .map(row -> cellsOf(row, wanted))
        .toList();
  }

  private List<List<@Nullable String>> rowsOf(Segment wanted, Map<String, FilterCondition> ranges) {
    if (!wanted.partition().isEmpty() && !partitions.isEmpty()) {
      String name = wanted.partition().substring(1, wanted.partition().length() - 1);
      return rows.stream().filter(row -> isWithin(partitionOf.apply(row), name)).toList();
    }
    FilterCondition range = ranges.get(wanted.predicate());
    if (range != null) {
      return rows.stream().filter(row -> passes(range, row)).toList();
    }
    String all = "0.." + rows.size();
    String[] bounds = (wanted.predicate().isEmpty() ? all : wanted.predicate()).split("\\.\\.");
    return rows.subList(Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1]));
  }

  private boolean passes(FilterCondition filter, List<@Nullable String> row) {
    RowBatchBuilder one = new RowBatchBuilder(schema);
    row.forEach(one::add);
    one.endRow();
    return new RowFilter(filter, schema).verdict(one.build(), 0) == RowFilter.Verdict.PASSES;
  }

  private List<@Nullable String> cellsOf(List<@Nullable String> row, TableSchema wanted) {
    List<String> names = schema.columns().stream().map(c -> c.name()).toList();
    List<@Nullable String> cells = new ArrayList<>();
    wanted.columns().forEach(column -> cells.add(row.get(names.indexOf(column.name()))));
    return cells;
  }
}
