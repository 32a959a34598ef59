package wherry.testing;

import java.util.Random;

/**
 * The seed of a random test: another one each time, told on the console, repeatable with {@code
 * -Dwherry.seed=…}.
 */
public final class Seed {
  private Seed() {}

  public static Random random(String test) {
    long seed = Long.getLong("wherry.seed", System.nanoTime());
    System.out.println(test + ": seed " + seed + ", repeat with -Dwherry.seed=" + seed);
    return new Random(seed);
  }
}
