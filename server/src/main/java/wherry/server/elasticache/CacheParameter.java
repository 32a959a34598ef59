package wherry.server.elasticache;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A parameter of cache parameter groups.
 *
 * @param allowed a range such as {@code 0-100}, or words with commas between them; empty for any
 * @param immediate whether running servers take a change; others have it after a reboot
 * @param since the first major version of Redis that knows it; every Valkey does
 */
record CacheParameter(
    String name, Type type, String initial, String allowed, boolean immediate, int since) {
  private static final Pattern RANGE = Pattern.compile("(-?\\d+)-(\\d+)");

  /** As the API spells it in lower case. */
  enum Type {
    INTEGER,
    STRING
  }

  private static final List<CacheParameter> ALL =
      List.of(
          words("activedefrag", "no", "yes,no"),
          words("activerehashing", "yes", "yes,no"),
          words("appendfsync", "everysec", "always,everysec,no"),
          words("appendonly", "yes", "yes,no"),
          number("client-output-buffer-limit-normal-hard-limit", 0, 0, Long.MAX_VALUE),
          number("client-output-buffer-limit-normal-soft-limit", 0, 0, Long.MAX_VALUE),
          number("client-output-buffer-limit-normal-soft-seconds", 0, 0, Integer.MAX_VALUE),
          number("client-output-buffer-limit-pubsub-hard-limit", 33_554_432, 0, Long.MAX_VALUE),
          number("client-output-buffer-limit-pubsub-soft-limit", 8_388_608, 0, Long.MAX_VALUE),
          number("client-output-buffer-limit-pubsub-soft-seconds", 60, 0, Integer.MAX_VALUE),
          number("client-output-buffer-limit-replica-hard-limit", 268_435_456, 0, Long.MAX_VALUE),
          number("client-output-buffer-limit-replica-soft-limit", 67_108_864, 0, Long.MAX_VALUE),
          number("client-output-buffer-limit-replica-soft-seconds", 60, 0, Integer.MAX_VALUE),
          new CacheParameter("cluster-enabled", Type.STRING, "no", "yes,no", false, 0),
          words("cluster-require-full-coverage", "no", "yes,no"),
          new CacheParameter("databases", Type.INTEGER, "16", "1-1200000", false, 0),
          number("hash-max-listpack-entries", 512, 0, Integer.MAX_VALUE, 7),
          number("hash-max-listpack-value", 64, 0, Integer.MAX_VALUE, 7),
          number("hll-sparse-max-bytes", 3000, 1, 16_000),
          words("lazyfree-lazy-eviction", "no", "yes,no"),
          words("lazyfree-lazy-expire", "no", "yes,no"),
          words("lazyfree-lazy-server-del", "no", "yes,no"),
          words("lazyfree-lazy-user-del", "no", "yes,no"),
          number("lfu-decay-time", 1, 0, Integer.MAX_VALUE),
          number("lfu-log-factor", 10, 1, Integer.MAX_VALUE),
          number("list-compress-depth", 0, 0, Integer.MAX_VALUE),
          number("list-max-listpack-size", -2, -5, Integer.MAX_VALUE, 7),
          words(
              "maxmemory-policy",
              "volatile-lru",
              "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction"),
          number("maxmemory-samples", 3, 1, 64),
          number("min-replicas-max-lag", 10, 0, Integer.MAX_VALUE),
          number("min-replicas-to-write", 0, 0, Integer.MAX_VALUE),
          new CacheParameter("notify-keyspace-events", Type.STRING, "", "", true, 0),
          number("proto-max-bulk-len", 536_870_912, 1_048_576, 536_870_912),
          number("repl-backlog-size", 1_048_576, 16_384, Long.MAX_VALUE),
          number("repl-backlog-ttl", 3600, 0, Integer.MAX_VALUE),
          number("repl-timeout", 60, 11, Integer.MAX_VALUE),
          number("reserved-memory-percent", 25, 0, 100),
          number("set-max-intset-entries", 512, 0, Integer.MAX_VALUE),
          number("slowlog-log-slower-than", 10_000, 0, Integer.MAX_VALUE),
          number("slowlog-max-len", 128, 0, Integer.MAX_VALUE),
          number("stream-node-max-bytes", 4096, 0, Integer.MAX_VALUE),
          number("stream-node-max-entries", 100, 0, Integer.MAX_VALUE),
          number("tcp-keepalive", 300, 0, Integer.MAX_VALUE),
          number("timeout", 0, 0, Integer.MAX_VALUE),
          number("tracking-table-max-keys", 1_000_000, 1, 100_000_000),
          number("zset-max-listpack-entries", 128, 0, Integer.MAX_VALUE, 7),
          number("zset-max-listpack-value", 64, 0, Integer.MAX_VALUE, 7));

  private static CacheParameter words(String name, String initial, String allowed) {
    return new CacheParameter(name, Type.STRING, initial, allowed, true, 0);
  }

  private static CacheParameter number(String name, long initial, long least, long most) {
    return number(name, initial, least, most, 0);
  }

  private static CacheParameter number(
      String name, long initial, long least, long most, int since) {
    return new CacheParameter(
        name, Type.INTEGER, Long.toString(initial), least + "-" + most, true, since);
  }

  /** Those of a family, by name. */
  static List<CacheParameter> of(String family) {
    boolean sixth = family.equals("redis6.x");
    return ALL.stream().filter(parameter -> !sixth || parameter.since() < 7).toList();
  }

  /**
   * @throws wherry.server.wire.Fault InvalidParameterValue
   */
  String checked(String value) {
    if (!takes(value)) {
      throw CacheFaults.invalidValue(
          "The value '"
              + value
              + "' of parameter "
              + name
              + " is not valid"
              + (allowed.isEmpty() ? "." : "; allowed are " + allowed + "."));
    }
    return value;
  }

  private boolean takes(String value) {
    return switch (type) {
      case INTEGER -> isInRange(value);
      case STRING ->
          allowed.isEmpty()
              ? value.matches("[A-Za-z]{0,16}")
              : Arrays.asList(allowed.split(",")).contains(value);
    };
  }

  private boolean isInRange(String value) {
    var range = RANGE.matcher(allowed);
    if (!range.matches() || !value.matches("-?\\d{1,18}")) {
      return false;
    }
    long number = Long.parseLong(value);
    return Long.parseLong(range.group(1)) <= number && number <= Long.parseLong(range.group(2));
  }
}
