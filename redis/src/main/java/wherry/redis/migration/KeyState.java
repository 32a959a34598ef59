package wherry.redis.migration;

import org.jspecify.annotations.Nullable;
import wherry.redis.migration.CompletionReport.Difference.Kind;

/**
 * A key as one side has it.
 *
 * @param type as TYPE tells it; {@code none} for a key that does not exist
 * @param expiresAt milliseconds since 1970; -1 for a key that does not expire
 * @param digest of the value, in hexadecimal
 */
record KeyState(String type, long expiresAt, String digest) {
  static final KeyState NONE = new KeyState("none", -1, "");

  /** What differs on the target, null when nothing does. */
  @Nullable Kind differenceTo(KeyState target, long expiryToleranceMilliseconds) {
    if (!type.equals(target.type)) {
      if (target.equals(NONE)) {
        return Kind.MISSING_ON_TARGET;
      }
      return equals(NONE) ? Kind.MISSING_ON_SOURCE : Kind.TYPE;
    }
    if (!digest.equals(target.digest)) {
      return Kind.VALUE;
    }
    boolean sameExpiry =
        expiresAt < 0 || target.expiresAt < 0
            ? expiresAt == target.expiresAt
            : Math.abs(expiresAt - target.expiresAt) <= expiryToleranceMilliseconds;
    return sameExpiry ? null : Kind.EXPIRY;
  }

  @Override
  public String toString() {
    return type + (expiresAt < 0 ? ", no expiry" : ", expires at " + expiresAt);
  }
}
