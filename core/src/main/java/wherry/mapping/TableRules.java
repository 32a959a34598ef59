package wherry.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.mapping.TransformationRule.Action;
import wherry.mapping.TransformationRule.Level;
import wherry.mapping.TransformationRule.Mask;
import wherry.schema.Column;
import wherry.schema.TableId;

/**
 * The transformation rules of one table. Rules of different kinds on one object compose; of those
 * of one kind (names, presence, type, mask, key, before images) the one with the lowest rule-id
 * applies, and the others are told.
 */
final class TableRules {
  private final List<TransformationRule> rules;
  private final boolean columnsIgnoreCase;
  private final List<String> notes = new ArrayList<>();
  private final List<AppliedRules.Use> uses = new ArrayList<>();

  /**
   * @param all sorted by rule-id
   */
  TableRules(List<TransformationRule> all, TableId table, TableMapping.NameCase names) {
    this.rules =
        all.stream().filter(rule -> rule.at().matches(table, names.tablesIgnoreCase())).toList();
    this.columnsIgnoreCase = names.columnsIgnoreCase();
  }

  /** A rule with its action, whose kind is known. */
  record Applied<A>(long id, A action) {}

  /** What the rules have to tell. */
  List<String> notes() {
    return notes;
  }

  /** Which rules have been applied so far, and to what. */
  List<AppliedRules.Use> uses() {
    return uses.stream().distinct().toList();
  }

  /** The ids of those that have given the object its name, or made it. */
  Stream<Long> naming(String object) {
    return used(object, TransformationRule::names);
  }

  /** The ids of those that mask the object. */
  Stream<Long> masking(String object) {
    return used(object, rule -> rule.action() instanceof Mask);
  }

  private Stream<Long> used(String object, Predicate<TransformationRule> kind) {
    Set<Long> used =
        uses.stream()
            .filter(use -> use.object().equals(object))
            .map(AppliedRules.Use::rule)
            .collect(Collectors.toSet());
    return rules.stream()
        .filter(rule -> used.contains(rule.id()) && kind.test(rule))
        .map(TransformationRule::id);
  }

  void used(long rule, String object) {
    uses.add(new AppliedRules.Use(rule, object));
  }

  void note(String note) {
    notes.add(note);
  }

  /** All rules of a kind on columns of the table, whichever columns, by rule-id. */
  <A extends Action> List<Applied<A>> ofTable(Class<A> kind) {
    return rules.stream()
        .filter(rule -> kind.isInstance(rule.action()))
        .map(rule -> new Applied<>(rule.id(), kind.cast(rule.action())))
        .toList();
  }

  /** The rule that gives the schema, table or column its name. */
  Optional<TransformationRule> name(Level level, Predicate<TransformationRule> at, String object) {
    return winner(rule -> rule.level() == level && rule.renames() && at.test(rule), object);
  }

  /** The rule of a kind that applies to the column. */
  <A extends Action> Optional<Applied<A>> ofColumn(Class<A> kind, Column column, String object) {
    return winner(rule -> kind.isInstance(rule.action()) && isAt(rule, column), object)
        .map(rule -> new Applied<>(rule.id(), kind.cast(rule.action())));
  }

  /** The rule of a kind that applies to the table. */
  <A extends Action> Optional<Applied<A>> ofTable(Class<A> kind, String object) {
    return winner(rule -> kind.isInstance(rule.action()), object)
        .map(rule -> new Applied<>(rule.id(), kind.cast(rule.action())));
  }

  boolean isAt(TransformationRule rule, Column column) {
    return rule.level() == Level.COLUMN && rule.at().matches(column, columnsIgnoreCase);
  }

  private Optional<TransformationRule> winner(
      Predicate<TransformationRule> applies, String object) {
    List<TransformationRule> candidates = rules.stream().filter(applies).toList();
    candidates.stream()
        .skip(1)
        .forEach(loser -> noteLoser(loser.id(), object, candidates.getFirst().id()));
    candidates.stream().findFirst().ifPresent(winner -> used(winner.id(), object));
    return candidates.stream().findFirst();
  }

  void noteLoser(long loser, String object, long winner) {
    note(
        "Rule "
            + loser
            + " does not apply to "
            + object
            + ": rule "
            + winner
            + " has the lower rule-id");
  }
}
