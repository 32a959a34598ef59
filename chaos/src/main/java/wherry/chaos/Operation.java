package wherry.chaos;

import java.util.random.RandomGenerator;

/** What a transaction of a client does, drawn by weight. */
enum Operation {
  TRANSFER(30),
  APPEND(16),
  REMOVE_ENTRIES(4),
  CLAIM(8),
  SHIFT_CHAIN(6),
  SWAP_KEYS(6),
  KEYLESS(12),
  DOCUMENT(9),
  BULK_CHANGE(2),
  ROLL_BACK(7);

  private static final int ALL = 100;

  private final int weight;

  Operation(int weight) {
    this.weight = weight;
  }

  static Operation draw(RandomGenerator random) {
    int drawn = random.nextInt(ALL);
    for (Operation operation : values()) {
      drawn -= operation.weight;
      if (drawn < 0) {
        return operation;
      }
    }
    throw new IllegalStateException("the weights do not add up to " + ALL);
  }
}
