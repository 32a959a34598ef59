package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Findings.Kind;
import wherry.chaos.Trial.Plan;
import wherry.chaos.Trial.Result;

/** Which runs a matrix has, and how it goes on in another sitting. */
class MatrixTest {
  private static final List<Fault> FAULTS = List.of(Fault.values());
  private static final List<Phase> PHASES = List.of(Phase.values());

  private final Matrix matrix = new Matrix(7, Pair.ALL, FAULTS, PHASES);

  @Test
  void a_round_has_every_fault_between_every_pair_once_and_in_each_of_its_phases() {
    List<Plan> round = plans(matrix, 1, matrix.roundSize());

    Set<String> cells = new HashSet<>();
    round.forEach(plan -> assertThat(cells.add(plan.pair() + " " + plan.fault())).isTrue());
    for (Fault fault : FAULTS) {
      List<Plan> runs = round.stream().filter(plan -> plan.fault() == fault).toList();
      assertThat(runs)
          .hasSize(
              (int) Pair.ALL.stream().filter(pair -> fault.impossible(pair).isEmpty()).count());
      Set<Phase> phases = EnumSet.noneOf(Phase.class);
      runs.forEach(plan -> phases.add(plan.phase()));
      assertThat(phases).isEqualTo(fault.phases());
    }
  }

  @Test
  void the_next_round_has_the_same_cells_in_other_phases() {
    Matrix one = new Matrix(7, List.of(Pair.of("mysql-mysql")), List.of(Fault.KILL_SOURCE), PHASES);
    assertThat(plans(one, 1, 3))
        .extracting(Plan::phase)
        .containsExactlyInAnyOrderElementsOf(PHASES);
  }

  @Test
  void a_seed_draws_the_same_runs_again_in_both_modes() {
    assertThat(plans(matrix, 1, 20))
        .isEqualTo(plans(new Matrix(7, Pair.ALL, FAULTS, PHASES), 1, 20));
    assertThat(plans(matrix, 1, 20)).extracting(Plan::isBatch).contains(true, false);
    assertThat(matrix.plan(1).seed()).isEqualTo(7);
  }

  @Test
  void another_sitting_makes_what_is_missing_and_what_was_not_well(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("runs.tsv");
    RunFile first = RunFile.open(file);
    first.add(result(matrix.plan(1), Map.of(), ""));
    first.add(result(matrix.plan(2), Map.of(Kind.LOST, 3L), "LOST: a\tb\nc"));

    RunFile second = RunFile.open(file);
    assertThat(second.isDone(matrix.plan(1))).isTrue();
    assertThat(second.isDone(matrix.plan(2))).isFalse();
    assertThat(second.isDone(matrix.plan(3))).isFalse();
    assertThat(second.last().get(2).findings().examples()).containsExactly("LOST: a b c");
    second.add(result(matrix.plan(2), Map.of(), ""));

    RunFile third = RunFile.open(file);
    assertThat(third.isDone(matrix.plan(2))).isTrue();
    assertThat(third.repeated()).isEqualTo(1);
    assertThat(third.last().values()).extracting(Result::acknowledged).containsExactly(12L, 12L);
    assertThat(Files.readAllLines(file)).hasSize(4);
    assertThat(new Report(third.last().values(), third.repeated()).markdown())
        .contains("| **all** |", "| 2 | 24 |");
  }

  @Test
  void a_run_of_another_matrix_is_not_taken_for_this_ones(@TempDir Path directory)
      throws Exception {
    RunFile file = RunFile.open(directory.resolve("runs.tsv"));
    file.add(result(new Matrix(8, Pair.ALL, FAULTS, PHASES).plan(1), Map.of(), ""));
    assertThat(file.isDone(matrix.plan(1))).isFalse();
  }

  @Test
  void a_name_that_is_none_is_refused_with_those_that_there_are() {
    assertThatThrownBy(() -> Fault.of("kill")).hasMessageContaining("kill-service");
  }

  private static List<Plan> plans(Matrix matrix, int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(matrix::plan).toList();
  }

  private static Result result(Plan plan, Map<Kind, Long> counts, String example) {
    return new Result(plan, 1, 12, 5, Findings.of(counts, example), Duration.ofMillis(3400));
  }
}
