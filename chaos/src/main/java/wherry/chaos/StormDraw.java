package wherry.chaos;

import java.util.List;
import java.util.SplittableRandom;

/** What a storm decides by its seed. */
final class StormDraw {
  private final SplittableRandom random;

  StormDraw(long seed) {
    random = new SplittableRandom(seed);
  }

  /** From 0 to below this. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean inHundred(int percent) {
    return random.nextInt(100) < percent;
  }

  <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  @SafeVarargs
  final <T> T oneOf(T... all) {
    return all[random.nextInt(all.length)];
  }
}
