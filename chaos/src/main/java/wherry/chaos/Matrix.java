package wherry.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Trial.Plan;

/**
 * Which runs there are. In each round every fault happens once between every pair, in another phase
 * than in the round before; neighbouring pairs have it in different phases. The order is drawn.
 */
final class Matrix {
  /** The golden ratio's odd 64 bits: seeds of neighbouring runs have nothing in common. */
  private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final List<Pair> pairs;
  private final List<Fault> faults;
  private final List<Phase> phases;

  private record Cell(Pair pair, Fault fault, Phase phase) {}

  /**
   * @param phases a fault that can happen in none of them has no runs
   */
  Matrix(long seed, List<Pair> pairs, List<Fault> faults, List<Phase> phases) {
    this.seed = seed;
    this.pairs = List.copyOf(pairs);
    this.faults = List.copyOf(faults);
    this.phases = List.copyOf(phases);
  }

  /** How many runs a round has. */
  int roundSize() {
    return round(0).size();
  }

  /**
   * @param number of the run, from 1 on
   */
  Plan plan(int number) {
    int size = roundSize();
    int round = (number - 1) / size;
    List<Cell> cells = round(round);
    Collections.shuffle(cells, new Random(seed + round));
    Cell cell = cells.get((number - 1) % size);
    return new Plan(
        number, seed + (number - 1) * SEED_STEP, cell.pair(), cell.fault(), cell.phase());
  }

  private List<Cell> round(int round) {
    List<Cell> cells = new ArrayList<>();
    for (int fault = 0; fault < faults.size(); fault++) {
      List<Phase> possible = faults.get(fault).phases().stream().filter(phases::contains).toList();
      for (int pair = 0; pair < pairs.size(); pair++) {
        if (!possible.isEmpty() && faults.get(fault).impossible(pairs.get(pair)).isEmpty()) {
          Phase phase = possible.get((fault + pair + round) % possible.size());
          cells.add(new Cell(pairs.get(pair), faults.get(fault), phase));
        }
      }
    }
    return cells;
  }
}
