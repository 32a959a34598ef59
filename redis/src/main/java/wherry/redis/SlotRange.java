package wherry.redis;

/**
 * Hash slots of a cluster, both ends included.
 *
 * @param first 0 … last
 * @param last first … 16383
 */
public record SlotRange(int first, int last) {
  public static final int SLOTS = 16_384;

  /** Every slot: what a server that is no cluster has. */
  public static final SlotRange ALL = new SlotRange(0, SLOTS - 1);

  public SlotRange {
    if (first < 0 || last < first || last >= SLOTS) {
      throw new IllegalArgumentException("no range of slots: " + first + "-" + last);
    }
  }

  public boolean contains(int slot) {
    return first <= slot && slot <= last;
  }

  public int size() {
    return last - first + 1;
  }

  /** As CLUSTER NODES writes it: {@code 0-5460}, or {@code 7} for a single slot. */
  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
