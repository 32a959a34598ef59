package wherry.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;

/**
 * Keys as applications have them: of ten, six strings of 100 to 900 bytes and one each of a hash, a
 * list, a sorted set or set, and a stream, of twenty elements; every fifth expires.
 */
final class RedisKeys {
  private static final int BATCH = 500;
  private static final int ELEMENTS = 20;
  private static final long SEED = 20;

  private final Random random = new Random(SEED);

  /** Fills the server until it uses this much memory; returns how many keys it then has. */
  long fill(Connection server, long bytes) {
    long number = 0;
    while (ServerInfo.of(server, "memory").number("used_memory") < bytes) {
      List<byte[][]> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        add(batch, number++);
      }
      server.askAll(batch);
    }
    return number;
  }

  private void add(List<byte[][]> batch, long number) {
    String key = "key:" + number;
    switch ((int) (number % 10)) {
      case 0 -> batch.add(elements("HSET", key, true));
      case 1 -> batch.add(elements("RPUSH", key, false));
      case 2 -> batch.add(number % 20 < 10 ? scores(key) : elements("SADD", key, false));
      case 3 -> {
        for (int i = 0; i < ELEMENTS; i++) {
          batch.add(Command.of("XADD", key, "*", "sensor", "s" + i, "value", text(12)));
        }
      }
      default -> batch.add(Command.of("SET", key, text(100 + random.nextInt(800))));
    }
    if (number % 5 == 0) {
      batch.add(Command.of("EXPIRE", key, "86400"));
    }
  }

  private byte[][] elements(String command, String key, boolean fields) {
    List<String> words = new ArrayList<>(List.of(command, key));
    for (int i = 0; i < ELEMENTS; i++) {
      if (fields) {
        words.add("field" + i);
      }
      words.add(text(24));
    }
    return Command.of(words.toArray(String[]::new));
  }

  private byte[][] scores(String key) {
    List<String> words = new ArrayList<>(List.of("ZADD", key));
    for (int i = 0; i < ELEMENTS; i++) {
      words.add(Integer.toString(random.nextInt(1_000_000)));
      words.add(text(16));
    }
    return Command.of(words.toArray(String[]::new));
  }

  /** Letters and digits, half of which compress. */
  private String text(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i < length / 2 ? 'a' + i % 7 : '0' + random.nextInt(75));
    }
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
