package wherry.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.expression.ExpressionEvaluator;
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
  private final List<TableSettingsRule> tableSettings;
  private final List<String> warnings;
  private final ExpressionEvaluator evaluator;

  TableMapping(
      List<SelectionRule> selections,
      List<TransformationRule> transformations,
      List<TableSettingsRule> tableSettings,
      List<String> warnings,
      ExpressionEvaluator evaluator) {
    this.selections = List.copyOf(selections);
    this.transformations =
        transformations.stream().sorted(Comparator.comparingLong(TransformationRule::id)).toList();
    this.tableSettings =
        tableSettings.stream().sorted(Comparator.comparingLong(TableSettingsRule::id)).toList();
    this.warnings = List.copyOf(warnings);
    this.evaluator = evaluator;
  }

  /**
   * @param evaluator for expressions that are not compiled
   * @throws MappingException naming every rule that cannot be used, and why
   */
  public static TableMapping parse(String json, ExpressionEvaluator evaluator) {
    return MappingParser.parse(json, evaluator);
  }

  /** As {@link #parse(String, ExpressionEvaluator)}, where no expression needs SQLite. */
  public static TableMapping parse(String json) {
    return parse(json, ExpressionEvaluator.NONE);
  }

  /** Rules that have no effect here, for the task log. */
  public List<String> warnings() {
    return warnings;
  }

  /** Whether the task takes the table: named by an explicit rule, or included and not excluded. */
  public boolean selects(TableId id, TableSchema.Kind kind, boolean ignoreCase) {
    return matches(SelectionRule.Action.EXPLICIT, id, kind, ignoreCase)
        || (matches(SelectionRule.Action.INCLUDE, id, kind, ignoreCase)
            && !matches(SelectionRule.Action.EXCLUDE, id, kind, ignoreCase));
  }

  private boolean isLeftOut(TableId id, TableSchema.Kind kind, boolean ignoreCase) {
    return matches(SelectionRule.Action.INCLUDE, id, kind, ignoreCase)
        && !selects(id, kind, ignoreCase);
  }

  /** Whether an including rule takes every table of the schema, so that all of it is meant. */
  public boolean selectsSchema(String schema, boolean ignoreCase) {
    return selections.stream()
        .anyMatch(rule ->
            rule.action() == SelectionRule.Action.INCLUDE
                && rule.table().takesAll()
                && rule.schema().matches(schema, ignoreCase));
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

  /** Rules of rule-type table-settings whose table is not among these, for the task log. */
  public List<String> unusedSettings(List<TableSchema> tables, boolean ignoreCase) {
    return tableSettings.stream()
        .filter(rule -> tables.stream().noneMatch(table -> rule.isOf(table.id(), ignoreCase)))
        .map(rule ->
            "Rule "
                + rule.id()
                + " has no effect: the task takes no table "
                + rule.table()
                + ", and table-settings go by the name that a table has in the source")
        .toList();
  }

  /** Transformation rules that match none of these tables and columns, for the task log. */
  public List<String> unusedTransformations(List<TableSchema> tables, NameCase names) {
    return transformations.stream()
        .filter(rule -> tables.stream().noneMatch(table -> rule.matches(table, names)))
        .map(rule ->
            "Rule "
                + rule.id()
                + " changes nothing: no table that the task takes has what its object-locator names;"
                + " locators go by the names in the source")
        .toList();
  }

  /**
   * One sentence for each rule whose {@code _} takes names beside the one that is written there.
   *
   * @param offered everything that the source has
   */
  public List<String> looseUnderscores(Map<TableId, TableSchema.Kind> offered, boolean ignoreCase) {
    LooseUnderscores loose = new LooseUnderscores(offered, ignoreCase);
    BiPredicate<TableId, TableSchema.Kind> selected = (id, kind) -> selects(id, kind, ignoreCase);
    for (SelectionRule rule : selections) {
      boolean excludes = rule.action() == SelectionRule.Action.EXCLUDE;
      loose.look(
          rule.id(),
          excludes ? "leaves out" : "takes",
          rule.schema(),
          rule.table(),
          (id, kind) ->
              rule.type().covers(kind)
                  && (excludes ? isLeftOut(id, kind, ignoreCase) : selected.test(id, kind)));
    }
    for (TransformationRule rule : transformations) {
      loose.look(rule.id(), "changes", rule.at().schema(), rule.at().table(), selected);
    }
    return loose.notes();
  }

  /**
   * Maps all selected tables, those with the higher load order first, then by name.
   *
   * @param targetSchema TargetMetadata.TargetSchema, empty for the source's; a rule on the schema
   *     takes precedence
   * @param kept whether a column is read at all, by the task's settings
   * @param names how the source compares names
   * @param targetIgnoresCase whether names that differ in case only are the same on the target
   * @throws DmsException SETTING_INVALID with everything that does not fit tables, or when two of
   *     them would get the same name
   */
  public List<MappedTable> map(
      List<TableSchema> tables,
      String targetSchema,
      Predicate<Column> kept,
      NameCase names,
      boolean targetIgnoresCase) {
    List<MappedTable> mapped = new ArrayList<>();
    List<DmsException> refused = new ArrayList<>();
    for (TableSchema table : tables) {
      try {
        mapped.add(
            new TableMapper(
                    table,
                    selections,
                    transformations,
                    tableSettings,
                    targetSchema,
                    names,
                    evaluator)
                .map(kept));
      } catch (DmsException e) {
        if (e.code() != ErrorCode.SETTING_INVALID) {
          throw e;
        }
        refused.add(e);
      }
    }
    if (!refused.isEmpty()) {
      throw Misfits.of(refused);
    }
    mapped.sort(
        Comparator.comparingInt((MappedTable t) -> -t.loadOrder())
            .thenComparing(t -> t.source().id()));
    Map<TableId, MappedTable> sourceOf = new HashMap<>();
    for (MappedTable table : mapped) {
      TableId target = table.target().id();
      TableId comparable =
          targetIgnoresCase ? new TableId(fold(target.schema()), fold(target.name())) : target;
      MappedTable other = sourceOf.putIfAbsent(comparable, table);
      if (other != null) {
        throw new DmsException(
            ErrorCode.SETTING_INVALID,
            "Tables "
                + other.source().id()
                + " and "
                + table.source().id()
                + " would both become "
                + target
                + " on the target"
                + AppliedRules.told(
                    Stream.of(other, table).flatMap(t -> t.rules().namingTable().stream()))
                + ". Give one of them another name with a rename rule, or exclude it.");
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

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
