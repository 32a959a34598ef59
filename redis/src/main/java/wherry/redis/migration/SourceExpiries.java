package wherry.redis.migration;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.redis.HashSlot;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/**
 * When keys expire, as a source before 7.0 says itself: in its stream EXPIRE, and SET with EX or
 * PX, stand as the client sent them, relative to a moment that the stream does not tell.
 */
final class SourceExpiries implements AutoCloseable {
  private static final int EXACT_STREAM_VERSION = 7_000_000;

  /** PTTL of a key that does not expire; -2 is that of one that is not there. */
  private static final long PERSISTENT = -1;

  private final List<SourceShard> shards;
  private final List<Connection> connections = new ArrayList<>();

  private SourceExpiries(List<SourceShard> shards) {
    this.shards = shards;
  }

  /** Null where the stream is exact, or the source cannot be asked. */
  static @Nullable SourceExpiries open(List<SourceShard> shards) {
    SourceExpiries expiries = new SourceExpiries(shards);
    try {
      boolean exact = true;
      for (SourceShard shard : shards) {
        Connection connection = Connection.open(shard.server());
        expiries.connections.add(connection);
        exact &= ServerInfo.of(connection, "server").version() >= EXACT_STREAM_VERSION;
      }
      if (!exact) {
        return expiries;
      }
    } catch (DmsException unreachable) {
      // Completing by force, or aborting: what the stream has told is the best that there is.
    }
    expiries.close();
    return null;
  }

  /**
   * When these keys expire, in milliseconds since 1970.
   *
   * @param told what the stream told; stays for a key that by now the source does not expire
   * @return 0 for a key that the source has no more, which then goes on the target, too
   */
  List<Long> of(int database, List<byte[]> keys, List<Long> told) {
    List<Long> answers = new ArrayList<>(told);
    for (int shard = 0; shard < shards.size(); shard++) {
      Connection connection = connections.get(shard);
      connection.call("SELECT", Integer.toString(database));
      List<byte[][]> questions = new ArrayList<>();
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        if (shards.get(shard).has(HashSlot.of(keys.get(i)))) {
          questions.addAll(ExpiryQuestion.REMAINING.questions(keys.get(i)));
          places.add(i);
        }
      }
      Iterator<Reply> replies = connection.askAll(questions).iterator();
      for (int place : places) {
        long expiresAt = ExpiryQuestion.REMAINING.answer(replies);
        if (expiresAt != PERSISTENT) {
          answers.set(place, Math.max(0, expiresAt));
        }
      }
    }
    return answers;
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }
}
