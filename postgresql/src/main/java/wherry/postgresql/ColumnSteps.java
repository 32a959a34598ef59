package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.change.SchemaChange.ColumnChange;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.Retyping;
import wherry.schema.TableSchema;

/**
 * What turns one definition of a table into the next, in the words of the task.
 *
 * @param earlier the table before
 * @param now the table after
 */
record ColumnSteps(List<Definition.Step> steps, TableSchema earlier, TableSchema now) {

  List<ColumnChange> changes() {
    List<ColumnChange> changes = new ArrayList<>();
    for (Definition.Step step : steps) {
      switch (step) {
        case Definition.Step.Added(Attribute added) ->
            changes.add(added(column(now, added.name()).orElseThrow(), added.missing()));
        case Definition.Step.Dropped dropped ->
            changes.add(new ColumnChange.Dropped(dropped.column().name()));
        case Definition.Step.Altered altered -> {
          Column to = column(now, altered.after().name()).orElseThrow();
          String from = altered.before().name();
          changes.add(
              from.equals(to.name())
                  ? new ColumnChange.Retyped(to)
                  : new ColumnChange.Renamed(from, to));
        }
      }
    }
    return changes;
  }

  private ColumnChange added(Column column, @Nullable String missing) {
    if (missing == null) {
      return new ColumnChange.Added(column);
    }
    RowBatchBuilder row =
        new RowBatchBuilder(new TableSchema(now.id(), List.of(column), Optional.empty()));
    byte[] text = missing.getBytes(StandardCharsets.UTF_8);
    CellForm.of(column).add(text, 0, text.length, row);
    row.endRow();
    return new ColumnChange.Added(column, Optional.of(row.build()));
  }

  /** What has become of rows that were there already, where nobody can tell it of each. */
  List<String> untold() {
    List<String> untold = new ArrayList<>();
    for (Definition.Step step : steps) {
      switch (step) {
        case Definition.Step.Added(Attribute added) -> {
          if (added.filled() && added.missing() == null) {
            untold.add(
                "rows that were there already got a value of the new column " + added.name());
          }
        }
        case Definition.Step.Altered(Attribute before, Attribute after) -> {
          if (!before.hasSameType(after) && converts(before.name(), after.name())) {
            untold.add("the values of column " + after.name() + " were converted");
          }
          if (!after.isGeneratedAs(before)) {
            untold.add("the values of column " + after.name() + " were generated anew");
          }
        }
        case Definition.Step.Dropped dropped -> {}
      }
    }
    return untold;
  }

  private boolean converts(String before, String after) {
    Optional<Column> from = column(earlier, before);
    Optional<Column> to = column(now, after);
    return from.isEmpty() || to.isEmpty() || Retyping.of(from.get(), to.get()) == Retyping.CONVERTS;
  }

  /** As ALTER TABLE would have them; the log has no statement. */
  String actions() {
    return changes().stream().map(ColumnSteps::action).collect(Collectors.joining(", "));
  }

  private static String action(ColumnChange change) {
    return switch (change) {
      case ColumnChange.Added added ->
          "ADD COLUMN %s %s"
              .formatted(
                  PostgresNames.quote(added.column().name()), added.column().nativeType().name());
      case ColumnChange.Dropped dropped -> "DROP COLUMN " + PostgresNames.quote(dropped.column());
      case ColumnChange.Renamed renamed ->
          "RENAME COLUMN %s TO %s"
              .formatted(
                  PostgresNames.quote(renamed.from()), PostgresNames.quote(renamed.to().name()));
      case ColumnChange.Retyped retyped ->
          "ALTER COLUMN %s TYPE %s"
              .formatted(
                  PostgresNames.quote(retyped.to().name()), retyped.to().nativeType().name());
    };
  }

  private static Optional<Column> column(TableSchema table, String name) {
    return table.columns().stream().filter(column -> column.name().equals(name)).findFirst();
  }
}
