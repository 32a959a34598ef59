package wherry.server.api;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import wherry.server.store.MetaValues;
import wherry.server.store.Store;
import wherry.server.wire.Caller;

/**
 * What an AWS account has around DMS and clients expect to read back: a network, a security group,
 * a key. Invented once, then stable; nothing behind them exists.
 */
final class AccountFacts {
  private static final String LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final MetaValues meta;

  AccountFacts(Store store) {
    this.meta = store.meta();
  }

  /** Twelve lower-case letters and digits. */
  String uniqueIdentifier() {
    return meta.computeIfAbsent("unique-account-identifier", AccountFacts::twelveCharacters);
  }

  String vpcId() {
    return meta.computeIfAbsent("vpc-id", () -> "vpc-" + hex());
  }

  String securityGroupId() {
    return meta.computeIfAbsent("security-group-id", () -> "sg-" + hex());
  }

  String kmsKeyArn(Caller caller) {
    String key = meta.computeIfAbsent("kms-key-id", () -> UUID.randomUUID().toString());
    return "arn:"
        + caller.partition()
        + ":kms:"
        + caller.region()
        + ":"
        + caller.accountId()
        + ":key/"
        + key;
  }

  /** The n-th zone of the caller's region, from 0; after six it begins again. */
  static String availabilityZone(Caller caller, int n) {
    return caller.region() + (char) ('a' + n % 6);
  }

  private static String hex() {
    byte[] bytes = new byte[9];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes).substring(1);
  }

  private static String twelveCharacters() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      text.append(LETTERS_AND_DIGITS.charAt(RANDOM.nextInt(LETTERS_AND_DIGITS.length())));
    }
    return text.toString();
  }
}
