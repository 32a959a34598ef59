package wherry.postgresql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectSelection;
import wherry.schema.TableId;

/**
 * Which entries of an archive belong to a data migration, in the archive's order. What hangs on a
 * table goes where the table goes, and partitions go with the tables whose parts they are, because
 * rows are read from and written to those.
 */
final class DumpSelection {
  /** Settings of the archive itself, which the sessions have by themselves. */
  private static final Set<String> NO_OBJECTS =
      Set.of("ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES");

  /** What begins with its table's name, or depends on it, and is nothing without it. */
  private static final Set<String> HANGING =
      Set.of(
          "CONSTRAINT",
          "CHECK CONSTRAINT",
          "FK CONSTRAINT",
          "INDEX",
          "INDEX ATTACH",
          "TABLE ATTACH",
          "TRIGGER",
          "RULE",
          "POLICY",
          "ROW SECURITY",
          "DEFAULT",
          "SEQUENCE",
          "SEQUENCE OWNED BY",
          "STATISTICS");

  private static final String SCHEMA_TAG = "SCHEMA ";

  /** About another entry, on which they depend. */
  private static final Set<String> ABOUT = Set.of("COMMENT", "ACL", "SECURITY LABEL");

  private final ObjectSelection selection;
  private final boolean grants;
  private final Map<Integer, DumpEntry> byId = new HashMap<>();
  private final Set<Integer> partitionsTaken = new HashSet<>();
  private final Set<Integer> ownedElsewhere = new HashSet<>();
  private final Set<Integer> selected = new HashSet<>();
  private final Set<Integer> needed = new HashSet<>();
  private final List<DumpEntry> taken = new ArrayList<>();
  private final List<ObjectReport> left = new ArrayList<>();

  private DumpSelection(ObjectSelection selection, boolean grants) {
    this.selection = selection;
    this.grants = grants;
  }

  static DumpSelection of(List<DumpEntry> archive, ObjectSelection selection, boolean grants) {
    DumpSelection chosen = new DumpSelection(selection, grants);
    archive.forEach(entry -> chosen.byId.put(entry.id(), entry));
    chosen.findPartitions(archive);
    chosen.findOwnedSequences(archive);
    chosen.take(archive);
    return chosen;
  }

  private void take(List<DumpEntry> archive) {
    for (DumpEntry entry : archive) {
      if (!NO_OBJECTS.contains(entry.kind()) && takes(entry)) {
        Optional<String> reason = impossible(entry);
        if (reason.isPresent()) {
          left.add(ObjectReport.left(entry.reportKind(), entry.reportName(), reason.get()));
        } else {
          selected.add(entry.id());
          need(entry);
        }
      }
    }
    archive.stream().filter(entry -> needed.contains(entry.id())).forEach(taken::add);
  }

  /** What a selected table cannot be without: its schema, the types of its columns, functions. */
  private void need(DumpEntry entry) {
    if (needed.add(entry.id()) && entry.section() == DumpEntry.Section.PRE_DATA) {
      dependencies(entry)
          .filter(other -> !other.isRelation() && !HANGING.contains(other.kind()))
          .forEach(this::need);
    }
  }

  /** In an order in which each comes after what it depends on. */
  List<DumpEntry> taken() {
    return taken;
  }

  /** Whether the selection names it; else it is only needed by what the selection names. */
  boolean names(DumpEntry entry) {
    return selected.contains(entry.id());
  }

  /** Belongs to the selection, and is known not to be carried. */
  List<ObjectReport> left() {
    return left;
  }

  /** A level per round: partitions may have partitions. */
  private void findPartitions(List<DumpEntry> archive) {
    boolean grown = true;
    while (grown) {
      grown = false;
      for (DumpEntry attach : archive) {
        if (attach.kind().equals("TABLE ATTACH") && relations(attach).anyMatch(this::takesTable)) {
          for (DumpEntry relation : relations(attach).toList()) {
            grown |= isNamed(attach, relation) && partitionsTaken.add(relation.id());
          }
        }
      }
    }
  }

