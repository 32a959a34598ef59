package wherry.redis.migration;

import java.util.Arrays;
import wherry.redis.HashSlot;
import wherry.redis.protocol.Command;

/**
 * The keys of the target that say how far it is; they are there from the end of a full
 * synchronisation until the migration ends.
 */
final class PositionKeys {
  private static final byte[] PREFIX = Command.bytes("wherry:position:");

  private PositionKeys() {}

  private static final byte[] SHARD_PREFIX = Command.bytes("wherry:position:shard:");

  static boolean isOne(byte[] key) {
    return begins(key, PREFIX);
  }

  static boolean isOfShard(byte[] key) {
    return begins(key, SHARD_PREFIX);
  }

  private static boolean begins(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** What a shard as a whole has of a shard of the source; it lies in a slot of its own. */
  static byte[] ofShard(String sourceSlots, int slot) {
    return Command.bytes(
        "wherry:position:shard:" + sourceSlots + ":{" + HashSlot.tagOf(slot) + "}");
  }

  /** What a slot has. */
  static byte[] ofSlot(int slot) {
    return Command.bytes("wherry:position:slot:{" + HashSlot.tagOf(slot) + "}");
  }

  /** Where the value of another slot is for the time of one transaction. */
  static byte[] copy(int slot, int number) {
    return Command.bytes("wherry:position:copy:" + number + ":{" + HashSlot.tagOf(slot) + "}");
  }
}
