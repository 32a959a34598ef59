package wherry.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tables for tests, as short as they can be said. */
public final class TestTables {
  private TestTables() {}

  /** {@code schema.name} as an id. */
  public static TableId id(String dotted) {
    int dot = dotted.indexOf('.');
    return new TableId(dotted.substring(0, dot), dotted.substring(dot + 1));
  }

  public static Column column(String name, DataType type) {
    return new Column(
        name, type, Meaning.PLAIN, 0, 0, 0, List.of(), true, new NativeType("test", type.name()));
  }

  /**
   * A table whose first column is its primary key; a column is {@code name:TYPE}, or a name for a
   * WSTRING.
   */
  public static TableSchema table(String dotted, String... columns) {
    List<Column> all = new ArrayList<>();
    for (String column : columns) {
      String[] parts = column.split(":");
      all.add(column(parts[0], parts.length > 1 ? DataType.valueOf(parts[1]) : DataType.WSTRING));
    }
    return new TableSchema(id(dotted), all, Optional.of(new Key(true, List.of(0))));
  }

  public static TableSchema view(String dotted, String... columns) {
    TableSchema table = table(dotted, columns);
    return new TableSchema(
        table.id(), TableSchema.Kind.VIEW, table.columns(), Optional.empty(), List.of(), List.of());
  }

  /** Rows {@code 0, row 0}, {@code 1, row 1}, and so on. */
  public static List<List<@Nullable String>> rows(int count) {
    return IntStream.range(0, count)
        .<List<@Nullable String>>mapToObj(i -> List.of("" + i, "row " + i))
        .toList();
  }
}
