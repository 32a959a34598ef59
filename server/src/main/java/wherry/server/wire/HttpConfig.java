package wherry.server.wire;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and how the API listens.
 *
 * @param bindAddress an address of this machine; loopback keeps the service private
 * @param port 0 takes a free one
 * @param accountId twelve digits, of the account that all access keys belong to
 * @param region of callers that do not sign, when authentication is off
 * @param version told by {@code GET /health}
 * @param tls PEM files; plain HTTP when absent
 * @param requestTimeout a connection is closed when its request has not been received and answered,
 *     or no new one has begun, in this time
 * @param connectionLimit connections beyond it wait until another ends
 */
public record HttpConfig(
    String bindAddress,
    int port,
    String accountId,
    String region,
    String version,
    Optional<Tls> tls,
    Duration requestTimeout,
    int connectionLimit) {

  /**
   * @param certificateChain the server's certificate first @param privateKey unencrypted, PKCS #8
   *     or PKCS #1
   */
  public record Tls(Path certificateChain, Path privateKey) {}

  /** Plain HTTP on loopback with the usual limits. */
  public static HttpConfig loopback(int port, String version) {
    return new HttpConfig(
        "127.0.0.1",
        port,
        "000000000000",
        "us-east-1",
        version,
        Optional.empty(),
        Duration.ofSeconds(60),
        512);
  }

  public HttpConfig withBindAddress(String address) {
    return new HttpConfig(
        address, port, accountId, region, version, tls, requestTimeout, connectionLimit);
  }

  public HttpConfig withAccountId(String account) {
    return new HttpConfig(
        bindAddress, port, account, region, version, tls, requestTimeout, connectionLimit);
  }

  public HttpConfig withTls(Tls files) {
    return new HttpConfig(
        bindAddress,
        port,
        accountId,
        region,
        version,
        Optional.of(files),
        requestTimeout,
        connectionLimit);
  }

  public HttpConfig withRequestTimeout(Duration timeout) {
    return new HttpConfig(
        bindAddress, port, accountId, region, version, tls, timeout, connectionLimit);
  }
}
