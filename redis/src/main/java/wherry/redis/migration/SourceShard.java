package wherry.redis.migration;

import java.util.ArrayList;
import java.util.List;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/**
 * A server of the source that is followed, and the slots whose keys it has.
 *
 * @param slots in ascending order; every slot for a source that is no cluster
 */
record SourceShard(List<SlotRange> slots, ServerAddress server) {
  SourceShard {
    slots = slots.stream().sorted((a, b) -> Integer.compare(a.first(), b.first())).toList();
  }

  /**
   * Asks a node for all shards (CLUSTER SLOTS: per range its first and last slot, then the primary,
   * then the replicas), or finds that it is alone.
   */
  static List<SourceShard> of(Connection node, ServerInfo info) {
    if (!info.isCluster()) {
      return List.of(new SourceShard(List.of(SlotRange.ALL), node.address()));
    }
    List<SourceShard> shards = new ArrayList<>();
    for (Reply entry : items(node.call("CLUSTER", "SLOTS"))) {
      List<Reply> parts = items(entry);
      SlotRange range = new SlotRange((int) number(parts.get(0)), (int) number(parts.get(1)));
      List<Reply> primary = items(parts.get(2));
      // An empty host means: the one that you have reached me by.
      String host = primary.get(0) instanceof Reply.Bytes text ? text.toString() : "";
      ServerAddress server =
          node.address()
              .at(host.isEmpty() ? node.address().host() : host, (int) number(primary.get(1)));
      add(shards, range, server);
    }
    return shards;
  }

  private static void add(List<SourceShard> shards, SlotRange range, ServerAddress server) {
    for (int i = 0; i < shards.size(); i++) {
      if (shards.get(i).server.equals(server)) {
        List<SlotRange> slots = new ArrayList<>(shards.get(i).slots);
        slots.add(range);
        shards.set(i, new SourceShard(slots, server));
        return;
      }
    }
    shards.add(new SourceShard(List.of(range), server));
  }

  private static List<Reply> items(Reply reply) {
    return ((Reply.Array) reply).items();
  }

  private static long number(Reply reply) {
    return ((Reply.Number) reply).value();
  }

  boolean has(int slot) {
    return slots.stream().anyMatch(range -> range.contains(slot));
  }
}
