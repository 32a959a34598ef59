package wherry.redis.migration;

import static wherry.redis.migration.Finding.error;

import java.util.Optional;
import java.util.Set;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.migration.Progress.Way;

/**
 * Fields of a hash that expire by themselves (Redis 7.4, Valkey 9). A target that replicates
 * natively takes them; our stream does not, because it could not keep them from expiring early.
 */
final class HashFieldExpiry {
  private static final Set<String> COMMANDS =
      Set.of("HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT", "HSETEX", "HGETEX");

  /** Of the first servers that have such fields. */
  static final int RDB_VERSION = 12;

  private HashFieldExpiry() {}

  /**
   * @param database a line of INFO keyspace; Redis 7.4 has subexpiry in it, Valkey 9
   *     keys_with_volatile_items
   */
  static boolean isCountedIn(String database) {
    return database.matches(".*(subexpiry|keys_with_volatile_items)=[1-9].*");
  }

  static boolean isSetBy(String command) {
    return COMMANDS.contains(command);
  }

  /**
   * What a check says of a source that knows such fields.
   *
   * @param used whether it has any now
   * @param targetKnows whether the target's version does
   */
  static Optional<Finding> finding(boolean used, boolean targetKnows, Way way) {
    if (used && !targetKnows) {
      return Optional.of(
          error(
              "field-expiry",
              "The source has hash fields that expire; the target knows no such fields.",
              "Take a target of Redis 7.4, Valkey 9 or newer."));
    }
    String remedy =
        "Take a target that replicates natively: no cluster, as new as the source, of its product"
            + " and without a masterauth of its own. Or take the expiry from the fields: HPERSIST.";
    if (used && way == Way.STREAM) {
      return Optional.of(
          error(
              "field-expiry",
              "The source has hash fields that expire, and this migration goes by the stream, which"
                  + " cannot keep them from expiring early.",
              remedy));
    }
    return way == Way.STREAM
        ? Optional.of(
            new Finding(
                "field-expiry",
                Finding.Severity.NOTE,
                "This migration goes by the stream, which stops at the first hash field that is"
                    + " given an expiry (HEXPIRE, HSETEX …).",
                remedy))
        : Optional.empty();
  }

  static DmsException unsupported(byte[] key) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        "Fields of the hash %s expire; only a target that replicates natively takes them. Take a"
                .formatted(Comparison.printable(key))
            + " target that is no cluster and as new as the source, or HPERSIST the fields.");
  }
}
