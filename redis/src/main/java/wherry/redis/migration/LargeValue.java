package wherry.redis.migration;

import java.util.List;
import java.util.Set;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/** Reads a value in parts of about a megabyte. */
final class LargeValue {
  private static final int PART_BYTES = 1024 * 1024;
  private static final int ATTEMPTS = 5;
  private static final byte[] START = Command.bytes("0");

  /**
   * What makes two streams or groups equal. Left out is what servers before 7.0 do not have
   * (entries-added, entries-read) and what is a time since.
   */
  private static final Set<String> STREAM_FIELDS = Set.of("length", "last-generated-id");

  private static final Set<String> GROUP_FIELDS =
      Set.of("name", "last-delivered-id", "pending", "consumers");

  private LargeValue() {}

  /** The digest of a value of about this size; of any size when it is not known. */
  static String digest(Connection server, byte[] key, String type, long bytes) {
    return switch (type) {
      case "string" -> string(server, key);
      case "list" -> range(server, key, "LRANGE", "LLEN", type, bytes);
      case "zset" -> range(server, key, "ZRANGE", "ZCARD", type, bytes);
      case "set" -> scanned(server, key, "SSCAN", "SCARD", type, bytes);
      case "hash" -> scanned(server, key, "HSCAN", "HLEN", type, bytes);
      case "stream" -> stream(server, key);
      default -> {
        ValueDigest digest = new ValueDigest();
        KeyReader.add(digest, type, server.call(Command.bytes("DUMP"), key));
        yield digest.finish();
      }
    };
  }

  private static String string(Connection server, byte[] key) {
    ValueDigest digest = new ValueDigest();
    Reply part;
    do {
      long from = digest.elements();
      part = ask(server, "GETRANGE", key, from, from + PART_BYTES - 1);
      KeyReader.add(digest, "string", part);
    } while (part instanceof Reply.Bytes bytes && bytes.bytes().length == PART_BYTES);
    return digest.finish();
  }

  private static String range(
      Connection server, byte[] key, String command, String count, String type, long bytes) {
    ValueDigest digest = new ValueDigest();
    long length = number(server.call(Command.bytes(count), key));
    long step = step(length, bytes);
    for (long from = 0; from < length; from += step) {
      KeyReader.add(
          digest,
          type,
          type.equals("zset")
              ? server.call(
                  Command.bytes(command),
                  key,
                  text(from),
                  text(from + step - 1),
                  Command.bytes("WITHSCORES"))
              : ask(server, command, key, from, from + step - 1));
    }
    return digest.finish();
  }

  /**
   * A scan tells each element at least once, twice when the table is resized meanwhile (SCAN, "Scan
   * guarantees"); then it is done again.
   */
  private static String scanned(
      Connection server, byte[] key, String command, String count, String type, long bytes) {
    for (int attempt = 1; ; attempt++) {
      ValueDigest digest = new ValueDigest();
      long length = number(server.call(Command.bytes(count), key));
      byte[] cursor = START;
      do {
        Reply.Array answer =
            (Reply.Array)
                server.call(
                    Command.bytes(command),
                    key,
                    cursor,
                    Command.bytes("COUNT"),
                    text(step(length, bytes)));
        cursor = ((Reply.Bytes) answer.items().get(0)).bytes();
        KeyReader.add(digest, type, answer.items().get(1));
      } while (cursor.length != 1 || cursor[0] != '0');
      if (digest.elements() == length || attempt == ATTEMPTS) {
        return digest.finish();
      }
    }
  }

  private static String stream(Connection server, byte[] key) {
    ValueDigest digest = new ValueDigest();
    add(digest, STREAM_FIELDS, server.call(Command.bytes("XINFO"), Command.bytes("STREAM"), key));
    Reply.Array page;
    byte[] from = Command.bytes("-");
    do {
      page =
          (Reply.Array)
              server.call(
                  Command.bytes("XRANGE"),
                  key,
                  from,
                  Command.bytes("+"),
                  Command.bytes("COUNT"),
                  Command.bytes("1000"));
      page.items().forEach(digest::addInOrder);
      from = page.items().isEmpty() ? from : after(first(page.items().getLast()));
    } while (!page.items().isEmpty());
    for (Reply group : items(server.call(Command.bytes("XINFO"), Command.bytes("GROUPS"), key))) {
      add(digest, GROUP_FIELDS, group);
      group(server, key, ((Reply.Bytes) field(group, "name")).bytes(), digest);
    }
    return digest.finish();
  }

  /** Consumers and what waits to be acknowledged: per entry its ID, consumer, idle time, count. */
  private static void group(Connection server, byte[] key, byte[] name, ValueDigest digest) {
    items(server.call(Command.bytes("XINFO"), Command.bytes("CONSUMERS"), key, name)).stream()
        .map(consumer -> field(consumer, "name").toString())
        .sorted()
        .forEach(consumer -> digest.addInOrder(new Reply.Bytes(Command.bytes(consumer))));
    byte[] from = Command.bytes("-");
    List<Reply> pending;
    do {
      pending =
          items(
              server.call(
                  Command.bytes("XPENDING"),
                  key,
                  name,
                  from,
                  Command.bytes("+"),
                  Command.bytes("1000")));
      for (Reply entry : pending) {
        List<Reply> parts = items(entry);
        digest.addInOrder(parts.get(0));
        digest.addInOrder(parts.get(1));
        digest.addInOrder(parts.get(3));
      }
      from = pending.isEmpty() ? from : after(first(pending.getLast()));
    } while (!pending.isEmpty());
  }

  /** The next ID: servers before 6.2 know no open intervals. */
  private static byte[] after(String id) {
    int dash = id.indexOf('-');
    long milliseconds = Long.parseUnsignedLong(id.substring(0, dash));
    long sequence = Long.parseUnsignedLong(id.substring(dash + 1)) + 1;
    return Command.bytes(
        Long.toUnsignedString(sequence == 0 ? milliseconds + 1 : milliseconds)
            + "-"
            + Long.toUnsignedString(sequence));
  }

  private static void add(ValueDigest digest, Set<String> fields, Reply flatMap) {
    List<Reply> items = items(flatMap);
    for (int i = 0; i + 1 < items.size(); i += 2) {
      if (fields.contains(items.get(i).toString())) {
        digest.addInOrder(items.get(i));
        digest.addInOrder(items.get(i + 1));
      }
    }
  }

  private static Reply field(Reply flatMap, String name) {
    List<Reply> items = items(flatMap);
    for (int i = 0; i + 1 < items.size(); i += 2) {
      if (items.get(i).toString().equals(name)) {
        return items.get(i + 1);
      }
    }
    return new Reply.Nil();
  }

  /** How many elements make about {@link #PART_BYTES}. */
  private static long step(long elements, long bytes) {
    if (bytes == Long.MAX_VALUE) {
      return 100;
    }
    return Math.clamp(PART_BYTES / Math.max(1, bytes / Math.max(1, elements)), 1, 10_000);
  }

  private static Reply ask(Connection server, String command, byte[] key, long from, long to) {
    return server.call(Command.bytes(command), key, text(from), text(to));
  }

  private static byte[] text(long number) {
    return Command.bytes(Long.toString(number));
  }

  private static long number(Reply reply) {
    return ((Reply.Number) reply).value();
  }

  private static List<Reply> items(Reply reply) {
    return ((Reply.Array) reply).items();
  }

  private static String first(Reply array) {
    return items(array).get(0).toString();
  }
}
