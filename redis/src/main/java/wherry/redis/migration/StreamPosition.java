package wherry.redis.migration;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Reply;

/**
 * A place in the source's stream of commands.
 *
 * @param replicationId of the history that offsets count in
 * @param offset of the last byte that was applied
 * @param database that the stream had selected there: a partial resynchronisation does not select
 *     it again (replication.c, the replica keeps it with its cached master)
 */
record StreamPosition(String replicationId, long offset, int database) {
  byte[] bytes() {
    return Command.bytes(replicationId + " " + offset + " " + database);
  }

  /** What {@link #bytes} wrote, null when nothing did. */
  static @Nullable StreamPosition of(Reply reply) {
    if (!(reply instanceof Reply.Bytes bytes)) {
      return null;
    }
    String[] words = new String(bytes.bytes(), StandardCharsets.US_ASCII).split(" ");
    return new StreamPosition(words[0], Long.parseLong(words[1]), Integer.parseInt(words[2]));
  }

  StreamPosition at(long newOffset, int newDatabase) {
    return new StreamPosition(replicationId, newOffset, newDatabase);
  }
}
