package wherry.mysql;

/**
 * SslMode of an endpoint. AWS refuses {@code require} for MySQL; here it encrypts without looking
 * at the certificate.
 */
enum TlsMode {
  NONE("none", "disable"),
  REQUIRE("require", "trust"),
  VERIFY_CA("verify-ca", "verify-ca"),
  VERIFY_FULL("verify-full", "verify-full");

  private final String wireName;
  private final String driverName;

  TlsMode(String wireName, String driverName) {
    this.wireName = wireName;
    this.driverName = driverName;
  }

  String wireName() {
    return wireName;
  }

  /** What the driver calls it (its option {@code sslMode}). */
  String driverName() {
    return driverName;
  }

  boolean verifies() {
    return this == VERIFY_CA || this == VERIFY_FULL;
  }
}
