package wherry.server.elasticache;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CustomerNodeEndpoint;
import wherry.redis.ServerAddress;

/**
 * A server that is not the service's own, as a user names it: an address and a port, or a URI where
 * it asks for a login or TLS: {@code redis://user:password@host} or {@code
 * rediss://…?certificate=NAME}, where the certificate is one that was imported with DMS's
 * ImportCertificate.
 *
 * @param user absent for the default user
 * @param password absent where the server asks for none
 * @param certificate the identifier of the authority's certificate; absent for those of the JVM
 */
record NamedServer(
    String host,
    int port,
    @Nullable String user,
    @Nullable String password,
    boolean tls,
    @Nullable String certificate) {
  private static final int USUAL_PORT = 6379;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,255}");
  private static final Pattern CERTIFICATE = Pattern.compile("certificate=([A-Za-z0-9-]{1,255})");

  /**
   * The source of a migration.
   *
   * @throws wherry.server.wire.Fault InvalidParameterValue; it does not repeat an address that may
   *     hold a password
   */
  static NamedServer of(List<CustomerNodeEndpoint> endpoints) {
    if (endpoints.size() != 1) {
      throw CacheFaults.invalidValue(
          "CustomerNodeEndpointList must have exactly one endpoint, also for a cluster; it has "
              + endpoints.size()
              + ".");
    }
    String address = Optional.ofNullable(endpoints.getFirst().address()).orElse("");
    Integer port = endpoints.getFirst().port();
    if (port == null || port < 1 || port > 65_535) {
      throw CacheFaults.invalidValue("The Port of the endpoint must be 1 to 65535.");
    }
    try {
      if (!address.contains("://")) {
        return new NamedServer(checkedHost(address), port, null, null, false, null);
      }
      URI uri = uri(address);
      if (uri.getPort() >= 0) {
        throw new IllegalArgumentException("has no port; that is given beside it.");
      }
      return of(uri, port);
    } catch (IllegalArgumentException e) {
      throw CacheFaults.invalidValue("The Address of the endpoint " + e.getMessage());
    }
  }

  /**
   * A server that a URI says all about.
   *
   * @throws IllegalArgumentException with a message that goes on from {@code The address}, and does
   *     not repeat it, as it may hold a password
   */
  static NamedServer ofUri(String text) {
    URI uri = uri(text);
    int port = uri.getPort() < 0 ? USUAL_PORT : uri.getPort();
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("must have a port of 1 to 65535.");
    }
    return of(uri, port);
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "is no valid URI; characters such as '@' and '%' of a password have to be"
              + " percent-encoded.");
    }
  }

  private static NamedServer of(URI uri, int port) {
    boolean tls = "rediss".equals(uri.getScheme());
    if (!tls && !"redis".equals(uri.getScheme())) {
      throw new IllegalArgumentException("must be a host, redis://… or rediss://….");
    }
    String query = uri.getQuery();
    var certificate = CERTIFICATE.matcher(query == null ? "" : query);
    boolean namesCertificate = query != null && certificate.matches() && tls;
    if (query != null && !namesCertificate) {
      throw new IllegalArgumentException("may only have ?certificate=NAME behind rediss://host.");
    }
    boolean pathIsEmpty = uri.getPath() == null || uri.getPath().matches("/?");
    if (!pathIsEmpty || uri.getFragment() != null) {
      throw new IllegalArgumentException("has no path.");
    }
    String login = uri.getUserInfo();
    int colon = login == null ? -1 : login.indexOf(':');
    if (login != null && colon < 0) {
      throw new IllegalArgumentException("must have user:password, or :password, as its login.");
    }
    return new NamedServer(
        checkedHost(uri.getHost() == null ? "" : uri.getHost()),
        port,
        login == null || colon == 0 ? null : login.substring(0, colon),
        login == null ? null : login.substring(colon + 1),
        tls,
        namesCertificate ? certificate.group(1) : null);
  }

  private static String checkedHost(String host) {
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    if (!HOST.matcher(bare).matches()) {
      throw new IllegalArgumentException("has no host name or IP address.");
    }
    return bare;
  }

  /** What the store keeps openly; the password is a secret of the group. */
  StoredGroup.StoredMigration stored() {
    return new StoredGroup.StoredMigration(host, port, user, tls, certificate, null, null);
  }

  static NamedServer of(StoredGroup.StoredMigration stored, @Nullable String password) {
    return new NamedServer(
        stored.host(), stored.port(), stored.user(), password, stored.tls(), stored.certificate());
  }

  /**
   * @param authorityPem of {@link #certificate}
   */
  ServerAddress address(@Nullable String authorityPem) {
    return new ServerAddress(
        host,
        port,
        password == null ? null : new ServerAddress.Credentials(user, password),
        tls ? new ServerAddress.Tls(authorityPem, true) : null);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
