package wherry.redis.migration;

import java.util.List;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;

/**
 * A primary of the target and the slots that it has.
 *
 * @param slots every slot for a target that is no cluster
 */
public record TargetShard(List<SlotRange> slots, ServerAddress primary) {
  public TargetShard {
    slots = List.copyOf(slots);
  }

  /** The only shard of a target that is no cluster. */
  public static TargetShard whole(ServerAddress primary) {
    return new TargetShard(List.of(SlotRange.ALL), primary);
  }
}
