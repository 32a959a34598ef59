package wherry.redis.protocol;

import java.util.HashMap;
import java.util.Map;

/**
 * The reply of INFO, by field.
 *
 * @param fields of all sections that were asked for
 */
public record ServerInfo(Map<String, String> fields) {
  public ServerInfo {
    fields = Map.copyOf(fields);
  }

  /** Asks for these sections, one by one because servers before 7.0 take only one. */
  public static ServerInfo of(Connection connection, String... sections) {
    Map<String, String> fields = new HashMap<>();
    for (String section : sections) {
      connection
          .text("INFO", section)
          .lines()
          .filter(line -> !line.startsWith("#") && line.contains(":"))
          .forEach(line -> {
            int colon = line.indexOf(':');
            fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
          });
    }
    return new ServerInfo(fields);
  }

  /** The field's text, empty when the server does not know it. */
  public String text(String field) {
    return fields.getOrDefault(field, "");
  }

  /** The field's number, 0 when the server does not know it. */
  public long number(String field) {
    String text = fields.get(field);
    return text == null || text.isEmpty() ? 0 : Long.parseLong(text);
  }

  public boolean isValkey() {
    return fields.containsKey("valkey_version");
  }

  public boolean isCluster() {
    return number("cluster_enabled") == 1;
  }

  public boolean isReplica() {
    return text("role").equals("slave");
  }

  /** How much of the stream of writes it has seen, in bytes; of a replica, its primary's. */
  public long replicationOffset() {
    return number(isReplica() ? "slave_repl_offset" : "master_repl_offset");
  }

  /**
   * How much of its stream somebody lacks who has it up to an offset; 1 when that offset counts in
   * another history, such as that before a restart. Servers before 4.0 tell no history.
   */
  public long bytesAheadOf(String replicationId, long offset) {
    String history = text("master_replid");
    boolean same = history.isEmpty() || history.equals(replicationId);
    return same ? Math.max(0, replicationOffset() - offset) : 1;
  }

  /** Such as {@code Valkey 8.1.1} or {@code Redis 7.0.15}. */
  public String product() {
    return isValkey() ? "Valkey " + text("valkey_version") : "Redis " + text("redis_version");
  }

  /** The version as a number that compares: 7.0.15 is 7_000_015. */
  public int version() {
    int number = 0;
    String[] parts = text(isValkey() ? "valkey_version" : "redis_version").split("\\.");
    for (int i = 0; i < 3; i++) {
      String digits = i < parts.length ? parts[i].replaceAll("\\D.*", "") : "";
      number = number * 1000 + (digits.isEmpty() ? 0 : Integer.parseInt(digits));
    }
    return number;
  }

  /**
   * The newest RDB version that the server writes (rdb.h of each release; Valkey keeps 11 up to 8.x
   * and counts from 80 since 9.0).
   */
  public int rdbVersion() {
    int version = version();
    if (isValkey()) {
      return version >= 9_002_000 ? 81 : version >= 9_000_000 ? 80 : 11;
    }
    if (version >= 7_004_000) {
      return 12;
    }
    if (version >= 7_002_000) {
      return 11;
    }
    if (version >= 7_000_000) {
      return 10;
    }
    return version >= 5_000_000 ? 9 : version >= 4_000_000 ? 8 : version >= 3_002_000 ? 7 : 6;
  }
}
