package wherry.postgresql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table's columns at a place of the log. The log names them but does not number them; the numbers
 * come from a catalogue that still agrees with the log, and tell a renamed column from one that was
 * dropped while another was added.
 *
 * @param columns in the order of the log; all numbered or none
 */
record Definition(List<Attribute> columns) {
  Definition {
    columns = List.copyOf(columns);
  }

  /** What one step of a definition's change does. */
  sealed interface Step {
    record Added(Attribute column) implements Step {}

    record Dropped(Attribute column) implements Step {}

    /** Has another name or type, or is generated otherwise. */
    record Altered(Attribute before, Attribute after) implements Step {}
  }

  /**
   * @param catalogue all columns that the table has or had, as they are now
   */
  static Definition of(LoggedRelation relation, List<Attribute> catalogue) {
    List<Attribute> live = catalogue.stream().filter(a -> !a.dropped() && a.logged()).toList();
    Definition plain =
        new Definition(relation.columns().stream().map(c -> Attribute.of(c, 0)).toList());
    return plain.agreesWith(live) ? new Definition(live) : plain;
  }

  private boolean agreesWith(List<Attribute> live) {
    return live.size() == columns.size()
        && IntStream.range(0, live.size())
            .allMatch(i ->
                live.get(i).name().equals(columns.get(i).name())
                    && live.get(i).hasSameType(columns.get(i)));
  }

  boolean isNumbered() {
    return columns.stream().allMatch(column -> column.number() > 0);
  }

  /**
   * What turns this definition into the later one; empty when it cannot be told.
   *
   * @param dropped numbers of columns that are gone now
   */
  Optional<List<Step>> stepsTo(Definition after, Set<Integer> dropped) {
    if (!after.isNumbered()) {
      return byName(after);
    }
    Optional<Definition> before = isNumbered() ? Optional.of(this) : numbered(after, dropped);
    return before.map(known -> known.steps(after, Attribute::number));
  }

  /**
   * A later definition with the numbers that follow from this one's, where the catalogue is ahead
   * of it: what is called the same is the same while nothing else is gone, and what is new has a
   * number behind all that were.
   */
  Definition numbering(Definition after, List<Attribute> catalogue) {
    if (after.isNumbered() || !isNumbered() || byName(after).isEmpty()) {
      return after;
    }
    int highest = columns.stream().mapToInt(Attribute::number).max().orElse(0);
    List<Attribute> numbered = new ArrayList<>();
    for (Attribute column : after.columns) {
      Optional<Attribute> known =
          Stream.concat(
                  columns.stream().filter(c -> c.name().equals(column.name())),
                  catalogue.stream()
                      .filter(c -> c.number() > highest && c.name().equals(column.name())))
              .findFirst();
      if (known.isEmpty()) {
        return after;
      }
      numbered.add(known.get().withType(column));
    }
    return new Definition(numbered);
  }

  /** Names alone cannot tell whether a column that is new is one that is gone. */
  private Optional<List<Step>> byName(Definition after) {
    List<Step> steps = steps(after, Attribute::name);
    boolean added = steps.stream().anyMatch(Step.Added.class::isInstance);
    boolean dropped = steps.stream().anyMatch(Step.Dropped.class::isInstance);
    return added && dropped ? Optional.empty() : Optional.of(steps);
  }

  private <T> List<Step> steps(Definition after, Function<Attribute, T> sign) {
    var later = after.columns.stream().collect(Collectors.toMap(sign, a -> a));
    var earlier = columns.stream().collect(Collectors.toMap(sign, a -> a));
    List<Step> steps = new ArrayList<>();
    for (Attribute column : columns) {
      Attribute now = later.get(sign.apply(column));
      if (now == null) {
        steps.add(new Step.Dropped(column));
      } else if (!now.name().equals(column.name())
          || !now.hasSameType(column)
          || !now.isGeneratedAs(column)) {
        steps.add(new Step.Altered(column, now));
      }
    }
    for (Attribute column : after.columns) {
      if (!earlier.containsKey(sign.apply(column))) {
        steps.add(new Step.Added(column));
      }
    }
    return steps;
  }

  /**
   * This definition with the numbers that its columns must have had: those of the columns that are
   * still called the same, and between two such the ones in between, where that leaves no choice.
   */
  private Optional<Definition> numbered(Definition after, Set<Integer> dropped) {
    int last = after.columns.isEmpty() ? 0 : after.columns.getLast().number();
    int highest = Math.max(last, dropped.stream().mapToInt(n -> n).max().orElse(0));
    List<Attribute> known = new ArrayList<>();
    List<Attribute> unknown = new ArrayList<>();
    int previous = 0;
    for (int i = 0; i <= columns.size(); i++) {
      int number = i == columns.size() ? highest + 1 : numberOf(columns.get(i), after);
      if (number == 0) {
        unknown.add(columns.get(i));
        continue;
      }
      List<Integer> between = IntStream.range(previous + 1, number).boxed().toList();
      if (!unknown.isEmpty() && between.size() != unknown.size()) {
        return Optional.empty();
      }
      for (int k = 0; k < unknown.size(); k++) {
        known.add(withNumber(unknown.get(k), between.get(k)));
      }
      unknown.clear();
      if (i < columns.size()) {
        known.add(withNumber(columns.get(i), number));
      }
      previous = number;
    }
    return Optional.of(new Definition(known));
  }

  private static int numberOf(Attribute column, Definition after) {
    return after.columns.stream()
        .filter(later -> later.name().equals(column.name()))
        .mapToInt(Attribute::number)
        .findFirst()
        .orElse(0);
  }

  private static Attribute withNumber(Attribute column, int number) {
    return new Attribute(
        number,
        column.name(),
        column.type(),
        column.modifier(),
        column.dropped(),
        column.logged(),
        column.filled(),
        column.missing(),
        column.generation());
  }
}
