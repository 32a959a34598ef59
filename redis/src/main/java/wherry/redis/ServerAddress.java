package wherry.redis;

import org.jspecify.annotations.Nullable;

/**
 * Where one Redis or Valkey server listens and how it is entered.
 *
 * @param credentials absent where the server asks for none
 * @param tls absent for a plain connection
 */
public record ServerAddress(
    String host, int port, @Nullable Credentials credentials, @Nullable Tls tls) {

  /**
   * What AUTH sends.
   *
   * @param user absent for the default user, whose password may be a plain {@code requirepass}
   */
  public record Credentials(@Nullable String user, String password) {
    /** Without the password: addresses are part of messages. */
    @Override
    public String toString() {
      return user == null ? "default user" : user;
    }
  }

  /**
   * How the server's certificate is verified.
   *
   * @param authoritiesPem the certificates that are trusted, in PEM; absent for those of the JVM
   * @param verifiesHostname whether the certificate has to name the host
   */
  public record Tls(@Nullable String authoritiesPem, boolean verifiesHostname) {}

  public ServerAddress {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " of " + host + " is not in 1…65535");
    }
  }

  /** A plain connection without login. */
  public static ServerAddress of(String host, int port) {
    return new ServerAddress(host, port, null, null);
  }

  /** Another server that is entered in the same way, such as another node of a cluster. */
  public ServerAddress at(String otherHost, int otherPort) {
    return new ServerAddress(otherHost, otherPort, credentials, tls);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
