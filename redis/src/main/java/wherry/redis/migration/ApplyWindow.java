package wherry.redis.migration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import wherry.redis.protocol.Command;

/**
 * Commands of the stream that are applied together, by unit. Each unit gets its own in one
 * transaction with its new position, so that a crash neither loses nor repeats one of them (D27).
 */
final class ApplyWindow {
  private static final byte[] MULTI = Command.bytes("MULTI");
  private static final byte[] EXEC = Command.bytes("EXEC");
  private static final byte[] SET = Command.bytes("SET");
  private static final byte[] SELECT = Command.bytes("SELECT");

  private final TargetShards target;
  private final Map<Integer, UnitCommands> units = new LinkedHashMap<>();
  private long bytes;

  /** What one unit gets; all in database 0 where the target is a cluster. */
  private static final class UnitCommands {
    private final List<byte[][]> commands = new ArrayList<>();
    private int database;
  }

  ApplyWindow(TargetShards target) {
    this.target = target;
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return units.isEmpty();
  }

  /** A command for a unit, in the database that the stream has selected. */
  void add(int unit, int database, byte[][] command) {
    UnitCommands mine = units.computeIfAbsent(unit, number -> new UnitCommands());
    if (mine.database != database) {
      mine.commands.add(select(database));
      mine.database = database;
    }
    mine.commands.add(command);
    for (byte[] argument : command) {
      bytes += argument.length + 16;
    }
  }

  private static byte[][] select(int database) {
    return new byte[][] {SELECT, Command.bytes(Integer.toString(database))};
  }

  /**
   * Sends everything; the stream has come to this position.
   *
   * @param positions how far each unit is, which is brought forward
   */
  void send(StreamPosition position, long[] positions) {
    TreeSet<Integer> shards = sendUnits(position, positions);
    if (target.isCluster()) {
      // On the same connection behind the units' transactions: when it is there, so are they.
      shards.forEach(shard -> sendShardPosition(shard, position.bytes()));
    }
  }

  /**
   * As above, but of a cluster only the slots come to this position, not their primaries.
   *
   * @return the primaries
   */
  TreeSet<Integer> sendUnits(StreamPosition position, long[] positions) {
    byte[] text = position.bytes();
    TreeSet<Integer> shards = new TreeSet<>();
    units.forEach((unit, mine) -> {
      int shard = target.shardOf(unit);
      TargetWriter writer = target.writer(shard);
      writer.send(MULTI);
      mine.commands.forEach(writer::send);
      if (mine.database != 0) {
        writer.send(select(0));
      }
      writer.send(SET, target.positionKey(unit), text);
      writer.send(EXEC);
      positions[unit] = position.offset();
      shards.add(shard);
    });
    units.clear();
    bytes = 0;
    return shards;
  }

  private void sendShardPosition(int shard, byte[] text) {
    target.writer(shard).send(SET, target.shardPositionKey(shard), text);
  }

  /** Brings every primary's position forward, though nothing was written to it. */
  void sendPosition(StreamPosition position) {
    for (int shard = 0; shard < target.count(); shard++) {
      sendShardPosition(shard, position.bytes());
    }
  }
}
