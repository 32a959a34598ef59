package wherry.mapping;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import wherry.error.DmsException;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.filter.FilterCondition;
import wherry.mapping.TableRules.Applied;
import wherry.mapping.TransformationRule.AddBeforeImages;
import wherry.mapping.TransformationRule.AddColumn;
import wherry.mapping.TransformationRule.ChangeDataType;
import wherry.mapping.TransformationRule.IncludeColumn;
import wherry.mapping.TransformationRule.Level;
import wherry.mapping.TransformationRule.Presence;
import wherry.mapping.TransformationRule.RemoveColumn;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.transform.OutputColumn;
import wherry.transform.RowTransform;

/** Applies all rules to one table: what is read of it, and what it becomes on the target. */
final class TableMapper {
  private final TableSchema table;
  private final TableId id;
  private final TableMapping.NameCase names;
  private final ExpressionEvaluator evaluator;
  private final TableRules rules;
  private final Misfits misfits;
  private final TableSelections selections;
  private final List<TableSettingsRule> tableSettings;
  private final NewNames newNames;
  private final String targetSchema;
  private final List<OutputColumn> outputs = new ArrayList<>();

  /** Source columns that a load must read. */
  private final BitSet needed = new BitSet();

  TableMapper(
      TableSchema table,
      List<SelectionRule> selections,
      List<TransformationRule> transformations,
      List<TableSettingsRule> tableSettings,
      String targetSchema,
      TableMapping.NameCase names,
      ExpressionEvaluator evaluator) {
    this.table = table;
    this.id = table.id();
    this.names = names;
    this.evaluator = evaluator;
    this.rules = new TableRules(transformations, id, names);
    this.misfits = new Misfits(id);
    this.selections = new TableSelections(selections, table, names);
    this.tableSettings =
        tableSettings.stream()
            .filter(rule -> rule.isOf(table.id(), names.tablesIgnoreCase()))
            .toList();
    this.newNames = new NewNames(id, evaluator);
    this.targetSchema = targetSchema;
  }

  /**
   * @param kept whether a column is moved at all, by the task's settings
   * @throws DmsException SETTING_INVALID with everything that the rules ask and the table lacks
   */
  MappedTable map(Predicate<Column> kept) {
    String schema =
        rules
            .name(Level.SCHEMA, rule -> true, "schema " + id.schema())
            .flatMap(rule -> misfits.attempt(() -> newNames.schema(rule, id.schema())))
            .orElse(targetSchema.isEmpty() ? id.schema() : targetSchema);
    String name =
        rules
            .name(Level.TABLE, rule -> true, "table " + id)
            .flatMap(rule -> misfits.attempt(() -> newNames.table(rule, id.name())))
            .orElse(id.name());
    sourceColumns(kept);
    addColumns();
    if (outputs.isEmpty()) {
      misfits.add(
          "Table "
              + id
              + " has no column left: the rules remove all of them"
              + AppliedRules.told(rules.ofTable(Presence.class).stream().map(Applied::id))
              + ". Exclude it.");
    }
    beforeImages();
    TableSchema target =
        new TargetKeys(table, rules, names, misfits).target(new TableId(schema, name), outputs);
    refuseEqualNames(target);
    FilterCondition filter = selections.filter(misfits);
    misfits.refuse();
    RowTransform transform = new RowTransform(target.withId(id), finalOutputs(target), evaluator);
    TableSettings settings = settings();
    return new MappedTable(
        table.keepColumns(needed::get),
        target,
        selections.loadOrder(),
        rules.notes(),
        filter,
        transform,
        settings,
        new AppliedRules(selections.ruleIds(), rules.uses()));
  }

  /** Of each group of settings the rule with the lowest rule-id gives it. */
  private TableSettings settings() {
    List<TableSettingsRule> ofLoad =
        tableSettings.stream().filter(rule -> rule.parallelLoad().isPresent()).toList();
    List<TableSettingsRule> ofLobs =
        tableSettings.stream().filter(rule -> rule.lobs().isPresent()).toList();
    noteLosers(ofLoad, "the parallel-load of table " + id);
    noteLosers(ofLobs, "the lob-settings of table " + id);
    return new TableSettings(
        ofLoad.isEmpty() ? 0 : ofLoad.getFirst().id(),
        ofLoad.isEmpty()
            ? new ParallelLoad.Automatic()
            : ofLoad.getFirst().parallelLoad().orElseThrow(),
        ofLobs.isEmpty() ? Optional.empty() : ofLobs.getFirst().lobs());
  }

