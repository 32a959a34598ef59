package wherry.redis.migration;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.redis.HashSlot;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/** Goes through all keys of a primary of the target and changes some. */
final class TargetSweep {
  private static final int PAGE_KEYS = 1000;

  private TargetSweep() {}

  /** Removes the keys, and the positions, of one shard of the source from database 0. */
  static void removeKeysOf(SourceShard source, TargetShards target) {
    for (int i = 0; i < target.count(); i++) {
      try (Connection server = Connection.open(target.shard(i).primary())) {
        ForeignWriters.exempt(server);
        // First: whoever finds no position begins again, and does not trust a half-swept target.
        server.call(Command.bytes("DEL"), target.shardPositionKey(i));
        KeyScan.run(
            server,
            PAGE_KEYS,
            keys ->
                callAll(
                    server,
                    keys.stream()
                        .filter(key -> source.has(HashSlot.of(key)) && !PositionKeys.isOfShard(key))
                        .map(key -> new byte[][] {Command.bytes("UNLINK"), key})
                        .toList()));
      }
    }
  }

  /** Removes every position. */
  static void removePositions(TargetShard shard) {
    try (Connection server = Connection.open(shard.primary())) {
      KeyScan.run(
          server,
          PAGE_KEYS,
          keys ->
              callAll(
                  server,
                  keys.stream()
                      .filter(PositionKeys::isOne)
                      .map(key -> new byte[][] {Command.bytes("DEL"), key})
                      .toList()));
    }
  }

  /**
   * Puts every expiry right that was written late.
   *
   * @param source to be asked for expiries that its stream did not tell exactly; null when it did
   */
  static void endLateExpiry(TargetShard shard, @Nullable SourceExpiries source) {
    try (Connection server = Connection.open(shard.primary())) {
      ServerInfo info = ServerInfo.of(server, "server", "keyspace");
      for (String field : info.fields().keySet()) {
        if (field.matches("db\\d+")) {
          int database = Integer.parseInt(field.substring(2));
          server.call("SELECT", Integer.toString(database));
          ExpiryQuestion question = ExpiryQuestion.of(info);
          KeyScan.run(
              server, PAGE_KEYS, keys -> endLateExpiry(server, question, source, database, keys));
        }
      }
    }
  }

  private static void endLateExpiry(
      Connection server,
      ExpiryQuestion question,
      @Nullable SourceExpiries source,
      int database,
      List<byte[]> keys) {
    Iterator<Reply> answers =
        callAll(server, keys.stream().flatMap(key -> question.questions(key).stream()).toList())
            .iterator();
    long now = System.currentTimeMillis();
    List<byte[]> late = new ArrayList<>();
    List<Long> right = new ArrayList<>();
    for (byte[] key : keys) {
      long expiresAt = question.answer(answers);
      if (LateExpiry.isDelayed(expiresAt, now)) {
        late.add(key);
        right.add(expiresAt - LateExpiry.DELAY_MILLISECONDS);
      }
    }
    if (source != null) {
      right = source.of(database, late, right);
    }
    List<byte[][]> changes = new ArrayList<>();
    for (int i = 0; i < late.size(); i++) {
      changes.add(
          new byte[][] {
            Command.bytes("PEXPIREAT"), late.get(i), Command.bytes(Long.toString(right.get(i)))
          });
    }
    callAll(server, changes);
  }

  private static List<Reply> callAll(Connection server, List<byte[][]> commands) {
    List<Reply> replies = server.askAll(commands);
    for (Reply reply : replies) {
      if (reply instanceof Reply.Failure failure) {
        throw Connection.refused(
            server.address(), Comparison.printable(commands.getFirst()[0]), failure.message());
      }
    }
    return replies;
  }
}
