package wherry.redis.migration;

import java.util.Set;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Fields of a hash that expire by themselves (Redis 7.4, Valkey 9). A target that replicates
 * natively takes them; our stream does not, because it could not keep them from expiring early.
 */
final class HashFieldExpiry {
  private static final Set<String> COMMANDS =
      Set.of("HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT", "HSETEX", "HGETEX");

  private HashFieldExpiry() {}

  static boolean isSetBy(String command) {
    return COMMANDS.contains(command);
  }

  static DmsException unsupported(byte[] key) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        "Fields of the hash %s expire; only a target that replicates natively takes them. Take a"
                .formatted(Comparison.printable(key))
            + " target that is no cluster and as new as the source, or HPERSIST the fields.");
  }
}