  private void noteLosers(List<TableSettingsRule> candidates, String object) {
    candidates.stream()
        .skip(1)
        .forEach(loser -> rules.noteLoser(loser.id(), object, candidates.getFirst().id()));
  }

  /** Key columns take no NULL on the target, which the outputs did not know. */
  private List<OutputColumn> finalOutputs(TableSchema target) {
    List<OutputColumn> all = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      OutputColumn output = outputs.get(i);
      all.add(new OutputColumn(target.columns().get(i), output.content(), output.mask()));
    }
    return all;
  }

  private void sourceColumns(Predicate<Column> kept) {
    boolean onlyIncluded = !rules.ofTable(IncludeColumn.class).isEmpty();
    for (int i = 0; i < table.columns().size(); i++) {
      Column column = table.columns().get(i);
      if (!kept.test(column)) {
        continue;
      }
      String object = AppliedRules.columnOf(column.name(), id);
      Optional<Applied<Presence>> presence = rules.ofColumn(Presence.class, column, object);
      boolean removed =
          presence.map(rule -> rule.action() instanceof RemoveColumn).orElse(onlyIncluded);
      if (!removed) {
        needed.set(i);
        outputs.add(sourceColumn(column, object));
      } else if (onlyIncluded && presence.isEmpty() && table.isKeyColumn(i)) {
        rules.note(
            "The rules include-column leave out "
                + object
                + ", which is part of its key: the target table has no key");
      }
    }
  }

  private OutputColumn sourceColumn(Column column, String object) {
    String name =
        rules
            .name(Level.COLUMN, rule -> rules.isAt(rule, column), object)
            .flatMap(rule -> misfits.attempt(() -> newNames.column(rule, column)))
            .orElse(column.name());
    Optional<Applied<ChangeDataType>> retyped =
        rules.ofColumn(ChangeDataType.class, column, object);
    Column wanted =
        retyped
            .map(rule -> rule.action().type().column(name, column.nullable()))
            .orElse(column.withName(name));
    retyped
        .filter(rule -> !OutputColumn.isConvertible(column, wanted))
        .ifPresent(rule ->
            misfits.add(
                "Rule "
                    + rule.id()
                    + ": "
                    + object
                    + " is of type "
                    + column.nativeType().name()
                    + ", which cannot become "
                    + rule.action().type()
                    + ". Choose another data-type, or string."));
    OutputColumn.Content content =
        retyped.isPresent()
            ? new OutputColumn.Converted(column.name())
            : new OutputColumn.Copied(column.name());
    return masked(column, new OutputColumn(wanted, content, Optional.empty()), retyped, object);
  }

  private OutputColumn masked(
      Column located,
      OutputColumn output,
      Optional<Applied<ChangeDataType>> retyped,
      String object) {
    return misfits
        .attempt(() -> new ColumnMasks(rules, id).masked(located, output, retyped, object))
        .orElse(output);
  }

  private void addColumns() {
    for (Applied<AddColumn> rule : rules.ofTable(AddColumn.class)) {
      AddColumn add = rule.action();
      String object = AppliedRules.addedTo(add.name(), id);
      rules.used(rule.id(), object);
      if (outputs.stream()
          .anyMatch(output ->
              !(output.content() instanceof OutputColumn.Computed)
                  && !(output.content() instanceof OutputColumn.Empty)
                  && RowNames.same(sourceOf(output), add.name(), names.columnsIgnoreCase()))) {
        misfits.add(
            "Rule "
                + rule.id()
                + " adds column "
                + add.name()
                + " to table "
                + id
                + ", which has a column of that name. Give it another name as value, or remove the"
                + " source's column.");
        continue;
      }
      Column column = add.type().column(add.name(), true);
      OutputColumn.Content content =
          add.expression()
              .<OutputColumn.Content>map(expression ->
                  new OutputColumn.Computed(expression, variables(rule.id(), expression)))
              .orElse(new OutputColumn.Empty());
      OutputColumn output = new OutputColumn(column, content, Optional.empty());
      outputs.add(masked(column, output, Optional.empty(), object));
    }
  }

  private static String sourceOf(OutputColumn output) {
    return switch (output.content()) {
      case OutputColumn.Copied copied -> copied.source();
      case OutputColumn.Converted converted -> converted.source();
      case OutputColumn.Computed computed -> output.column().name();
      case OutputColumn.Empty empty -> output.column().name();
      case OutputColumn.BeforeImage image -> image.source();
    };
  }

  private List<OutputColumn.Variable> variables(long rule, Expression expression) {
    RowNames known = new RowNames(table, names.columnsIgnoreCase());
    List<String> unknown =
        expression.variables().stream().filter(name -> known.variable(name).isEmpty()).toList();
    for (String name : unknown) {
      misfits.add(
          "Rule "
              + rule
              + ": $"
              + name
              + " in its expression is no column of table "
              + id
              + ", which has "
              + table.columns().stream().map(Column::name).toList()
              + ". A blank must separate a name from what follows it.");
    }
    return expression.variables().stream()
        .flatMap(name -> known.variable(name).stream())
        .peek(this::need)
        .toList();
  }

  private void need(OutputColumn.Variable variable) {
    switch (variable) {
      case OutputColumn.ColumnValue value -> needed.set(RowNames.index(table, value.source()));
      case OutputColumn.ValueBefore value -> needed.set(RowNames.index(table, value.source()));
      case OutputColumn.Constant constant -> {}
      case OutputColumn.Header header -> {}
    }
  }

  private void beforeImages() {
    Optional<Applied<AddBeforeImages>> rule = rules.ofTable(AddBeforeImages.class, imagesOf(id));
    if (rule.isEmpty()) {
      return;
    }
    AddBeforeImages add = rule.get().action();
    for (OutputColumn output : List.copyOf(outputs)) {
      boolean converted = output.content() instanceof OutputColumn.Converted;
      boolean ofSource = converted || output.content() instanceof OutputColumn.Copied;
      if (ofSource && takes(add, output)) {
        Column column = output.column();
        outputs.add(
            new OutputColumn(
                column.withName(add.prefix() + column.name() + add.suffix()).withNullable(true),
                new OutputColumn.BeforeImage(sourceOf(output), converted),
                output.mask()));
      }
    }
  }

  private boolean takes(AddBeforeImages add, OutputColumn output) {
    int source = RowNames.index(table, sourceOf(output));
    return switch (add.filter()) {
      case PK_ONLY -> table.isKeyColumn(source);
      case NON_LOB -> !table.columns().get(source).type().isLob();
      case ALL -> true;
    };
  }

  private void refuseEqualNames(TableSchema target) {
    Set<String> seen = new HashSet<>();
    for (Column column : target.columns()) {
      if (!seen.add(column.name())) {
        misfits.add(
            "Two columns of table "
                + id
                + " would both be named "
                + column.name()
                + " on the target"
                + AppliedRules.told(naming(column.name()))
                + ". Narrow the rename rule to one of them, or remove the other.");
      }
    }
  }

  /** The ids of the rules that make columns of this name. */
  private Stream<Long> naming(String name) {
    return outputs.stream()
        .filter(output -> output.column().name().equals(name))
        .flatMap(output ->
            switch (output.content()) {
              case OutputColumn.Copied copied -> namingSource(copied.source());
              case OutputColumn.Converted converted -> namingSource(converted.source());
              case OutputColumn.BeforeImage image -> rules.naming(imagesOf(id));
              case OutputColumn.Computed computed -> rules.naming(AppliedRules.addedTo(name, id));
              case OutputColumn.Empty empty -> rules.naming(AppliedRules.addedTo(name, id));
            });
  }

  private Stream<Long> namingSource(String column) {
    return rules.naming(AppliedRules.columnOf(column, id));
  }

  private static String imagesOf(TableId table) {
    return "the before images of table " + table;
  }
}
