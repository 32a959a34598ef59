package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.connector.TableRoute;
import wherry.row.RowBatch;
import wherry.schema.Column;

/** The cells of a table's changes as texts that the server parses. Owned by one thread. */
final class CellTexts {
  private final List<Column> columns;
  private final List<CellEncoder> encoders;
  private final CopyBuffer buffer = new CopyBuffer();

  CellTexts(TableRoute route, int serverMajor) {
    this.columns = route.target().columns();
    this.encoders = CellEncoders.texts(route.rows().columns(), columns, serverMajor);
  }

  /**
   * @return null for NULL
   * @throws wherry.connector.ChangeRefused when the column would hold another value than the cell,
   *     or the cell is absent
   */
  @Nullable String text(RowBatch batch, int row, int column) {
    try {
      if (batch.isAbsent(row, column)) {
        throw CellRefused.data(RowCopy.NOT_IN_LOG);
      }
      if (batch.isNull(row, column)) {
        return null;
      }
      buffer.cutTo(0);
      encoders
          .get(column)
          .encode(batch.slab(), batch.start(row, column), batch.end(row, column), buffer);
    } catch (CellRefused e) {
      throw ApplyFailures.of(columns.get(column), e);
    }
    return new String(buffer.bytes(), 0, buffer.used(), StandardCharsets.UTF_8);
  }
}
