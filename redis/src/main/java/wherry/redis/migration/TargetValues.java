package wherry.redis.migration;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/** Values as the target has them, each asked of the primary of its slot. For one thread. */
final class TargetValues implements AutoCloseable {
  private final TargetShards target;
  private final Map<Integer, Asked> primaries = new HashMap<>();

  private record Asked(Connection connection, ExpiryQuestion expiries) {}

  TargetValues(TargetShards target) {
    this.target = target;
  }

  private Asked at(byte[] key) {
    return primaries.computeIfAbsent(target.shardOf(target.unitOf(key)), this::connect);
  }

  private Asked connect(int shard) {
    Connection connection = Connection.open(target.shard(shard).primary());
    return new Asked(connection, ExpiryQuestion.of(ServerInfo.of(connection, "server")));
  }

  /** How much memory a key takes; 0 for one that is not there. */
  long bytes(byte[] key) {
    Reply usage = at(key).connection().call(Command.bytes("MEMORY"), Command.bytes("USAGE"), key);
    return usage instanceof Reply.Number number ? number.value() : 0;
  }

  /** A command that makes this key, with its expiry, under another name; empty without it. */
  Optional<byte[][]> restore(byte[] key, byte[] name) {
    Asked primary = at(key);
    if (!(primary.connection().call(Command.bytes("DUMP"), key) instanceof Reply.Bytes dump)) {
      return Optional.empty();
    }
    Iterator<Reply> answers =
        primary.connection().askAll(primary.expiries().questions(key)).iterator();
    long expiresAt = Math.max(0, primary.expiries().answer(answers));
    return Optional.of(
        new byte[][] {
          Command.bytes("RESTORE"),
          name,
          Command.bytes(Long.toString(expiresAt)),
          dump.bytes(),
          Command.bytes("REPLACE"),
          Command.bytes("ABSTTL")
        });
  }

  /** The element of a list at this index. */
  Optional<byte[]> end(byte[] key, String index) {
    Reply element = at(key).connection().call(Command.bytes("LINDEX"), key, Command.bytes(index));
    return element instanceof Reply.Bytes value ? Optional.of(value.bytes()) : Optional.empty();
  }

  @Override
  public void close() {
    primaries.values().forEach(primary -> primary.connection().close());
  }
}
