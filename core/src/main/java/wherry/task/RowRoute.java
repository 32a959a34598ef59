package wherry.task;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.connector.Resource;
import wherry.connector.TableRoute;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.row.RowBatch;
import wherry.schema.Key;
import wherry.schema.TableSchema;
import wherry.transform.ChangeFilter;
import wherry.transform.CharacterSubstitution;
import wherry.transform.RefusedRowText;
import wherry.transform.RowContext;
import wherry.transform.RowRefusal;
import wherry.transform.RowTransformer;
import wherry.transform.RowTransformer.Transformed;

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
  private @Nullable RowBatch lastRows;
  private @Nullable Transformed lastMapped;

  /**
   * @param from the columns that the log has
   * @param named the same columns under the names that the rules are to see
   * @param mapped {@code named} by the rules
   * @param stands the target's table as it stands
   */
  RowRoute(
      TableSchema from,
      TableSchema named,
      MappedTable mapped,
      TaskSettings settings,
      TableSchema stands) {
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

  /** Whether a deleted row stays on the target, with a column that says so. */
  boolean keepsDeletedRows() {
    return keepsDeletedRows;
  }

  /** LOB values that were cut so far. */
  long lobsCut() {
    return lobLimit == null ? 0 : lobLimit.total();
  }

  /**
   * The change with its rows as the target has them.
   *
   * @param log the batch that the change is of
   * @throws DmsException TABLE_SUSPENDED when the log lacks what the filter needs
   */
  MappedChange map(RowChange change, LogContext log) {
    ChangeFilter.Outcome outcome = filter.of(change);
    if (outcome == ChangeFilter.Outcome.FILTERED) {
      return new MappedChange.Filtered();
    }
    if (outcome == ChangeFilter.Outcome.UNKNOWN) {
      throw lacking();
    }
    Transformed mapped = lastMapped;
    if (mapped == null || change.rows() != lastRows) {
      mapped = transform(change.rows(), log.of(change.rows()));
      lastRows = change.rows();
      lastMapped = mapped;
    }
    RowChange due = as(outcome, change, mapped.rows());
    for (RowRefusal refusal : mapped.refusals()) {
      if (refusal.row() == due.before() || refusal.row() == due.after()) {
        return new MappedChange.Refused(
            refusal,
            text.key(change.rows(), refusal.row()),
            text.json(change.rows(), refusal.row()));
      }
    }
    return new MappedChange.Due(due);
  }

  private RowChange as(ChangeFilter.Outcome outcome, RowChange change, RowBatch rows) {
    // Without an image of before, what identifies the row is in the one after.
    int identity = change.before() == RowChange.NONE ? change.after() : change.before();
    return switch (outcome) {
      case INSERT -> new RowChange(Operation.INSERT, rows, RowChange.NONE, change.after());
      case DELETE -> new RowChange(Operation.DELETE, rows, identity, RowChange.NONE);
      case AS_IT_IS, FILTERED, UNKNOWN ->
          keepsDeletedRows && change.operation() == Operation.DELETE
              ? new RowChange(Operation.UPDATE, rows, change.before(), change.before())
              : new RowChange(
                  change.operation(), rows, change.before(), change.after(), change.actsSilently());
    };
  }

  private DmsException lacking() {
    return new DmsException(
        ErrorCode.TABLE_SUSPENDED,
        from.id(),
        "The source's log does not tell what columns "
            + filter.condition().columns()
            + " of table "
            + from.id()
            + " were before a change, so that its filter cannot be decided. Have the source log whole rows"
            + " (PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL; MySQL: binlog_row_image=FULL) and reload the"
            + " table.",
        null);
  }

  /** The same rows, by the same numbers, as the target has their columns. */
  private Transformed transform(RowBatch logged, RowContext context) {
    RowBatch rows = characters.apply(lobLimit == null ? logged : lobLimit.apply(logged));
    if (transformer == null) {
      return new Transformed(rows.as(route.rows()), List.of());
    }
    Transformed transformed = transformer.apply(rows, context);
    return new Transformed(transformed.rows().as(route.rows()), transformed.refusals());
  }

  /** Lets go of the rows that were mapped last. */
  void forgetRows() {
    lastRows = null;
    lastMapped = null;
  }

  @Override
  public void close() {
    if (transformer != null) {
      transformer.close();
    }
  }
}
