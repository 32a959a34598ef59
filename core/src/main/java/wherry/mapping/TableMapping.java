package wherry.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.TransformationRule.Level;
import wherry.mapping.TransformationRule.NameChange;
import wherry.mapping.TransformationRule.RemoveColumn;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The table mappings of a task ("Using table mapping to specify task settings", AWS DMS guide):
 * which tables, and the names of schema, table and columns on the target.
 *
 * <p>Several rules on one object: the one with the lowest rule-id gives the name, another may
 * remove the column; rules that lose are told. Immutable.
 */
public final class TableMapping {
  private final List<SelectionRule> selections;
  private final List<TransformationRule> transformations;

  TableMapping(List<SelectionRule> selections, List<TransformationRule> transformations) {
    this.selections = List.copyOf(selections);
    this.transformations =
        transformations.stream().sorted(Comparator.comparingLong(TransformationRule::id)).toList();
  }

  /**
   * @throws MappingException naming every rule that cannot be used, and why
   */
  public static TableMapping parse(String json) {
    return MappingParser.parse(json);
  }

  /** Whether the task takes the table: named by an explicit rule, or included and not excluded. */
  public boolean selects(TableId id, TableSchema.Kind kind, boolean ignoreCase) {
    return matches(SelectionRule.Action.EXPLICIT, id, kind, ignoreCase)
        || (matches(SelectionRule.Action.INCLUDE, id, kind, ignoreCase)
            && !matches(SelectionRule.Action.EXCLUDE, id, kind, ignoreCase));
  }

  private boolean matches(
      SelectionRule.Action action, TableId id, TableSchema.Kind kind, boolean ignoreCase) {
    return selections.stream()
        .anyMatch(rule -> rule.action() == action && rule.matches(id, kind, ignoreCase));
  }

  /**
   * Tables that a rule names without wildcards and none excludes; those that the source lacks are
   * reported as not existing.
   */
  public List<TableId> named(boolean ignoreCase) {
    return selections.stream()
        .filter(rule -> rule.action() != SelectionRule.Action.EXCLUDE && rule.namesOne())
        .map(rule -> new TableId(rule.schema().literals(), rule.table().literals()))
        .filter(id ->
            selects(id, TableSchema.Kind.TABLE, ignoreCase)
                || selects(id, TableSchema.Kind.VIEW, ignoreCase))
        .distinct()
        .toList();
  }

  /**
   * Maps all selected tables, those with the higher load order first, then by name.
   *
   * @param targetSchema TargetMetadata.TargetSchema, empty for the source's; a rule on the schema
   *     takes precedence
   * @param kept whether a column is read at all, by the task's settings
   * @param names how the source compares names
   * @param targetIgnoresCase whether names that differ in case only are the same on the target
   * @throws DmsException SETTING_INVALID when two tables or columns would get the same name
   */
  public List<MappedTable> map(
      List<TableSchema> tables,
      String targetSchema,
      Predicate<Column> kept,
      NameCase names,
      boolean targetIgnoresCase) {
    List<MappedTable> mapped =
        tables.stream()
            .map(table -> map(table, targetSchema, kept, names))
            .sorted(
                Comparator.comparingInt((MappedTable t) -> -t.loadOrder())
                    .thenComparing(t -> t.source().id()))
            .toList();
    Map<TableId, TableId> sourceOf = new HashMap<>();
    for (MappedTable table : mapped) {
      TableId target = table.target().id();
      TableId comparable =
          targetIgnoresCase ? new TableId(fold(target.schema()), fold(target.name())) : target;
      TableId other = sourceOf.putIfAbsent(comparable, table.source().id());
      if (other != null) {
        throw new DmsException(
            ErrorCode.SETTING_INVALID,
            "Tables "
                + other
                + " and "
                + table.source().id()
                + " would both become "
                + target
                + " on the target. Give one of them another name with a rename rule, or exclude it.");
      }
    }
    return mapped;
  }

