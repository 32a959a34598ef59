package wherry.server.wire;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.TlsConfig;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The API over HTTP/1.1: {@code POST /} for DMS (JSON 1.1), ElastiCache and GetCallerIdentity
 * (Query), {@code GET /health} for probes, {@code GET /metrics} for callers on this machine. One
 * virtual thread per connection; bounded headers, bodies, connections and waiting.
 */
public final class HttpApi implements AutoCloseable {
  private static final int HEADERS_LIMIT_BYTES = 32 << 10;
  private static final int REQUEST_LINE_LIMIT_BYTES = 8 << 10;
  private static final int IDLE_CHECKS_PER_TIMEOUT = 4;

  private final WebServer server;
  private final ReceiveDeadlines deadlines;

  private HttpApi(WebServer server, ReceiveDeadlines deadlines) {
    this.server = server;
    this.deadlines = deadlines;
  }

  /**
   * Starts to listen.
   *
   * @param authentication absent: every request is taken, whoever sends it
   * @param metrics in the text format of Prometheus
   * @throws IllegalStateException when the address or port cannot be had; the message names both
   *     and why
   */
  public static HttpApi start(
      HttpConfig config, Router router, Optional<SigV4> authentication, Supplier<String> metrics) {
    return start(
        config,
        Map.of(Contract.TARGET_PREFIX, router),
        Router.elastiCache(List.of()),
        authentication,
        metrics);
  }

  /**
   * As above, for several services on one port.
   *
   * @param services of the JSON protocol, by the first part of X-Amz-Target
   * @param elastiCache made by {@link Router#elastiCache}
   */
  public static HttpApi start(
      HttpConfig config,
      Map<String, JsonService> services,
      Router elastiCache,
      Optional<SigV4> authentication,
      Supplier<String> metrics) {
    requireFree(config);
    var deadlines = new ReceiveDeadlines(config.requestTimeout());
    var handler =
        new HttpHandler(
            new ApiHandler(services, elastiCache, authentication, config),
            deadlines,
            config.version(),
            metrics);
    WebServerConfig.Builder builder =
        WebServer.builder()
            .host(config.bindAddress())
            .port(config.port())
            .shutdownHook(false)
            .protocolsDiscoverServices(false)
            .addProtocol(http1(deadlines))
            .maxTcpConnections(config.connectionLimit())
            .idleConnectionTimeout(config.requestTimeout())
            .idleConnectionPeriod(config.requestTimeout().dividedBy(IDLE_CHECKS_PER_TIMEOUT))
            .contentEncoding(new UndecodedContent())
            .directHandlers(HttpApi::refuseEarly)
            .routing((HttpRouting.Builder routing) -> routing.any(handler));
    config.tls().ifPresent(files -> builder.tls(tls(files)));
    WebServer server = builder.build().start();
    if (!server.isRunning()) {
      deadlines.close();
      throw cannotListen(config, "the web server did not start; its log says why", null);
    }
    return new HttpApi(server, deadlines);
  }

  /** The port that is listened on. */
  public int port() {
    return server.port();
  }

  /** Stops listening; requests under way get a moment to end. */
  @Override
  public void close() {
    server.stop();
    deadlines.close();
  }

  /** The web server only logs why it cannot listen; asking first gives the cause to our caller. */
  private static void requireFree(HttpConfig config) {
    try (var probe =
        new ServerSocket(config.port(), 1, InetAddress.getByName(config.bindAddress()))) {
      probe.getLocalPort();
    } catch (IOException e) {
      throw cannotListen(config, String.valueOf(e.getMessage()), e);
    }
  }

  private static IllegalStateException cannotListen(
      HttpConfig config, String reason, @Nullable Exception cause) {
    return new IllegalStateException(
        "The API cannot listen on address %s port %d: %s. Choose another port or address, or end the process that has it."
            .formatted(config.bindAddress(), config.port(), reason),
        cause);
  }

  private static Http1Config http1(ReceiveDeadlines deadlines) {
    return Http1Config.builder()
        .maxHeadersSize(HEADERS_LIMIT_BYTES)
        .maxPrologueLength(REQUEST_LINE_LIMIT_BYTES)
        .receiveLog(false)
        .sendLog(false)
        .addReceiveListener(deadlines)
        .build();
  }

  private static TlsConfig tls(HttpConfig.Tls files) {
    Keys keys =
        Keys.builder()
            .pem(pem ->
                pem.key(Resource.create(files.privateKey()))
                    .certChain(Resource.create(files.certificateChain())))
            .build();
    return TlsConfig.builder().privateKey(keys).privateKeyCertChain(keys).buildPrototype();
  }

  /** What the web server refuses before our handler sees it: malformed or oversized requests. */
  private static void refuseEarly(DirectHandlers.Builder handlers) {
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(
          type,
          (request, event, suggested, headers, message) -> {
            String requestId = UUID.randomUUID().toString();
            // The web server calls it its own failure when a request line is no HTTP, such as a TLS
            // hello.
            boolean unreadable =
                event == DirectHandler.EventType.INTERNAL_ERROR && request.method().isEmpty();
            Status status = unreadable ? Status.BAD_REQUEST_400 : suggested;
            WireAnswer answer = WireAnswer.fault(earlyFault(status));
            return DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, answer.contentType())
                .header(HttpHandler.REQUEST_ID, requestId)
                .keepAlive(false)
                .entity(answer.body())
                .build();
          });
    }
  }

  private static Fault earlyFault(Status status) {
    String code =
        switch (status.code()) {
          case 413 -> "RequestEntityTooLargeException";
          case 500 -> "InternalFailure";
          default -> "MalformedHttpRequestException";
        };
    return Fault.withStatus(
        code, status.code(), "The HTTP request was refused: " + status.reasonPhrase() + ".");
  }
}
