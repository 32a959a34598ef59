package wherry.redis.migration;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/**
 * A client that writes every type of data until it is told to stop, mostly by commands that do
 * something else when they are done twice: INCR, APPEND, LPUSH, XADD, ZINCRBY …
 */
public final class Workload implements AutoCloseable {
  private final ServerAddress server;
  private final int number;
  private final Random random;
  private final Reach reach;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile long writes;
  private volatile Throwable failure;

  /** What one command has to do with at most. */
  enum Reach {
    SLOT,
    SLOTS,
    DATABASES
  }

  Workload(ServerAddress server, int number, long seed, Reach reach) {
    this.server = server;
    this.number = number;
    this.random = new Random(seed + number);
    this.reach = reach;
    thread = Thread.ofPlatform().name("workload-" + number).start(this::run);
  }

  /**
   * @param scatters whether commands may have keys in several slots, and in several databases
   */
  public static List<Workload> start(ServerAddress server, int count, long seed, boolean scatters) {
    return start(server, count, seed, scatters ? Reach.DATABASES : Reach.SLOT);
  }

  static List<Workload> start(ServerAddress server, int count, long seed, Reach reach) {
    List<Workload> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Workload(server, i, seed, reach));
    }
    return all;
  }

  long writes() {
    if (failure != null) {
      throw new IllegalStateException("the workload could not write", failure);
    }
    return writes;
  }

  /** Waits until this many more writes were acknowledged to all of them. */
  public static void awaitMore(List<Workload> all, long more) {
    long before = all.stream().mapToLong(Workload::writes).sum();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> all.stream().mapToLong(Workload::writes).sum() >= before + more);
  }

  /** Stops and waits; fails when writing did. */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (failure != null) {
      throw new IllegalStateException("the workload could not write", failure);
    }
  }

  private void run() {
    while (!stopped) {
      try (Connection connection = Connection.open(server)) {
        while (!stopped) {
          write(connection);
          if (reach == Reach.SLOTS) {
            Pause.milliseconds(10); // The target does such commands one by one.
          }
        }
      } catch (DmsException broken) {
        // The server was killed or is loading: what was not acknowledged may or may not be there.
        Pause.milliseconds(20);
      } catch (RuntimeException | Error e) {
        failure = e;
        return;
      }
    }
  }

  private void write(Connection connection) {
    List<byte[][]> batch = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      add(batch);
    }
    for (Reply reply : connection.askAll(batch)) {
      if (reply instanceof Reply.Failure refused
          && !refused.message().startsWith("BUSYGROUP")
          && !refused.message().startsWith("LOADING")
          && !refused.message().startsWith("EXECABORT")
          && !refused.message().contains("no such key")
          && !refused.message().contains("objects are the same")
          && !refused.message().startsWith("NOGROUP")) {
        throw new IllegalStateException(refused.message());
      }
    }
    writes += batch.size();
  }

  private String key(String type) {
    return type + ":{" + number + "-" + random.nextInt(30) + "}";
  }

  private String text() {
    byte[] bytes = new byte[random.nextInt(60) + 1];
    random.nextBytes(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String small(int bound) {
    return Integer.toString(random.nextInt(bound));
  }

  private void add(List<byte[][]> batch) {
    switch (random.nextInt(26)) {
      case 0 -> command(batch, "INCR", key("counter"));
      case 1 -> command(batch, "APPEND", key("text"), text());
      case 2 -> command(batch, "LPUSH", key("list"), text(), small(100_000), "-7");
      case 3 -> command(batch, "RPOP", key("list"));
      case 4 -> command(batch, "SADD", key("numbers"), small(500), small(500));
      case 5 -> command(batch, "SADD", key("set"), text(), small(50));
      case 6 -> command(batch, "SPOP", key("set"));
      case 7 -> command(batch, "HINCRBY", key("hash"), "f" + small(40), small(1000));
      case 8 -> command(batch, "HSET", key("hash"), "t" + text(), text()); // No "f7", which counts.
      case 9 -> command(batch, "HINCRBYFLOAT", key("hash"), "float", "0.1");
      case 10 -> command(batch, "ZINCRBY", key("zset"), "1.5", "m" + small(300));
      case 11 -> command(batch, "ZPOPMIN", key("zset"));
      case 12 -> command(batch, "XADD", key("stream"), "*", "a", text(), "b", small(9));
      case 13 -> command(batch, "XGROUP", "CREATE", key("stream"), "g" + small(2), "0", "MKSTREAM");
      case 14 ->
          command(
              batch,
              "XREADGROUP",
              "GROUP",
              "g" + small(2),
              "c" + small(3),
              "COUNT",
              "3",
              "STREAMS",
              key("stream"),
              ">");
      case 15 -> command(batch, "XTRIM", key("stream"), "MAXLEN", "200");
      case 16 -> command(batch, "SET", key("volatile"), text(), "PX", "1" + small(300));
      case 17 -> command(batch, "SET", key("expiring"), text(), "EX", "1" + small(10_000));
      case 18 -> command(batch, "PEXPIRE", key("counter"), "9" + small(100_000));
      case 19 -> command(batch, "PERSIST", key("counter"));
      case 20 -> command(batch, "DEL", key("list"));
      case 21 -> {
        String tag = "{" + number + "-" + small(30) + "}";
        command(batch, "MULTI");
        command(batch, "INCRBY", "account:a" + tag, "1");
        command(batch, "DECRBY", "account:b" + tag, "1");
        command(batch, "RPUSH", "journal" + tag, "1");
        command(batch, "EXEC");
      }
      case 22 -> {
        String key = key("script");
        command(
            batch,
            "EVAL",
            "redis.call('RPUSH', KEYS[1], ARGV[1]); return redis.call('LTRIM', KEYS[1], -50, -1)",
            "1",
            key,
            text());
      }
      case 23 -> command(batch, "SETRANGE", key("bits"), small(200), text());
      case 24 -> command(batch, "PFADD", key("distinct"), text());
      default -> {
        switch (reach) {
          case SLOT ->
              command(batch, "GEOADD", key("places"), "13.4", "52." + small(99), "p" + small(20));
          case SLOTS -> addOverSlots(batch);
          case DATABASES -> {
            command(batch, "SELECT", "3");
            command(batch, "INCR", key("other"));
            command(batch, "SELECT", "0");
            command(batch, "RENAME", key("text"), key("text"));
          }
        }
      }
    }
  }

  private void addOverSlots(List<byte[][]> batch) {
    switch (random.nextInt(14)) {
      case 0 -> command(batch, "RENAME", key("counter"), key("counter"));
      case 1 -> command(batch, "RENAMENX", key("stream"), key("stream"));
      case 2 -> command(batch, "COPY", key("hash"), key("hash"), "REPLACE");
      case 3 -> command(batch, "SMOVE", key("numbers"), key("numbers"), small(500));
      case 4 -> command(batch, "RPOPLPUSH", key("list"), key("list"));
      case 5 -> command(batch, "LMOVE", key("list"), key("list"), "LEFT", "RIGHT");
      case 6 -> command(batch, "SUNIONSTORE", key("set"), key("set"), key("numbers"));
      case 7 -> command(batch, "SDIFFSTORE", key("set"), key("set"), key("set"));
      case 8 ->
          command(
              batch,
              "ZUNIONSTORE",
              key("zset"),
              "2",
              key("zset"),
              key("zset"),
              "WEIGHTS",
              "1",
              "2");
      case 9 -> command(batch, "ZRANGESTORE", key("zset"), key("zset"), "0", "20");
      case 10 -> command(batch, "BITOP", "OR", key("bits"), key("bits"), key("bits"));
      case 11 -> command(batch, "PFMERGE", key("distinct"), key("distinct"));
      case 12 -> command(batch, "MSET", key("text"), text(), key("text"), text());
      default -> {
        command(batch, "MULTI");
        command(batch, "INCR", key("counter"));
        command(batch, "COPY", key("counter"), key("counter"), "REPLACE");
        command(batch, "DEL", key("list"), key("list"), key("text"));
        command(batch, "EXEC");
      }
    }
  }

  private static void command(List<byte[][]> batch, String... words) {
    byte[][] command = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      command[i] = words[i].getBytes(StandardCharsets.ISO_8859_1);
    }
    batch.add(command);
  }
}
