package wherry.connector;

/** SslMode of an endpoint. */
public enum TlsMode {
  /** In clear. */
  NONE("none"),
  /** TLS without looking at the server's certificate; AWS refuses it for MySQL. */
  REQUIRE("require"),
  /** The certificate's chain must end at a trusted one. */
  VERIFY_CA("verify-ca"),
  /** And it must be made out to the host name. */
  VERIFY_FULL("verify-full");

  private final String word;

  TlsMode(String word) {
    this.word = word;
  }

  /** As the API has it. */
  public String word() {
    return word;
  }

  /** Whether the server's certificate is looked at. */
  public boolean verifies() {
    return this == VERIFY_CA || this == VERIFY_FULL;
  }
}
