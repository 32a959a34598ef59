package wherry.task;

import java.util.BitSet;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import wherry.connector.RejectedRow;
import wherry.connector.Resource;
import wherry.connector.RowWriter;
import wherry.mapping.MappedTable;
import wherry.row.RowBatch;
import wherry.transform.CharacterSubstitution;
import wherry.transform.RefusedRowText;
import wherry.transform.RowContext;
import wherry.transform.RowRefusal;
import wherry.transform.RowTransformer;

/**
 * What the rules do to the rows of one segment; nothing where they change no cell. Of one thread.
 */
final class LoadTransform implements Resource {
  private final MappedTable table;
  private final CharacterSubstitution characters;
  private final BiConsumer<RowBatch, RowTransformer.Transformed> watch;
  private final @Nullable RowTransformer transformer;
  private final RowContext context = RowContext.ofLoad();

  LoadTransform(MappedTable table, CharacterSubstitution characters) {
    this(table, characters, (before, after) -> {});
  }

  /**
   * @param watch is shown all rows before and after, those that are refused included
   */
  LoadTransform(
      MappedTable table,
      CharacterSubstitution characters,
      BiConsumer<RowBatch, RowTransformer.Transformed> watch) {
    this.table = table;
    this.watch = watch;
    this.characters = characters;
    this.transformer = table.isPlain() ? null : table.transform().open(table.source());
  }

  /** Rows that cannot be transformed are rejected, and never reach the target in another form. */
  RowBatch apply(RowBatch read, RowWriter writer) throws InterruptedException {
    RowBatch rows = characters.apply(read);
    if (transformer == null) {
      return rows;
    }
    RowTransformer.Transformed transformed = transformer.apply(rows, context);
    watch.accept(rows, transformed);
    List<RowRefusal> refusals = transformed.refusals();
    if (refusals.isEmpty()) {
      return transformed.rows();
    }
    RefusedRowText text = new RefusedRowText(table.transform(), table.source());
    BitSet refused = new BitSet();
    for (RowRefusal refusal : refusals) {
      refused.set(refusal.row());
      writer.reject(
          new RejectedRow(
              table.target().id(),
              refusal.kind(),
              text.key(rows, refusal.row()),
              refusal.column(),
              refusal.reason() + ".",
              text.json(rows, refusal.row())));
    }
    return transformed.rows().without(refused);
  }

  @Override
  public void close() {
    if (transformer != null) {
      transformer.close();
    }
  }
}
