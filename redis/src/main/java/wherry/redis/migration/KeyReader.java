package wherry.redis.migration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/**
 * Reads keys of one server and keeps their digests: small values many at a time, large ones alone
 * and in parts, so that memory does not depend on their size.
 */
final class KeyReader implements AutoCloseable {
  private static final long SMALL_BYTES = 64 * 1024;
  private static final long TOGETHER_BYTES = 4 * 1024 * 1024;

  private final Connection connection;
  private final ExpiryQuestion expiries;

  KeyReader(Connection connection, ServerInfo info) {
    this.connection = connection;
    expiries = ExpiryQuestion.of(info);
  }

  /** Whether expiries are exact. */
  boolean tellsExpiry() {
    return expiries == ExpiryQuestion.ABSOLUTE;
  }

  Connection connection() {
    return connection;
  }

  void select(int database) {
    connection.call("SELECT", Integer.toString(database)); // A cluster takes 0, too.
  }

  /** The states of these keys, in their order. */
  List<KeyState> read(List<byte[]> keys) {
    List<byte[][]> questions = new ArrayList<>(keys.size() * 4);
    for (byte[] key : keys) {
      questions.add(command("TYPE", key));
      questions.add(new byte[][] {Command.bytes("MEMORY"), Command.bytes("USAGE"), key});
      questions.addAll(expiries.questions(key));
    }
    Iterator<Reply> answers = connection.askAll(questions).iterator();
    Batch batch = new Batch(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      String type = answers.next().toString();
      long bytes = answers.next() instanceof Reply.Number usage ? usage.value() : Long.MAX_VALUE;
      batch.add(i, keys.get(i), type, expiries.answer(answers), bytes);
    }
    batch.flush();
    return batch.states;
  }

  private static byte[][] command(String name, byte[] key, String... more) {
    byte[][] command = new byte[2 + more.length][];
    command[0] = Command.bytes(name);
    command[1] = key;
    for (int i = 0; i < more.length; i++) {
      command[2 + i] = Command.bytes(more[i]);
    }
    return command;
  }

  /** Small values that are asked for together. */
  private final class Batch {
    private final List<KeyState> states;
    private final List<byte[][]> questions = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
    private long bytes;

    Batch(int size) {
      states = new ArrayList<>(Collections.nCopies(size, KeyState.NONE));
    }

    void add(int place, byte[] key, String type, long expiresAt, long size) {
      if (type.equals("none")) {
        return;
      }
      if (type.equals("stream") || size > SMALL_BYTES) {
        states.set(
            place, new KeyState(type, expiresAt, LargeValue.digest(connection, key, type, size)));
        return;
      }
      if (bytes + size > TOGETHER_BYTES) {
        flush();
      }
      states.set(place, new KeyState(type, expiresAt, ""));
      places.add(place);
      questions.add(
          switch (type) {
            case "string" -> command("GET", key);
            case "list" -> command("LRANGE", key, "0", "-1");
            case "set" -> command("SMEMBERS", key);
            case "zset" -> command("ZRANGE", key, "0", "-1", "WITHSCORES");
            case "hash" -> command("HGETALL", key);
            default -> command("DUMP", key); // A module's: its own serialisation.
          });
      bytes += size;
    }

    void flush() {
      List<Reply> values = connection.askAll(questions);
      for (int i = 0; i < values.size(); i++) {
        KeyState state = states.get(places.get(i));
        states.set(places.get(i), whole(state, values.get(i)));
      }
      questions.clear();
      places.clear();
      bytes = 0;
    }
  }

  /** The state of a key whose whole value is here; of another type meanwhile counts as gone. */
  private static KeyState whole(KeyState state, Reply value) {
    if (value instanceof Reply.Nil || value instanceof Reply.Failure) {
      return KeyState.NONE;
    }
    ValueDigest digest = new ValueDigest();
    add(digest, state.type(), value);
    return new KeyState(state.type(), state.expiresAt(), digest.finish());
  }

  static void add(ValueDigest digest, String type, Reply value) {
    if (value instanceof Reply.Bytes bytes) {
      digest.addPart(bytes.bytes());
      return;
    }
    if (!(value instanceof Reply.Array array)) {
      throw new DmsException(ErrorCode.INTERNAL, "a " + type + " came as " + value);
    }
    List<Reply> items = array.items();
    switch (type) {
      case "set" -> items.forEach(member -> digest.addAnyhow(List.of(member)));
      case "hash" -> {
        for (int i = 0; i < items.size(); i += 2) {
          digest.addAnyhow(items.subList(i, i + 2));
        }
      }
      case "zset" -> {
        for (int i = 0; i < items.size(); i += 2) {
          digest.addScored(items.get(i), items.get(i + 1));
        }
      }
      default -> items.forEach(digest::addInOrder);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
