package wherry.mapping;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import wherry.mapping.TableRules.Applied;
import wherry.mapping.TransformationRule.DefinePrimaryKey;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.transform.OutputColumn;

/**
 * Key and indexes of the target table: the source's as far as their columns are kept, or a rule's.
 */
final class TargetKeys {
  private static final int GONE = -1;

  private final TableSchema table;
  private final TableRules rules;
  private final TableMapping.NameCase names;
  private final Misfits misfits;

  TargetKeys(TableSchema table, TableRules rules, TableMapping.NameCase names, Misfits misfits) {
    this.table = table;
    this.rules = rules;
    this.names = names;
    this.misfits = misfits;
  }

  TableSchema target(TableId id, List<OutputColumn> outputs) {
    int[] places = places(outputs);
    List<Column> columns = new ArrayList<>(outputs.stream().map(OutputColumn::column).toList());
    Optional<Key> key =
        table
            .key()
            .filter(k -> k.columns().stream().allMatch(c -> places[c] != GONE))
            .map(k -> new Key(k.primary(), k.columns().stream().map(c -> places[c]).toList()));
    Optional<Applied<DefinePrimaryKey>> rule =
        rules.ofTable(DefinePrimaryKey.class, "table " + table.id());
    if (rule.isPresent()) {
      List<Integer> defined =
          rule.get().action().columns().stream()
              .flatMap(name -> place(rule.get().id(), name, outputs).stream())
              .toList();
      defined.forEach(c -> columns.set(c, columns.get(c).withNullable(false)));
      key =
          defined.isEmpty()
              ? Optional.empty()
              : Optional.of(new Key(rule.get().action().primary(), defined));
    }
    key.ifPresent(k -> k.columns().forEach(c -> checkMask(outputs.get(c))));
    List<Index> indexes =
        table.indexes().stream()
            .filter(index -> index.parts().stream().allMatch(p -> places[p.column()] != GONE))
            .map(index -> new Index(index.name(), index.unique(), moved(index.parts(), places)))
            .toList();
    return new TableSchema(id, table.kind(), columns, key, indexes, table.indexesLeftOut());
  }

  /** Of each source column its place on the target. */
  private int[] places(List<OutputColumn> outputs) {
    int[] places = new int[table.columns().size()];
    Arrays.fill(places, GONE);
    for (int i = 0; i < outputs.size(); i++) {
      switch (outputs.get(i).content()) {
        case OutputColumn.Copied copied -> places[RowNames.index(table, copied.source())] = i;
        case OutputColumn.Converted converted ->
            places[RowNames.index(table, converted.source())] = i;
        case OutputColumn.Computed computed -> {}
        case OutputColumn.Empty empty -> {}
        case OutputColumn.BeforeImage image -> {}
      }
    }
    return places;
  }

  /**
   * Where the column is that the rule calls by its source name, or by the name it is added with.
   */
  private Optional<Integer> place(long rule, String name, List<OutputColumn> outputs) {
    for (int i = 0; i < outputs.size(); i++) {
      String known =
          switch (outputs.get(i).content()) {
            case OutputColumn.Copied copied -> copied.source();
            case OutputColumn.Converted converted -> converted.source();
            case OutputColumn.Computed computed -> outputs.get(i).column().name();
            case OutputColumn.Empty empty -> outputs.get(i).column().name();
            case OutputColumn.BeforeImage image -> "";
          };
      if (RowNames.same(known, name, names.columnsIgnoreCase())) {
        return Optional.of(i);
      }
    }
    misfits.add(
        "Rule "
            + rule
            + " defines a primary key with column "
            + name
            + ", which table "
            + table.id()
            + " has not, or loses by another rule. Its columns are named as in the source.");
    return Optional.empty();
  }

  private void checkMask(OutputColumn column) {
    column
        .mask()
        .ifPresent(mask -> {
          switch (mask) {
            case OutputColumn.DigitsRandomize randomize ->
                misfits.add(
                    "Column "
                        + column.column().name()
                        + " is part of the key of table "
                        + table.id()
                        + " and masked by data-masking-digits-randomize"
                        + AppliedRules.told(rules.masking(object(column)))
                        + ": its rows could not be found again. Use data-masking-hash-mask for"
                        + " keys.");
            case OutputColumn.DigitsMask digits ->
                rules.note(
                    "Column "
                        + column.column().name()
                        + " is part of the key of table "
                        + table.id()
                        + " and masked by data-masking-digits-mask: different keys can become equal,"
                        + " and their rows are rejected then. data-masking-hash-mask keeps them apart");
            case OutputColumn.HashMask hash -> {}
          }
        });
  }

  /** As rules call it. */
  private String object(OutputColumn column) {
    return switch (column.content()) {
      case OutputColumn.Copied copied -> AppliedRules.columnOf(copied.source(), table.id());
      case OutputColumn.Converted converted ->
          AppliedRules.columnOf(converted.source(), table.id());
      case OutputColumn.BeforeImage image -> AppliedRules.columnOf(image.source(), table.id());
      case OutputColumn.Computed computed ->
          AppliedRules.addedTo(column.column().name(), table.id());
      case OutputColumn.Empty empty -> AppliedRules.addedTo(column.column().name(), table.id());
    };
  }

  private static List<Index.Part> moved(List<Index.Part> parts, int[] places) {
    return parts.stream()
        .map(p -> new Index.Part(places[p.column()], p.descending(), p.prefixLength()))
        .toList();
  }
}
