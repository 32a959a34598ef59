package wherry.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import wherry.connector.ScriptedLog;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;

/**
 * An example of a mapping: rules as JSON objects, a table of the source with its rows, {@code ->}
 * and the table of the target; then changes, {@code ->} and the target's rows after them. Columns
 * are {@code name type(length) key}, cells stand between bars. {@code NULL} is NULL, {@code ''} an
 * empty text, {@code ~x} matches the regular expression x; {@code rejected} begins a line with the
 * text of a rejection, {@code segments 3} says in how many the table was loaded. {@code partitioned
 * by a} behind the columns makes each value of a the name of a partition. An empty line ends each
 * part.
 */
record MappingCase(
    String name,
    String rules,
    TableSchema source,
    OptionalInt partitionColumn,
    List<List<@Nullable String>> rows,
    String target,
    List<String> loaded,
    List<ScriptedLog.Write> changes,
    List<String> changed) {
  private static final Pattern TABLE =
      Pattern.compile("(\\S+\\.\\S+) \\((.*)\\)(?: partitioned by (\\w+))?");
  private static final Pattern COLUMN =
      Pattern.compile("(\\S+) (\\w+)(?:\\((\\d+)(?:,(\\d+))?\\))?( not null)?( key)?");
  private static final Pattern UPDATE = Pattern.compile("update (\\S+): (.*)");

  static MappingCase parse(String name, String text) {
    List<List<String>> parts = new ArrayList<>(List.of(new ArrayList<>()));
    for (String line : text.strip().split("\n")) {
      if (line.isBlank()) {
        parts.add(new ArrayList<>());
      } else {
        parts.getLast().add(line.strip());
      }
    }
    TableSchema source = table(parts.get(1).getFirst());
    List<String> target = parts.get(2);
    return new MappingCase(
        name,
        rules(String.join("\n", parts.get(0))),
        source,
        partitionColumn(parts.get(1).getFirst(), source),
        parts.get(1).stream().skip(1).map(MappingCase::row).toList(),
        target.getFirst().substring(2).strip(),
        target.subList(1, target.size()),
        parts.size() < 4
            ? List.of()
            : parts.get(3).stream().map(line -> write(source, line)).toList(),
        parts.size() < 5 ? List.of() : parts.get(4).subList(1, parts.get(4).size()));
  }

  private static String rules(String objects) {
    String select =
        objects.contains("\"selection\"")
            ? ""
            : "{\"rule-type\":\"selection\",\"rule-id\":900,\"rule-action\":\"include\","
                + "\"object-locator\":{\"schema-name\":\"%\",\"table-name\":\"%\"}},";
    return "{\"rules\":[" + select + objects.replaceAll("(?m)\\}\\s*\n\\{", "},\n{") + "]}";
  }

  static TableSchema table(String line) {
    Matcher matcher = TABLE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("No table: " + line);
    }
    List<Column> columns = new ArrayList<>();
    List<Integer> key = new ArrayList<>();
    for (String word : matcher.group(2).split(", ")) {
      Matcher column = COLUMN.matcher(word);
      if (!column.matches()) {
        throw new IllegalArgumentException("No column: " + word);
      }
      if (column.group(6) != null) {
        key.add(columns.size());
      }
      columns.add(column(column));
    }
    return new TableSchema(
        TestTables.id(matcher.group(1)),
        columns,
        key.isEmpty() ? Optional.empty() : Optional.of(new Key(true, key)));
  }

  private static OptionalInt partitionColumn(String line, TableSchema table) {
    Matcher matcher = TABLE.matcher(line);
    return matcher.matches() && matcher.group(3) != null
        ? IntStream.range(0, table.columns().size())
            .filter(i -> table.columns().get(i).name().equals(matcher.group(3)))
            .findFirst()
        : OptionalInt.empty();
  }

  private static Column column(Matcher column) {
    String type = column.group(2).toUpperCase(Locale.ROOT);
    int size = column.group(3) == null ? 0 : Integer.parseInt(column.group(3));
    int scale = column.group(4) == null ? 0 : Integer.parseInt(column.group(4));
    boolean uuid = type.equals("UUID");
    DataType dataType = uuid ? DataType.STRING : DataType.valueOf(type);
    boolean numeric = dataType == DataType.NUMERIC;
    boolean time = dataType == DataType.DATETIME || dataType == DataType.TIME;
    return new Column(
        column.group(1),
        dataType,
        uuid ? Meaning.UUID : Meaning.PLAIN,
        uuid ? 36 : numeric || time ? 0 : size,
        numeric ? size : 0,
        time ? size : scale,
        List.of(),
        column.group(5) == null,
        new NativeType("test", column.group(2)));
  }

  /** The table as {@link #target} writes it. */
  static String shown(TableSchema table) {
    return table.id()
        + IntStream.range(0, table.columns().size())
            .mapToObj(i -> shown(table.columns().get(i)) + (table.isKeyColumn(i) ? " key" : ""))
            .collect(Collectors.joining(", ", " (", ")"));
  }

  private static String shown(Column column) {
    String name =
        column.meaning() == Meaning.UUID ? "uuid" : column.type().name().toLowerCase(Locale.ROOT);
    String size =
        switch (column.type()) {
          case NUMERIC ->
              column.precision() == 0 ? "" : "(" + column.precision() + "," + column.scale() + ")";
          case TIME, DATETIME -> column.scale() == 0 ? "" : "(" + column.scale() + ")";
          default ->
              column.length() == 0 || column.meaning() == Meaning.UUID
                  ? ""
                  : "(" + column.length() + ")";
        };
    return column.name() + " " + name + size + (column.nullable() ? "" : " not null");
  }

  static List<@Nullable String> row(String line) {
    List<@Nullable String> cells = new ArrayList<>();
    for (String cell : line.split("\\|", -1)) {
      String text = cell.strip();
      cells.add(text.equals("NULL") ? null : text.equals("''") ? "" : text);
    }
    return cells;
  }

  private static ScriptedLog.Write write(TableSchema source, String line) {
    if (line.startsWith("insert ")) {
      return new ScriptedLog.Insert(source.id(), row(line.substring(7)));
    }
    if (line.startsWith("delete ")) {
      return new ScriptedLog.Delete(source.id(), line.substring(7).strip());
    }
    Matcher update = UPDATE.matcher(line);
    if (!update.matches()) {
      throw new IllegalArgumentException("No change: " + line);
    }
    return new ScriptedLog.Update(source.id(), update.group(1), row(update.group(2)));
  }

  /** Only the name, for the list of tests. */
  @Override
  public String toString() {
    return name;
  }
}
