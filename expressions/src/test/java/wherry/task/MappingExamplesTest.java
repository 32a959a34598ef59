package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.connector.ControlRow;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedSource;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.fixture.RowLine;
import wherry.fixture.TableLine;
import wherry.fixture.TableOutcome;
import wherry.mapping.MappingException;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;

/**
 * Every example of docs/mappings.md and of mapping-golden, run by the engine: a load, then changes,
 * between a source and a target in memory.
 */
class MappingExamplesTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "mappings.md");
  private static final Path GOLDEN = Path.of("src", "test", "resources", "mapping-golden");
  private static final Pattern EXAMPLE =
      Pattern.compile("^### (.*?)$|^```mapping\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern RULE =
      Pattern.compile("\"rule-target\": *\"([a-z]+)\", *\"rule-action\": *\"([a-z-]+)\"");

  static Stream<MappingCase> examples() throws IOException {
    List<MappingCase> examples = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(Files.readString(DOCUMENT));
    String heading = "";
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        heading = matcher.group(1);
      } else {
        examples.add(MappingCase.parse("mappings.md: " + heading, matcher.group(2)));
      }
    }
    try (Stream<Path> files = Files.list(GOLDEN)) {
      for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
        examples.add(MappingCase.parse(String.valueOf(file.getFileName()), Files.readString(file)));
      }
    }
    return examples.stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void the_target_becomes_what_the_example_says(MappingCase example) {
    TableMapping mapping = TableMapping.parse(example.rules(), new SqliteEvaluator());
    var mapped =
        mapping
            .map(
                List.of(example.source()),
                "",
                column -> true,
                new TableMapping.NameCase(false, false),
                false)
            .getFirst();
    assertThat(TableLine.shown(mapped.target())).isEqualTo(example.target());

    ScriptedSource source = new ScriptedSource().table(example.source(), example.rows());
    example
        .partitionColumn()
        .ifPresent(column ->
            source.partition(
                example.source().id(),
                row -> String.valueOf(row.get(column)),
                example.rows().stream()
                    .map(row -> String.valueOf(row.get(column)))
                    .distinct()
                    .toArray(String[]::new)));
    source.log().wholeRows();
    RecordingTarget target = new RecordingTarget();
    TestRun run =
        TestRun.of(source, target)
            .type(MigrationType.FULL_LOAD_AND_CDC)
            .mapping(mapping)
            .start()
            .awaitEvent("streaming");
    TableId id = mapped.target().id();
    List<String> loaded = new ArrayList<>(example.loaded());
    if (loaded.removeIf(line -> line.startsWith("segments "))) {
      int segments = target.loadedSegments(example.source().id()).size();
      assertThat(example.loaded()).contains("segments " + segments);
    }
    assertThat(holds(target, id, loaded)).as(told(target, id)).isTrue();

    if (!example.changes().isEmpty()) {
      example.changes().forEach(source::commit);
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(2))
          .untilAsserted(() ->
              assertThat(holds(target, id, example.changed()))
                  .as(told(target, id) + run.logs())
                  .isTrue());
    }
    run.task().stop();
    run.end();
  }

  /** What a mapping is tried with before it runs says the same as the run. */
  @ParameterizedTest
  @MethodSource("examples")
  void a_trial_without_any_database_says_what_the_example_says(MappingCase example)
      throws InterruptedException {
    TaskDefinition definition =
        new TaskDefinition(
            "trial",
            TableMapping.parse(example.rules(), new SqliteEvaluator()),
            TestRun.settings("{}"),
            TaskDefinition.Start.FRESH,
            List.of());
    try (MappingTrial trial =
        new MappingTrial(definition, example.source(), new TableMapping.NameCase(false, false))) {
      TableOutcome outcome =
          new TableOutcome(
              TableLine.shown(trial.mapped().target()),
              List.of(),
              rows(trial.load(example.table().rowBatch())),
              rows(trial.change(example.table().rowChanges())));
      assertThat(example.fixture().differences(List.of(outcome))).isEmpty();
    }
  }

  private static TableOutcome.Rows rows(MappingTrial.Step step) {
    return new TableOutcome.Rows(step.rows(), step.rejected(), step.filtered());
  }

  /** What the parser knows it tells who asks for something else. */
  static List<String> actions() {
    String unknown =
        """
        {"rules":[{"rule-type":"transformation","rule-id":1,"rule-target":"table","rule-action":"shout",
          "object-locator":{"schema-name":"a","table-name":"b"}}]}\
        """;
    String known =
        catchThrowableOfType(MappingException.class, () -> TableMapping.parse(unknown))
            .getMessage();
    assertThat(known).contains("must be one of [");
    return List.of(known.substring(known.indexOf('[') + 1, known.lastIndexOf(']')).split(", "));
  }

  @ParameterizedTest
  @MethodSource("actions")
  void every_action_has_an_example_with_changes_on_every_target_that_it_may_have(String action)
      throws IOException {
    Set<String> shown = new TreeSet<>();
    examples()
        .filter(example -> !example.changes().isEmpty())
        .forEach(example -> {
          Matcher rule = RULE.matcher(example.rules());
          while (rule.find()) {
            shown.add(rule.group(1) + " " + rule.group(2));
          }
        });

    Set<String> targets =
        action.equals("define-primary-key")
            ? Set.of("table")
            : action.matches("rename|convert-.*|.*-prefix|.*-suffix")
                ? Set.of("schema", "table", "column")
                : Set.of("column");
    assertThat(shown).containsAll(targets.stream().map(target -> target + " " + action).toList());
  }

  /** Whether the target has these rows, in any order, and has told of these rejections. */
  private static boolean holds(RecordingTarget target, TableId table, List<String> expected) {
    List<List<@Nullable String>> rest = new ArrayList<>(target.rows(table));
    List<String> told = rejections(target);
    for (String line : expected) {
      boolean found =
          line.startsWith("rejected ")
              ? told.stream().anyMatch(text -> text.contains(line.substring(9)))
              : rest.remove(
                  rest.stream().filter(row -> RowLine.matches(line, row)).findFirst().orElse(null));
      if (!found) {
        return false;
      }
    }
    long rejections = expected.stream().filter(line -> line.startsWith("rejected ")).count();
    return rest.isEmpty() && rejections == told.size();
  }

  private static List<String> rejections(RecordingTarget target) {
    List<String> told = new ArrayList<>();
    target.kept().forEach(row -> told.add(row.key() + " " + row.column() + ": " + row.reason()));
    target
        .control()
        .forEach(row -> {
          if (row instanceof ControlRow.ApplyException exception) {
            told.add(exception.error());
          }
        });
    return told;
  }

  private static String told(RecordingTarget target, TableId table) {
    return target.rows(table) + " " + rejections(target) + " " + target.calls();
  }
}
