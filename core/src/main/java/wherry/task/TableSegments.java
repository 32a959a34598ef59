package wherry.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import wherry.connector.Partition;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.Ranges;
import wherry.mapping.MappedTable;
import wherry.mapping.ParallelLoad;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableSchema;

/**
 * Cuts a table into the segments of its load, as its rule of rule-type table-settings says. However
 * a user cuts it, the segments together hold each row once: what the rule does not name is cut off
 * as well.
 */
final class TableSegments {
  /**
   * A segment is one transaction of the target and what a crash loses at most; large enough that
   * its commit costs nothing.
   */
  private static final long ROWS_PER_SEGMENT = 250_000;

  private static final int NAMES_TOLD = 20;

  private final MappedTable table;
  private final TableSchema found;
  private final Snapshot snapshot;
  private final Consumer<String> warnings;

  /**
   * @param found the table with all columns that the source has
   * @param warnings takes what a user may not have meant
   */
  TableSegments(
      MappedTable table, TableSchema found, Snapshot snapshot, Consumer<String> warnings) {
    this.table = table;
    this.found = found;
    this.snapshot = snapshot;
    this.warnings = warnings;
  }

  /**
   * @throws DmsException SOURCE_TABLE_FAILED when the rule does not fit the table
   */
  List<Segment> plan() {
    return switch (table.settings().parallelLoad()) {
      case ParallelLoad.Automatic automatic -> bySize();
      case ParallelLoad.Whole whole -> List.of(new Segment(0, "", rows(), true));
      case ParallelLoad.EachPartition each ->
          each(partitions().stream().filter(partition -> partition.within().isEmpty()).toList());
      case ParallelLoad.EachSubpartition each -> each(undivided(partitions()));
      case ParallelLoad.Named named -> named(named.names());
      case ParallelLoad.ByRanges ranges -> byRanges(ranges);
    };
  }

  /**
   * Whether an earlier plan means the same rows now: partitions may have come and gone since, and
   * what came is in no segment of it.
   */
  boolean stands(List<Segment> earlier) {
    return earlier.stream().allMatch(segment -> segment.partition().isEmpty())
        || references(earlier).equals(references(plan()));
  }

  private static Set<String> references(List<Segment> plan) {
    return plan.stream().map(Segment::partition).collect(Collectors.toSet());
  }

  private List<Segment> bySize() {
    return snapshot.segments(table.source(), ROWS_PER_SEGMENT);
  }

  private long rows() {
    return snapshot.estimatedRows(table.source());
  }

  private List<Partition> partitions() {
    return snapshot.partitions(found);
  }

  private List<Segment> each(List<Partition> partitions) {
    if (partitions.isEmpty()) {
      warnings.accept(
          rule() + "table " + found.id() + " has no partitions, so it is cut by its size");
      return bySize();
    }
    return segments(partitions);
  }

  /**
   * A row stays in its partition as long as its key, which holds all that decides on the partition,
   * is the same.
   */
  private List<Segment> segments(List<Partition> partitions) {
    List<Segment> segments = new ArrayList<>();
    for (Partition partition : partitions) {
      segments.add(
          new Segment(
              segments.size(),
              partition.reference(),
              "",
              partition.estimatedRows(),
              found.key().isPresent()));
    }
    return segments;
  }

  private static List<Partition> undivided(List<Partition> all) {
    Set<String> divided = all.stream().map(Partition::within).collect(Collectors.toSet());
    return all.stream().filter(partition -> !divided.contains(partition.name())).toList();
  }

  private List<Segment> named(List<String> names) {
    List<Partition> all = partitions();
    Set<String> known = all.stream().map(Partition::name).collect(Collectors.toSet());
    List<String> unknown = names.stream().filter(name -> !known.contains(name)).toList();
    if (!unknown.isEmpty()) {
      throw unusable(
          all.isEmpty()
              ? "the table has no partitions; use ranges, or remove the parallel-load"
              : "the table has no partition "
                  + String.join(", ", unknown)
                  + "; it has "
                  + all.stream().map(Partition::name).limit(NAMES_TOLD).toList()
                  + (all.size() > NAMES_TOLD ? " and " + (all.size() - NAMES_TOLD) + " more" : ""));
    }
    List<Partition> chosen = new ArrayList<>();
    for (String name : names) {
      Partition partition = named(all, name);
      for (Partition above = partition; !above.within().isEmpty(); ) {
        above = named(all, above.within());
        if (names.contains(above.name())) {
          throw unusable(name + " is a part of " + above.name() + "; name one of the two");
        }
      }
      chosen.add(partition);
    }
    int wanted = chosen.size();
    addRest("", all, names, chosen);
    if (chosen.size() > wanted) {
      warnings.accept(
          rule()
              + "the partitions of table "
              + found.id()
              + " that it does not name are loaded, too: "
              + chosen.subList(wanted, chosen.size()).stream()
                  .map(Partition::name)
                  .limit(NAMES_TOLD)
                  .toList());
    }
    return segments(chosen);
  }

  private static Partition named(List<Partition> all, String name) {
    return all.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * What the named partitions do not cover of those within another, in pieces as large as can be.
   */
  private static void addRest(
      String within, List<Partition> all, List<String> names, List<Partition> rest) {
    for (Partition part : all) {
      if (part.within().equals(within) && !names.contains(part.name())) {
        if (holdsNamed(part, all, names)) {
          addRest(part.name(), all, names, rest);
        } else {
          rest.add(part);
        }
      }
    }
  }

  private static boolean holdsNamed(Partition whole, List<Partition> all, List<String> names) {
    return all.stream()
        .filter(part -> part.within().equals(whole.name()))
        .anyMatch(part -> names.contains(part.name()) || holdsNamed(part, all, names));
  }

  private List<Segment> byRanges(ParallelLoad.ByRanges wanted) {
    Ranges ranges;
    try {
      ranges = wanted.of(found);
    } catch (ParallelLoad.ByRanges.Unusable e) {
      throw unusable(String.valueOf(e.getMessage()));
    }
    List<String> predicates;
    try {
      predicates = snapshot.predicates(found, ranges);
    } catch (DmsException e) {
      throw e.code() == ErrorCode.SOURCE_TABLE_FAILED
          ? unusable(String.valueOf(e.getMessage()))
          : e;
    }
    List<Segment> segments = new ArrayList<>();
    for (String predicate : predicates) {
      segments.add(
          new Segment(
              segments.size(), predicate, rows() / predicates.size(), staysInRange(ranges)));
    }
    return segments;
  }

  /** A row stays in its range for ever where its key decides on the range. */
  private boolean staysInRange(Ranges ranges) {
    List<Column> key =
        found.key().map(Key::columns).orElse(List.of()).stream().map(found.columns()::get).toList();
    return key.containsAll(ranges.columns());
  }

  private String rule() {
    return "Rule " + table.settings().parallelLoadRule() + ": ";
  }

  private DmsException unusable(String why) {
    return new DmsException(
        ErrorCode.SOURCE_TABLE_FAILED,
        found.id(),
        rule() + "its parallel-load does not fit table " + found.id() + ": " + why + ".",
        null);
  }
}