  /** An attachment depends on parent and partition, and has the partition's name. */
  private static boolean isNamed(DumpEntry attach, DumpEntry relation) {
    return attach.name().equals(relation.name()) && attach.schema().equals(relation.schema());
  }

  private void findOwnedSequences(List<DumpEntry> archive) {
    archive.stream()
        .filter(entry -> entry.kind().equals("SEQUENCE OWNED BY"))
        .filter(entry -> relations(entry).noneMatch(this::takesTable))
        .flatMap(entry -> entry.dependencies().stream())
        .filter(id -> byId.containsKey(id) && byId.get(id).kind().equals("SEQUENCE"))
        .forEach(ownedElsewhere::add);
  }

  private Stream<DumpEntry> relations(DumpEntry entry) {
    return dependencies(entry).filter(DumpEntry::isRelation);
  }

  private Stream<DumpEntry> dependencies(DumpEntry entry) {
    return entry.dependencies().stream().flatMap(id -> Stream.ofNullable(byId.get(id)));
  }

  private boolean takesTable(DumpEntry relation) {
    return partitionsTaken.contains(relation.id())
        || selection.takesTable(new TableId(relation.schema(), relation.name()));
  }

  private boolean takes(DumpEntry entry) {
    if (ABOUT.contains(entry.kind())) {
      return dependencies(entry).allMatch(this::takes) && takesPlace(entry);
    }
    if (entry.isRelation()) {
      return takesTable(entry);
    }
    if (HANGING.contains(entry.kind())) {
      Optional<DumpEntry> table = tableOf(entry);
      return table.isPresent()
          ? takesTable(table.get())
          : !ownedElsewhere.contains(entry.id()) && takesPlace(entry);
    }
    return takesPlace(entry) && !isOwnPublication(entry) && !isPartOfPublication(entry);
  }

  /** A foreign key depends on two tables; it hangs on the one whose name it begins with. */
  private Optional<DumpEntry> tableOf(DumpEntry entry) {
    return relations(entry)
        .filter(relation ->
            relation.schema().equals(entry.schema())
                && (entry.name() + " ").startsWith(relation.name() + " "))
        .findFirst()
        .or(() -> relations(entry).findFirst());
  }

  /** What a task of ours has made to read the source's log. */
  private static boolean isOwnPublication(DumpEntry entry) {
    return entry.kind().startsWith("PUBLICATION") && entry.name().startsWith("wherry_");
  }

  private static boolean isPartOfPublication(DumpEntry entry) {
    return entry.kind().startsWith("PUBLICATION ");
  }

  private boolean takesPlace(DumpEntry entry) {
    if (entry.kind().equals("SCHEMA")) {
      return selection.takesSchema(entry.name());
    }
    if (ABOUT.contains(entry.kind()) && entry.name().startsWith(SCHEMA_TAG)) {
      return selection.takesSchema(entry.name().substring(SCHEMA_TAG.length()));
    }
    return entry.schema().isEmpty() || selection.takesSchema(entry.schema());
  }

  /** Why an entry cannot be carried, where that is known beforehand. */
  private Optional<String> impossible(DumpEntry entry) {
    return switch (entry.kind()) {
      case "ACL", "DEFAULT ACL" ->
          grants
              ? Optional.empty()
              : Optional.of("the selection rules say that grants are not carried.");
      case "PUBLICATION" ->
          Optional.of(
              "what the source publishes to others is part of the source; create it on the target"
                  + " when the target takes over.");
      case "SUBSCRIPTION" ->
          Optional.of(
              "a second subscriber would read the same changes twice; create it on the target when"
                  + " the target takes over.");
      case "USER MAPPING" -> Optional.of("it holds a password of another server; create it anew.");
      default -> Optional.empty();
    };
  }
}
