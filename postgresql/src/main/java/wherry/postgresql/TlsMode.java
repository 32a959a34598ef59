package wherry.postgresql;

/** SslMode of an endpoint; the words are those of libpq and of the API alike. */
enum TlsMode {
  NONE("none", "disable"),
  /** TLS without looking at the server's certificate. */
  REQUIRE("require", "require"),
  /** The certificate's chain must end at a trusted one. */
  VERIFY_CA("verify-ca", "verify-ca"),
  /** And it must be made out to the host name. */
  VERIFY_FULL("verify-full", "verify-full");

  private final String word;
  private final String driverWord;

  TlsMode(String word, String driverWord) {
    this.word = word;
    this.driverWord = driverWord;
  }

  String word() {
    return word;
  }

  String driverWord() {
    return driverWord;
  }

  boolean verifies() {
    return this == VERIFY_CA || this == VERIFY_FULL;
  }
}
