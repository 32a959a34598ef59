package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.connector.ControlRow;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.fixture.Fixture;
import wherry.fixture.RowLine;
import wherry.fixture.TableLine;
import wherry.fixture.TableOutcome;
import wherry.mapping.MappedTable;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;

/**
 * Every example of docs/mappings.md and of mapping-golden, run by the engine: a load, then changes,
 * between a source and a target in memory.
 */
class MappingExamplesTest {
  private static final List<TestRun> STOPPING = new ArrayList<>();
  private static final TableMapping.NameCase EXACT = new TableMapping.NameCase(false, false);

  static Stream<MappingCase> examples() throws IOException {
    return MappingCase.all().stream();
  }

  static Stream<MappingCase> arriving() throws IOException {
    return examples().filter(MappingCase::arrives);
  }

  static Stream<MappingCase> left() throws IOException {
    return examples().filter(example -> !example.arrives());
  }

  @ParameterizedTest
  @MethodSource("arriving")
  void the_target_becomes_what_the_example_says(MappingCase example) {
    TableMapping mapping = mapping(example);
    var mapped = map(mapping, example);
    assertThat(TableLine.shown(mapped.target())).isEqualTo(example.head());

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
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(2))
          .untilAsserted(() ->
              assertThat(holds(target, id, example.changed()))
                  .as(told(target, id) + run.logs())
                  .isTrue());
    }
    run.task().stop();
    STOPPING.add(run);
  }

  /** Not one by one: a run that waits for changes looks for its end a few times a second. */
  @AfterAll
  static void every_run_ends_well() {
    STOPPING.forEach(TestRun::end);
  }

  @ParameterizedTest
  @MethodSource("left")
  void a_table_that_does_not_arrive_is_left_out_or_refused_as_the_example_says(
      MappingCase example) {
    TableMapping mapping = mapping(example);
    boolean selected = mapping.selects(example.source().id(), example.source().kind(), false);
    if (example.head().equals("not selected")) {
      assertThat(selected).isFalse();
    } else {
      assertThat(selected).isTrue();
      assertThatExceptionOfType(DmsException.class)
          .isThrownBy(() -> map(mapping, example))
          .withMessage(example.head().substring("refused: ".length()));
    }
  }

  /** What a mapping is tried with before it runs says the same as the run. */
  @ParameterizedTest
  @MethodSource("arriving")
  void a_trial_without_any_database_says_what_the_example_says(MappingCase example)
      throws InterruptedException {
    TaskDefinition definition =
        new TaskDefinition(
            "trial",
            mapping(example),
            TestRun.settings("{}"),
            TaskDefinition.Start.FRESH,
            List.of());
    try (MappingTrial trial = new MappingTrial(definition, example.source(), EXACT)) {
      TableOutcome outcome =
          new TableOutcome(
              TableLine.shown(trial.mapped().target()),
              List.of(),
              rows(trial.load(example.table().rowBatch())),
              rows(trial.change(example.table().rowChanges())));
      assertThat(Fixture.differences(example.table(), outcome)).isEmpty();
    }
  }

  private static TableMapping mapping(MappingCase example) {
    return TableMapping.parse(example.rules(), new SqliteEvaluator());
  }

  private static MappedTable map(TableMapping mapping, MappingCase example) {
    return mapping.map(List.of(example.source()), "", column -> true, EXACT, false).getFirst();
  }

  private static TableOutcome.Rows rows(MappingTrial.Step step) {
    return new TableOutcome.Rows(step.rows(), step.rejected(), step.filtered());
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
