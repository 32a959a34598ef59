package wherry.redis.migration;

import java.util.List;
import java.util.function.Consumer;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/** Goes through all keys of the database that a connection has selected (SCAN). */
final class KeyScan {
  private KeyScan() {}

  /**
   * Every key that is there from beginning to end comes at least once.
   *
   * @param pageKeys about how many are taken at a time
   */
  static void run(Connection server, int pageKeys, Consumer<List<byte[]>> page) {
    String cursor = "0";
    do {
      Reply.Array answer =
          (Reply.Array) server.call("SCAN", cursor, "COUNT", Integer.toString(pageKeys));
      cursor = answer.items().get(0).toString();
      page.accept(
          ((Reply.Array) answer.items().get(1))
              .items().stream().map(key -> ((Reply.Bytes) key).bytes()).toList());
    } while (!cursor.equals("0"));
  }
}
