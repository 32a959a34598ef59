package wherry.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.connector.ScriptedLog;
import wherry.fixture.Fixture;
import wherry.fixture.FixtureTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * A table of a fixture and the fixture's rules, with all that is expected.
 *
 * @param name of the fixture
 * @param rules the document
 */
record MappingCase(String name, String rules, FixtureTable table) {
  private static final Path DOCUMENT = Path.of("..", "docs", "mappings.md");
  private static final Path GOLDEN = Path.of("src", "test", "resources", "mapping-golden");
  private static final Pattern EXAMPLE =
      Pattern.compile("^### (.*?)$|^```mapping\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  /** Those of docs/mappings.md and of mapping-golden. */
  static List<MappingCase> all() throws IOException {
    List<MappingCase> all = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(Files.readString(DOCUMENT));
    String heading = "";
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        heading = matcher.group(1);
      } else {
        all.addAll(parse("mappings.md: " + heading, matcher.group(2)));
      }
    }
    try (Stream<Path> files = Files.list(GOLDEN)) {
      for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
        all.addAll(parse(String.valueOf(file.getFileName()), Files.readString(file)));
      }
    }
    return all;
  }

  private static List<MappingCase> parse(String name, String text) {
    Fixture fixture = Fixture.parse(text);
    String rules = fixture.rules().orElseThrow();
    return fixture.tables().stream().map(table -> new MappingCase(name, rules, table)).toList();
  }

  /** Whether rows of the table are expected on the target. */
  boolean arrives() {
    return !head().equals("not selected") && !head().startsWith("refused");
  }

  /** The target's table, or why there is none. */
  String head() {
    return table.loaded().getFirst().substring(2).strip();
  }

  TableSchema source() {
    return table.source();
  }

  OptionalInt partitionColumn() {
    return table.partitionColumn();
  }

  List<List<@Nullable String>> rows() {
    return table.rows();
  }

  List<String> loaded() {
    return table.loaded().subList(1, table.loaded().size());
  }

  List<ScriptedLog.Write> changes() {
    TableId id = source().id();
    return table.changes().stream()
        .map(change ->
            switch (change.operation()) {
              case INSERT -> new ScriptedLog.Insert(id, change.row());
              case UPDATE -> new ScriptedLog.Update(id, change.key(), change.row());
              case DELETE -> (ScriptedLog.Write) new ScriptedLog.Delete(id, change.key());
            })
        .toList();
  }

  List<String> changed() {
    List<String> lines = table.changed();
    return lines.isEmpty() ? lines : lines.subList(1, lines.size());
  }

  /** Whether something arrives by the load, and changes make something else of it. */
  boolean showsLoadAndChange() {
    return arrives()
        && !loaded().isEmpty()
        && !table.changes().isEmpty()
        && !changed().equals(loaded());
  }

  /** Only names, for the list of tests. */
  @Override
  public String toString() {
    return name + " " + source().id();
  }
}
