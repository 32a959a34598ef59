package wherry.connector;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.row.EncodedRows;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableSchema;

/** Hands on the rows of a segment, and lets the script of its {@link ScriptedSource} happen. */
final class ScriptedReader implements RowReader {
  private final TableSchema table;
  private final int segment;
  private final List<List<@Nullable String>> rows;
  private final RowFormat format;
  private final int batchRowsMax;
  private final ScriptedSource.Event event;
  private final Runnable whenClosed;
  private int next;
  private boolean closed;

  ScriptedReader(
      TableSchema table,
      int segment,
      List<List<@Nullable String>> rows,
      RowFormat format,
      int batchRowsMax,
      ScriptedSource.Event event,
      Runnable whenClosed) {
    this.table = table;
    this.segment = segment;
    this.rows = rows;
    this.format = format;
    this.batchRowsMax = batchRowsMax;
    this.event = event;
    this.whenClosed = whenClosed;
  }

  @Override
  public Optional<Rows> next() throws InterruptedException {
    int from = next;
    RowBatchBuilder cells = new RowBatchBuilder(table);
    StringBuilder lines = new StringBuilder();
    while (next < rows.size() && next - from < batchRowsMax) {
      event.before(table.id(), segment, next);
      List<@Nullable String> row = rows.get(next);
      row.forEach(cells::add);
      cells.endRow();
      lines
          .append(String.join("\t", row.stream().map(c -> c == null ? "\\N" : c).toList()))
          .append('\n');
      next++;
    }
    if (next == from) {
      event.before(table.id(), segment, next);
      return Optional.empty();
    }
    if (format.equals(RowFormat.CELLS)) {
      return Optional.of(cells.build());
    }
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    return Optional.of(new EncodedRows(format, Arrays.asList(bytes), next - from, bytes.length));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      whenClosed.run();
    }
  }
}
