package wherry.transform;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableSchema;

/**
 * A row that the rules could not transform, for people. It is the source's row, so only columns are
 * shown that would have arrived as they are: never one that a rule masks or removes.
 */
public final class RefusedRowText {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int CELL_BYTES_MAX = 1000;
  private static final int COLUMNS_WITHOUT_KEY = 3;
  private static final String HIDDEN = "(hidden)";

  private final TableSchema source;
  private final Set<String> shown = new HashSet<>();

  public RefusedRowText(RowTransform transform, TableSchema source) {
    this.source = source;
    for (OutputColumn column : transform.columns()) {
      if (column.mask().isEmpty()) {
        switch (column.content()) {
          case OutputColumn.Copied copied -> shown.add(copied.source());
          case OutputColumn.Converted converted -> shown.add(converted.source());
          case OutputColumn.Computed computed -> {}
          case OutputColumn.Empty empty -> {}
          case OutputColumn.BeforeImage image -> {}
        }
      }
    }
  }

  /** {@code id=7, line=2}, by source names; of a table without key its first columns. */
  public String key(RowBatch rows, int row) {
    List<Integer> columns =
        source
            .key()
            .map(Key::columns)
            .orElseGet(() ->
                java.util.stream.IntStream.range(
                        0, Math.min(COLUMNS_WITHOUT_KEY, source.columns().size()))
                    .boxed()
                    .toList());
    List<String> words = new ArrayList<>();
    for (int column : columns) {
      words.add(source.columns().get(column).name() + "=" + cell(rows, row, column));
    }
    return String.join(", ", words);
  }

  /** A JSON object of the source's cells. */
  public String json(RowBatch rows, int row) {
    ObjectNode object = JSON.createObjectNode();
    for (int column = 0; column < source.columns().size(); column++) {
      String name = source.columns().get(column).name();
      if (shown.contains(name) && rows.isNull(row, column)) {
        object.putNull(name);
      } else {
        object.put(name, cell(rows, row, column));
      }
    }
    return object.toString();
  }

  private String cell(RowBatch rows, int row, int index) {
    Column column = source.columns().get(index);
    if (!shown.contains(column.name())) {
      return HIDDEN;
    }
    if (rows.isNull(row, index)) {
      return "NULL";
    }
    int start = rows.start(row, index);
    int end = rows.end(row, index);
    int cut = Math.min(end, start + CELL_BYTES_MAX);
    while (cut < end && cut > start && (rows.slab()[cut] & 0xC0) == 0x80) {
      cut--;
    }
    String text =
        column.type().isBinary()
            ? HexFormat.of().formatHex(rows.slab(), start, cut)
            : new String(rows.slab(), start, cut - start, StandardCharsets.UTF_8);
    return cut == end ? text : text + "… (" + (end - start) + " bytes)";
  }
}
