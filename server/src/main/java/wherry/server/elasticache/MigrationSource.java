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
 * The server that a migration follows, as CustomerNodeEndpointList names it. The API has only an
 * address and a port; a source that asks for a login or TLS is given as a URI in the address:
 * {@code redis://user:password@host} or {@code rediss://…?certificate=NAME}, where the certificate
 * is one that was imported with DMS's ImportCertificate.
 *
 * @param user absent for the default user
 * @param password absent where the server asks for none
 * @param certificate the identifier of the authority's certificate; absent for those of the JVM
 */
record MigrationSource(
    String host,
    int port,
    @Nullable String user,
    @Nullable String password,
    boolean tls,
    @Nullable String certificate) {
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,255}");
  private static final Pattern CERTIFICATE = Pattern.compile("certificate=([A-Za-z0-9-]{1,255})");

  /**
   * @throws wherry.server.wire.Fault InvalidParameterValue; it does not repeat an address that may
   *     hold a password
   */
  static MigrationSource of(List<CustomerNodeEndpoint> endpoints) {
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
    if (address.contains("://")) {
      return ofUri(address, port);
    }
    return new MigrationSource(checkedHost(address), port, null, null, false, null);
  }

  private static MigrationSource ofUri(String address, int port) {
    URI uri;
    try {
      uri = new URI(address);
    } catch (URISyntaxException e) {
      throw CacheFaults.invalidValue(
          "The Address of the endpoint is no valid URI; characters such as '@' and '%' of a"
              + " password have to be percent-encoded.");
    }
    boolean tls = "rediss".equals(uri.getScheme());
    if (!tls && !"redis".equals(uri.getScheme())) {
      throw CacheFaults.invalidValue(
          "The Address of the endpoint must be a host, redis://… or rediss://….");
    }
    String query = uri.getQuery();
    var certificate = CERTIFICATE.matcher(query == null ? "" : query);
    boolean namesCertificate = query != null && certificate.matches() && tls;
    if (query != null && !namesCertificate) {
      throw CacheFaults.invalidValue(
          "The Address of the endpoint may only have ?certificate=NAME behind rediss://host.");
    }
    boolean pathIsEmpty = uri.getPath() == null || uri.getPath().matches("/?");
    if (!pathIsEmpty || uri.getPort() >= 0 || uri.getFragment() != null) {
      throw CacheFaults.invalidValue(
          "The Address of the endpoint has no path and no port; the port is given beside it.");
    }
    String login = uri.getUserInfo();
    int colon = login == null ? -1 : login.indexOf(':');
    if (login != null && colon < 0) {
      throw CacheFaults.invalidValue(
          "The login in the Address of the endpoint must be user:password, or :password.");
    }
    return new MigrationSource(
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
      throw CacheFaults.invalidValue("The Address of the endpoint is no host name or IP address.");
    }
    return bare;
  }

  /** What the store keeps openly; the password is a secret of the group. */
  StoredGroup.StoredMigration stored() {
    return new StoredGroup.StoredMigration(host, port, user, tls, certificate);
  }

  static MigrationSource of(StoredGroup.StoredMigration stored, @Nullable String password) {
    return new MigrationSource(
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
