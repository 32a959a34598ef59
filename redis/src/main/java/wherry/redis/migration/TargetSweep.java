package wherry.redis.migration;

import java.util.ArrayList;
import java.util.List;
import wherry.redis.HashSlot;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/** Goes through all keys of a primary of the target and changes some. */
final class TargetSweep {
  private static final String PAGE_KEYS = "1000";

  private TargetSweep() {}

  private interface Page {
    void take(List<byte[]> keys);
  }

  private static void scan(Connection server, Page page) {
    String cursor = "0";
    do {
      Reply.Array answer = (Reply.Array) server.call("SCAN", cursor, "COUNT", PAGE_KEYS);
      cursor = answer.items().get(0).toString();
      page.take(
          ((Reply.Array) answer.items().get(1))
              .items().stream().map(key -> ((Reply.Bytes) key).bytes()).toList());
    } while (!cursor.equals("0"));
  }

  /** Removes the keys, and the positions, of one shard of the source from database 0. */
  static void removeKeysOf(SourceShard source, TargetShards target) {
    for (int i = 0; i < target.count(); i++) {
      try (Connection server = Connection.open(target.shard(i).primary())) {
        // First: whoever finds no position begins again, and does not trust a half-swept target.
        server.call(Command.bytes("DEL"), target.shardPositionKey(i));
        scan(
            server,
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
      scan(
          server,
          keys ->
              callAll(
                  server,
                  keys.stream()
                      .filter(PositionKeys::isOne)
                      .map(key -> new byte[][] {Command.bytes("DEL"), key})
                      .toList()));
    }
  }

  /** Puts every expiry right that was written late; returns how many. */
  static long endLateExpiry(TargetShard shard) {
    long ended = 0;
    try (Connection server = Connection.open(shard.primary())) {
      ServerInfo info = ServerInfo.of(server, "server", "keyspace");
      for (String field : info.fields().keySet()) {
        if (field.matches("db\\d+")) {
          server.call("SELECT", field.substring(2));
          Expiries expiries = new Expiries(server, info.version() >= 7_000_000);
          scan(server, expiries::end);
          ended += expiries.ended;
        }
      }
    }
    return ended;
  }

  /** Exact where the server tells when a key expires (7.0); else it tells how long it has left. */
  private static final class Expiries {
    private final Connection server;
    private final boolean absolute;
    private long ended;

    Expiries(Connection server, boolean absolute) {
      this.server = server;
      this.absolute = absolute;
    }

    void end(List<byte[]> keys) {
      byte[] question = Command.bytes(absolute ? "PEXPIRETIME" : "PTTL");
      List<Reply> answers =
          callAll(server, keys.stream().map(key -> new byte[][] {question, key}).toList());
      byte[] change = Command.bytes(absolute ? "PEXPIREAT" : "PEXPIRE");
      long now = absolute ? System.currentTimeMillis() : 0;
      List<byte[][]> changes = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        long expiry = ((Reply.Number) answers.get(i)).value();
        if (LateExpiry.isDelayed(expiry, now)) {
          byte[] right = Command.bytes(Long.toString(expiry - LateExpiry.DELAY_MILLISECONDS));
          changes.add(new byte[][] {change, keys.get(i), right});
        }
      }
      callAll(server, changes);
      ended += changes.size();
    }
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
