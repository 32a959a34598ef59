package wherry.redis.migration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.redis.SlotRange;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/**
 * How far the target is, as it says itself.
 *
 * @param from where the stream has to be read again from: what no primary and no slot lacks
 * @param units the offset that each unit has; some are ahead of {@code from}
 */
record StreamPositions(StreamPosition from, long[] units) {

  /** Everything is at the same place. */
  static StreamPositions all(StreamPosition position, TargetShards target) {
    long[] units = new long[SlotRange.SLOTS + target.count()];
    Arrays.fill(units, position.offset());
    return new StreamPositions(position, units);
  }

  /** Asks the target; null when a primary does not know, so that everything has to be loaded. */
  static @Nullable StreamPositions read(TargetShards target, SourceShard source) {
    List<StreamPosition> shards = new ArrayList<>();
    for (int i = 0; i < target.count(); i++) {
      try (Connection connection = Connection.open(target.shard(i).primary())) {
        StreamPosition position =
            StreamPosition.of(connection.call(Command.bytes("GET"), target.shardPositionKey(i)));
        if (position == null) {
          return null;
        }
        shards.add(position);
      }
    }
    StreamPosition first = shards.getFirst();
    StreamPosition last = first;
    for (StreamPosition position : shards) {
      first = position.offset() < first.offset() ? position : first;
      last = position.offset() > last.offset() ? position : last;
    }
    // One history under perhaps two names: a full synchronisation would have removed the others.
    StreamPosition from =
        new StreamPosition(last.replicationId(), first.offset(), first.database());
    StreamPositions positions = all(from, target);
    for (int i = 0; i < target.count(); i++) {
      positions.units[TargetShards.unitOfShard(i)] = shards.get(i).offset();
      if (target.isCluster()) {
        readSlots(target, i, source, shards.get(i).offset(), positions.units);
      }
    }
    return positions;
  }

  private static void readSlots(
      TargetShards target, int shard, SourceShard source, long shardOffset, long[] units) {
    List<Integer> slots = new ArrayList<>();
    List<byte[][]> questions = new ArrayList<>();
    for (int slot = 0; slot < SlotRange.SLOTS; slot++) {
      if (target.shardOf(slot) == shard && source.has(slot)) {
        slots.add(slot);
        questions.add(new byte[][] {Command.bytes("GET"), PositionKeys.ofSlot(slot)});
      }
    }
    try (Connection connection = Connection.open(target.shard(shard).primary())) {
      List<Reply> answers = connection.askAll(questions);
      for (int i = 0; i < slots.size(); i++) {
        StreamPosition position = StreamPosition.of(answers.get(i));
        units[slots.get(i)] =
            position == null ? shardOffset : Math.max(shardOffset, position.offset());
      }
    }
  }
}
