package wherry.task;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import wherry.connector.Resource;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.mapping.MappedTable;
import wherry.row.RowBatch;
import wherry.schema.Key;
import wherry.schema.TableSchema;
import wherry.transform.ChangeFilter;
import wherry.transform.CharacterSubstitution;
import wherry.transform.RefusedRowText;
import wherry.transform.RowContext;
import wherry.transform.RowTransformer;

/** How the rows of one version of a table's definition become rows of the target. Of one thread. */
final class RowRoute implements Resource {
  private final TableSchema from;
  private final TableRoute route;
  private final @Nullable LobLimit lobLimit;
  private final CharacterSubstitution characters;
  private final ChangeFilter filter;
  private final RefusedRowText text;
  private final boolean keepsDeletedRows;
  private final @Nullable RowTransformer transformer;

  /**
   * @param from the columns that the log has
   * @param named the same columns under the names that the rules are to see
   * @param mapped {@code named} by the rules
   * @throws wherry.error.DmsException TARGET_TABLE_FAILED when the target lacks the table or a
   *     column
   */
  RowRoute(
      TableSchema from,
      TableSchema named,
      MappedTable mapped,
      TaskSettings settings,
      Target target) {
    TableSchema stands = target.describe(mapped.target());
    List<Integer> key = stands.key().map(Key::columns).orElse(List.of());
    this.from = from;
    OptionalInt lobBytesMax = settings.lobBytesMax(mapped);
    this.lobLimit = lobBytesMax.isPresent() ? new LobLimit(from, lobBytesMax.getAsInt()) : null;
    this.characters = settings.characters();
    this.route = new TableRoute(from.id(), mapped.target(), stands, key);
    this.filter = new ChangeFilter(mapped.filter(), named);
    this.text = new RefusedRowText(mapped.transform(), named);
    this.keepsDeletedRows = mapped.transform().keepsDeletedRows();
    this.transformer = mapped.transform().isIdentity(named) ? null : mapped.transform().open(named);
  }

  TableSchema from() {
    return from;
  }

  TableRoute route() {
    return route;
  }

  ChangeFilter filter() {
    return filter;
  }

  RefusedRowText text() {
    return text;
  }

  /** Whether a deleted row stays on the target, with a column that says so. */
  boolean keepsDeletedRows() {
    return keepsDeletedRows;
  }

  /** LOB values that were cut so far. */
  long lobsCut() {
    return lobLimit == null ? 0 : lobLimit.total();
  }

  /** The same rows, by the same numbers, as the target has their columns. */
  RowTransformer.Transformed map(RowBatch logged, RowContext context) {
    RowBatch rows = characters.apply(lobLimit == null ? logged : lobLimit.apply(logged));
    if (transformer == null) {
      return new RowTransformer.Transformed(rows.as(route.rows()), List.of());
    }
    RowTransformer.Transformed transformed = transformer.apply(rows, context);
    return new RowTransformer.Transformed(
        transformed.rows().as(route.rows()), transformed.refusals());
  }

  @Override
  public void close() {
    if (transformer != null) {
      transformer.close();
    }
  }
}
