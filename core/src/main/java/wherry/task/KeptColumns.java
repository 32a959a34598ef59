package wherry.task;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import wherry.change.SchemaChange.ColumnChange;
import wherry.schema.TableSchema;

/**
 * How a table's columns on the target differ from those of the source since
 * HandleSourceTableAltered has kept them as they were. Owned by the thread that applies.
 */
final class KeptColumns {
  private final Set<String> notOnTarget;
  private final Map<String, String> names;

  /**
   * @param notOnTarget columns of the source that the target does not have
   * @param names what columns of the source were called when the target's were made, by what they
   *     are called now
   */
  KeptColumns(Collection<String> notOnTarget, Map<String, String> names) {
    this.notOnTarget = new TreeSet<>(notOnTarget);
    this.names = new TreeMap<>(names);
  }

  Set<String> notOnTarget() {
    return notOnTarget;
  }

  Map<String, String> names() {
    return names;
  }

  boolean isEmpty() {
    return notOnTarget.isEmpty() && names.isEmpty();
  }

  /** The source's columns have changed and the target's stay as they are. */
  void keep(List<ColumnChange> changes) {
    for (ColumnChange change : changes) {
      switch (change) {
        case ColumnChange.Added added -> leaveOut(added.column().name());
        case ColumnChange.Renamed renamed -> {
          if (notOnTarget.remove(renamed.from())) {
            leaveOut(renamed.to().name());
          } else {
            String kept = names.remove(renamed.from());
            names.put(renamed.to().name(), kept == null ? renamed.from() : kept);
          }
        }
        case ColumnChange.Dropped dropped -> {
          String kept = names.remove(dropped.column());
          notOnTarget.remove(kept == null ? dropped.column() : kept);
        }
        case ColumnChange.Retyped retyped -> {}
      }
    }
  }

  /** Its name may still be that of a column of the target, which was made from another. */
  private void leaveOut(String column) {
    String free = column;
    while (names.containsValue(free)) {
      free += " (added)";
    }
    if (!free.equals(column)) {
      names.put(column, free);
    }
    notOnTarget.add(free);
  }

  /** Rules apply to the names that the target's columns were made from. */
  TableSchema named(TableSchema source) {
    return names.isEmpty()
        ? source
        : source.mapColumns(c -> c.withName(names.getOrDefault(c.name(), c.name())));
  }
}
