package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import wherry.schema.Index;
import wherry.schema.TableSchema;

/**
 * A secondary index to create.
 *
 * @param statement that creates it
 * @param note why it cannot be; empty when it can
 */
record IndexPlan(Index index, String statement, Optional<String> note) {
  /** One sentence for each index of the source that has no equal here. */
  static List<String> leftOut(TableSchema wanted) {
    return wanted.indexesLeftOut().stream()
        .map(name ->
            "Index "
                + name
                + " of "
                + wanted.id()
                + " has no equal on the target; create it by hand.")
        .toList();
  }

  /**
   * @param prepared the table on the target, with its key
   * @param there the indexes that it has
   */
  static List<IndexPlan> missing(
      MySqlDdl ddl, TableSchema wanted, TableSchema prepared, List<Index> there) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    there.forEach(index -> names.add(index.name()));
    Set<String> planned = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    List<IndexPlan> plans = new ArrayList<>();
    for (Index index : wanted.indexes()) {
      if (!names.contains(index.name()) && !isKey(index, prepared)) {
        Optional<String> note =
            planned.add(index.name())
                ? wouldCut(index, prepared)
                : Optional.of("another index has this name, in which case does not count here.");
        plans.add(
            new IndexPlan(
                index,
                ddl.createIndex(index, prepared.columns()),
                note.map(why -> note(index, prepared, why))));
      }
    }
    return plans;
  }

  /** A unique index over the columns of the table's key is there already. */
  private static boolean isKey(Index index, TableSchema prepared) {
    List<Integer> columns = index.parts().stream().map(Index.Part::column).toList();
    return index.unique()
        && prepared.key().filter(key -> key.columns().equals(columns)).isPresent();
  }

  private static Optional<String> wouldCut(Index index, TableSchema prepared) {
    boolean cut =
        index.parts().stream()
            .anyMatch(part ->
                part.prefixLength() == 0
                    && MySqlDdl.impliedPrefix(prepared.columns().get(part.column())) > 0);
    return index.unique() && cut
        ? Optional.of("a column is too long for a key here, and a prefix would be another rule.")
        : Optional.empty();
  }

  static String note(Index index, TableSchema prepared, String why) {
    return (index.unique() ? "Unique index " : "Index ")
        + index.name()
        + " of "
        + prepared.id()
        + " is not created: "
        + why;
  }
}
