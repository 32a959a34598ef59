package wherry.redis.migration;

import java.util.Iterator;
import java.util.List;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/** How a server is asked when a key expires. */
enum ExpiryQuestion {
  /** PEXPIRETIME, since 7.0: exact. */
  ABSOLUTE,
  /** TIME and PTTL one after the other: exact but for what passes between them. */
  REMAINING;

  static ExpiryQuestion of(ServerInfo info) {
    return info.version() >= 7_000_000 ? ABSOLUTE : REMAINING;
  }

  List<byte[][]> questions(byte[] key) {
    return switch (this) {
      case ABSOLUTE -> List.<byte[][]>of(new byte[][] {Command.bytes("PEXPIRETIME"), key});
      case REMAINING -> List.of(Command.of("TIME"), new byte[][] {Command.bytes("PTTL"), key});
    };
  }

  /** Takes the replies to one key's questions: milliseconds since 1970, negative for none. */
  long answer(Iterator<Reply> replies) {
    return switch (this) {
      case ABSOLUTE -> number(replies.next());
      case REMAINING -> {
        // TIME: seconds and microseconds.
        List<Reply> time = ((Reply.Array) replies.next()).items();
        long now =
            Long.parseLong(time.get(0).toString()) * 1000
                + Long.parseLong(time.get(1).toString()) / 1000;
        long left = number(replies.next());
        yield left < 0 ? left : now + left;
      }
    };
  }

  private static long number(Reply reply) {
    return ((Reply.Number) reply).value();
  }
}