  /**
   * How the source compares names.
   *
   * @param tablesIgnoreCase MySQL's lower_case_table_names 1 and 2
   * @param columnsIgnoreCase MySQL always
   */
  public record NameCase(boolean tablesIgnoreCase, boolean columnsIgnoreCase) {}

  private MappedTable map(
      TableSchema table, String targetSchema, Predicate<Column> kept, NameCase names) {
    boolean ignoreCase = names.tablesIgnoreCase();
    List<String> notes = new ArrayList<>();
    TableId id = table.id();
    List<TransformationRule> here =
        transformations.stream().filter(rule -> rule.at().matches(id, ignoreCase)).toList();
    String schema =
        newName(here, Level.SCHEMA, rule -> true, id.schema(), "schema " + id.schema(), notes)
            .orElse(targetSchema.isEmpty() ? id.schema() : targetSchema);
    String name =
        newName(here, Level.TABLE, rule -> true, id.name(), "table " + id, notes).orElse(id.name());

    List<TransformationRule> columnRules =
        here.stream().filter(rule -> rule.level() == Level.COLUMN).toList();
    TableSchema source =
        table.keepColumns(i -> {
          Column column = table.columns().get(i);
          return kept.test(column)
              && columnRules.stream()
                  .noneMatch(rule ->
                      rule.action() instanceof RemoveColumn
                          && rule.at().matches(column, names.columnsIgnoreCase()));
        });
    if (source.columns().isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          id,
          "Table " + id + " has no column left: the rules remove all of them. Exclude it.",
          null);
    }
    TableSchema target =
        source
            .withId(new TableId(schema, name))
            .mapColumns(column ->
                column.withName(
                    newName(
                            columnRules,
                            Level.COLUMN,
                            rule -> rule.at().matches(column, names.columnsIgnoreCase()),
                            column.name(),
                            "column " + column.name() + " of " + id,
                            notes)
                        .orElse(column.name())));
    refuseEqualNames(id, target);
    return new MappedTable(source, target, loadOrder(table, ignoreCase), List.copyOf(notes));
  }

  private static Optional<String> newName(
      List<TransformationRule> rules,
      Level level,
      Predicate<TransformationRule> applies,
      String name,
      String object,
      List<String> notes) {
    List<TransformationRule> named =
        rules.stream()
            .filter(rule ->
                rule.level() == level && rule.action() instanceof NameChange && applies.test(rule))
            .toList();
    if (named.isEmpty()) {
      return Optional.empty();
    }
    TransformationRule winner = named.getFirst();
    named.stream()
        .skip(1)
        .forEach(loser ->
            notes.add(
                "Rule "
                    + loser.id()
                    + " does not apply to "
                    + object
                    + ": rule "
                    + winner.id()
                    + " has the lower rule-id"));
    String renamed = winner.action() instanceof NameChange change ? change.apply(name) : name;
    if (renamed.isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "Rule "
              + winner.id()
              + " leaves nothing of the name of "
              + object
              + "; exclude it from the rule.");
    }
    return Optional.of(renamed);
  }

  private static void refuseEqualNames(TableId id, TableSchema target) {
    TreeSet<String> names = new TreeSet<>();
    for (Column column : target.columns()) {
      if (!names.add(column.name())) {
        throw new DmsException(
            ErrorCode.SETTING_INVALID,
            id,
            "Two columns of table "
                + id
                + " would both be named "
                + column.name()
                + " on the target. Narrow the rename rule to one of them, or remove the other.",
            null);
      }
    }
  }

  private int loadOrder(TableSchema table, boolean ignoreCase) {
    return selections.stream()
        .filter(rule ->
            rule.action() != SelectionRule.Action.EXCLUDE
                && rule.matches(table.id(), table.kind(), ignoreCase))
        .max(
            Comparator.comparingInt(SelectionRule::specificity)
                .thenComparingInt(SelectionRule::loadOrder))
        .map(SelectionRule::loadOrder)
        .orElse(0);
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
