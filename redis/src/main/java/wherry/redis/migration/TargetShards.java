package wherry.redis.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import wherry.redis.HashSlot;
import wherry.redis.SlotRange;

/**
 * The target as one shard of the source sees it: its primaries and who has which key.
 *
 * <p>What the target can change at once is a unit: each slot of a cluster, where EXEC takes no keys
 * of two slots, or the whole of a server that is no cluster. Units are numbered: slots by their
 * number, and from 16384 on each primary as a whole.
 */
final class TargetShards implements AutoCloseable {
  private final List<TargetShard> shards;
  private final boolean cluster;
  private final int[] shardOfSlot = new int[SlotRange.SLOTS];
  private final List<TargetWriter> writers = new CopyOnWriteArrayList<>();
  private final List<byte[]> positionKeys = new ArrayList<>();

  TargetShards(MigrationRequest request, SourceShard source) {
    shards = request.targets();
    cluster = request.clusterMode();
    for (int i = 0; i < shards.size(); i++) {
      TargetShard shard = shards.get(i);
      for (SlotRange range : shard.slots()) {
        for (int slot = range.first(); slot <= range.last(); slot++) {
          shardOfSlot[slot] = i;
        }
      }
      positionKeys.add(
          PositionKeys.ofShard(
              source.slots().getFirst().toString(), shard.slots().getFirst().first()));
    }
  }

  /**
   * @param onFailure called by another thread when a primary fails
   */
  void connect(Runnable onFailure) {
    shards.forEach(shard -> writers.add(new TargetWriter(shard.primary(), onFailure)));
  }

  int count() {
    return shards.size();
  }

  TargetShard shard(int number) {
    return shards.get(number);
  }

  TargetWriter writer(int shard) {
    return writers.get(shard);
  }

  List<TargetWriter> writers() {
    return writers;
  }

  boolean isCluster() {
    return cluster;
  }

  int unitOf(byte[] key) {
    return cluster ? HashSlot.of(key) : unitOfShard(0);
  }

  static int unitOfShard(int shard) {
    return SlotRange.SLOTS + shard;
  }

  int shardOf(int unit) {
    return unit < SlotRange.SLOTS ? shardOfSlot[unit] : unit - SlotRange.SLOTS;
  }

  /** The key that says how far a unit is. */
  byte[] positionKey(int unit) {
    return unit < SlotRange.SLOTS ? PositionKeys.ofSlot(unit) : shardPositionKey(shardOf(unit));
  }

  byte[] shardPositionKey(int shard) {
    return positionKeys.get(shard);
  }

  void await() {
    writers.forEach(TargetWriter::flush);
    writers.forEach(TargetWriter::await);
  }

  @Override
  public void close() {
    writers.forEach(TargetWriter::close);
  }
}
