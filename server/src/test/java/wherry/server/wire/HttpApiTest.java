package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The robustness floor, over real sockets, with authentication off. */
class HttpApiTest {
  private static final String TARGET = "X-Amz-Target: AmazonDMSv20160101.";
  private static final int SOCKET_TIMEOUT_MILLIS = 60_000;

  private static HttpApi api;

  @BeforeAll
  static void start() {
    api =
        HttpApi.start(
            HttpConfig.loopback(0, "1.2.3"), router(), Optional.empty(), () -> "aws_dms_up 1\n");
  }

  private static Router router() {
    return new Router(Contract.load(), List.of(new EchoApi()));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  /** An answer, parsed as far as the assertions need. */
  private record Reply(int status, String head, String body) {}

  private static Reply exchange(byte[] request) throws IOException {
    return exchange(api.port(), request);
  }

  private static Reply exchange(int port, byte[] request) throws IOException {
    try (Socket socket = connect(port)) {
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return read(socket.getInputStream());
    }
  }

  private static Socket connect(int port) throws IOException {
    var socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(SOCKET_TIMEOUT_MILLIS);
    return socket;
  }

  private static Reply read(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + head);
      }
      head.append((char) next);
    }
    String text = head.toString();
    int length =
        text.lines()
            .filter(line -> line.toLowerCase().startsWith("content-length:"))
            .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).trim()))
            .findFirst()
            .orElse(0);
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Reply(Integer.parseInt(text.substring(9, 12)), text, body);
  }

  private static byte[] request(String line, List<String> headers, byte[] body) {
    var out = new ByteArrayOutputStream();
    String head =
        line
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + String.join("", headers.stream().map(h -> h + "\r\n").toList())
            + "Content-Length: "
            + body.length
            + "\r\n\r\n";
    out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] post(String operation, String body) {
    return request("POST /", List.of(TARGET + operation), body.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] gzip(byte[] plain) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void strange_requests_get_a_definite_answer(
      String what, byte[] request, int status, String bodyPart) throws Exception {
    Reply reply = exchange(request);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.body())
        .contains(bodyPart)
        .doesNotContain("at wherry", "Exception:", "hunter2");
    assertThat(reply.head().toLowerCase()).contains("x-amzn-requestid: ");
  }

  static Stream<Arguments> strange_requests_get_a_definite_answer() {
    String form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8";
    byte[] bomb = gzip(new byte[64 << 20]);
    List<String> describe = List.of(TARGET + "DescribeEndpoints");
    List<String> zipped = List.of(TARGET + "DescribeEndpoints", "Content-Encoding: gzip");
    return Stream.of(
        Arguments.of("an empty body is {}", post("DescribeEndpoints", ""), 200, "\"Endpoints\":"),
        Arguments.of(
            "health",
            request("GET /health", List.of(), bytes("")),
            200,
            "{\"status\":\"ok\",\"version\":\"1.2.3\"}"),
        Arguments.of("GET /", request("GET /", List.of(), bytes("")), 405, "POST"),
        Arguments.of(
            "another path", request("POST /x/../y?z=%00", describe, bytes("{}")), 404, "__type"),
        Arguments.of("DELETE", request("DELETE /", List.of(), bytes("")), 405, "POST"),
        Arguments.of("a method of its own", request("BREW /", List.of(), bytes("")), 405, "POST"),
        Arguments.of(
            "no target",
            request("POST /", List.of(), bytes("{}")),
            400,
            "UnknownOperationException"),
        Arguments.of(
            "a target of another service",
            request("POST /", List.of("X-Amz-Target: DynamoDB_20120810.ListTables"), bytes("{}")),
            400,
            "UnknownOperationException"),
        Arguments.of(
            "two targets",
            request("POST /", List.of(TARGET + "A", TARGET + "B"), bytes("{}")),
            400,
            "UnknownOperation"),
        Arguments.of("an unknown operation", post("FlyToTheMoon", "{}"), 400, "'FlyToTheMoon'"),
        Arguments.of(
            "not JSON", post("DescribeEndpoints", "<xml/>"), 400, "SerializationException"),
        Arguments.of(
            "deep JSON",
            post("DescribeEndpoints", "[".repeat(100_000)),
            400,
            "SerializationException"),
        Arguments.of(
            "a huge number",
            post("DescribeEndpoints", "{\"MaxRecords\":1e400}"),
            400,
            "SerializationException"),
        Arguments.of(
            "a lone surrogate",
            post("DescribeEndpoints", "{\"Marker\":\"\\udead\"}"),
            400,
            "SerializationException"),
        Arguments.of(
            "invalid UTF-8",
            request("POST /", describe, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}),
            400,
            "SerializationException"),
        Arguments.of(
            "a missing member",
            post("DeleteEndpoint", "{}"),
            400,
            "\"__type\":\"ValidationException\""),
        Arguments.of(
            "a bug of ours",
            post("DeleteEndpoint", "{\"EndpointArn\":\"a\"}"),
            500,
            "\"__type\":\"InternalFailure\""),
        Arguments.of("gzip", request("POST /", zipped, gzip(bytes("{}"))), 200, "Endpoints"),
        Arguments.of(
            "no gzip though it says so",
            request("POST /", zipped, bytes("{}")),
            400,
            "SerializationException"),
        Arguments.of(
            "a gzip bomb", request("POST /", zipped, bomb), 413, "RequestEntityTooLargeException"),
        Arguments.of(
            "another compression",
            request(
                "POST /",
                List.of(TARGET + "DescribeEndpoints", "Content-Encoding: br"),
                bytes("{}")),
            415,
            "gzip"),
        Arguments.of(
            "sts",
            request("POST /", List.of(form), bytes("Action=GetCallerIdentity&Version=2011-06-15")),
            200,
            "<Account>000000000000</Account>"),
        Arguments.of(
            "another sts action",
            request("POST /", List.of(form), bytes("Action=AssumeRole&Version=2011-06-15")),
            400,
            "<Code>InvalidAction</Code>"),
        Arguments.of(
            "an sts action to escape",
            request("POST /", List.of(form), bytes("Action=%3Cb%3E")),
            400,
            "&lt;b&gt;"),
        Arguments.of(
            "no form at all",
            request("POST /", List.of(form), bytes("%zz")),
            400,
            "MalformedQueryString"),
        Arguments.of(
            "no action", request("POST /", List.of(form), bytes("")), 400, "MissingAction"),
        Arguments.of(
            "headers without end",
            request("POST /", List.of("X-Fill: " + "x".repeat(40_000)), bytes("")),
            400,
            ""),
        Arguments.of(
            "HTTP 1.0", bytes("POST / HTTP/1.0\r\n\r\n"), 505, "HTTP Version Not Supported"),
        Arguments.of("no HTTP", bytes("\u0016\u0003\u0001 hello there\r\n\r\n"), 400, ""),
        Arguments.of(
            "a bad length",
            bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"),
            400,
            ""),
        Arguments.of(
            "a body said to be huge",
            bytes(
                "POST / HTTP/1.1\r\nHost: a\r\n"
                    + TARGET
                    + "DescribeEndpoints\r\nContent-Length: 4194305\r\n\r\n"),
            413,
            "RequestEntityTooLargeException"));
  }

  @Test
  void metrics_are_read_without_a_signature_as_prometheus_does_it() throws IOException {
    Reply reply = exchange(request("GET /metrics", List.of(), new byte[0]));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.head()).containsIgnoringCase("content-type: text/plain; version=0.0.4");
    assertThat(reply.body()).isEqualTo("aws_dms_up 1\n");
  }

  @Test
  void a_body_of_exactly_the_limit_is_taken_and_one_byte_more_refused_though_chunked()
      throws Exception {
    String fill = "{\"Marker\":\"" + "m".repeat(RequestBodies.LIMIT_BYTES - 13) + "\"}";
    assertThat(exchange(post("DescribeEndpoints", fill)).status()).isEqualTo(200);
    assertThat(exchange(chunked(fill)).status()).isEqualTo(200);
    assertThat(exchange(chunked(fill + " ")).status()).isEqualTo(413);
  }

  private static byte[] chunked(String body) {
    String head =
        "POST / HTTP/1.1\r\nHost: a\r\n"
            + TARGET
            + "DescribeEndpoints\r\nTransfer-Encoding: chunked\r\n\r\n";
    return bytes(head + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
  }

  /** Who gets an answer has not waited for the halves: they are not given up within an hour. */
  @Test
  void sixty_four_half_sent_requests_do_not_keep_others_waiting() throws Exception {
    HttpConfig patient = HttpConfig.loopback(0, "1").withRequestTimeout(Duration.ofHours(1));
    List<Socket> halves = new ArrayList<>();
    try (var waiting = HttpApi.start(patient, router(), Optional.empty(), () -> "")) {
      for (int i = 0; i < 64; i++) {
        Socket half = connect(waiting.port());
        halves.add(half);
        String start =
            i % 2 == 0
                ? "POST / HTT"
                : "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{";
        half.getOutputStream().write(bytes(start));
      }
      assertThat(exchange(waiting.port(), post("DescribeEndpoints", "{}")).status()).isEqualTo(200);
    } finally {
      for (Socket half : halves) {
        half.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "POST",
        "POST / HTTP/1.1\r\nHost:",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"
      })
  void a_client_that_stops_in_the_middle_of_a_request_loses_its_connection(String start)
      throws Exception {
    HttpConfig impatient = HttpConfig.loopback(0, "1").withRequestTimeout(Duration.ofMillis(300));
    try (var hasty = HttpApi.start(impatient, router(), Optional.empty(), () -> "aws_dms_up 1\n");
        Socket half = connect(hasty.port())) {
      half.getOutputStream().write(bytes(start));
      assertThat(answerBeforeTheEnd(half)).isEmpty();
    }
  }

  /** A server that had not read all yet resets the connection in place of closing it. */
  private static byte[] answerBeforeTheEnd(Socket socket) throws IOException {
    try {
      return socket.getInputStream().readAllBytes();
    } catch (SocketException reset) {
      return new byte[0];
    }
  }

  @Test
  void a_connection_serves_many_requests() throws Exception {
    try (Socket socket = connect(api.port())) {
      for (int i = 0; i < 50; i++) {
        socket.getOutputStream().write(post("DescribeEndpoints", "{}"));
        assertThat(read(socket.getInputStream()).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void a_refused_request_does_not_poison_the_connection() throws Exception {
    try (Socket socket = connect(api.port())) {
      socket.getOutputStream().write(post("DescribeEndpoints", "no json"));
      assertThat(read(socket.getInputStream()).status()).isEqualTo(400);
      socket.getOutputStream().write(post("DescribeEndpoints", "{}"));
      assertThat(read(socket.getInputStream()).status()).isEqualTo(200);
    }
  }

  @Test
  void answers_are_json_1_1_with_a_request_id() throws Exception {
    Reply reply = exchange(post("DescribeEndpoints", "{}"));
    assertThat(reply.head()).containsIgnoringCase("content-type: application/x-amz-json-1.1\r\n");
    assertThat(reply.head()).containsPattern("(?i)x-amzn-requestid: [0-9a-f-]{36}\r\n");
  }

  @Test
  void a_port_that_is_taken_is_named() {
    HttpConfig config = HttpConfig.loopback(api.port(), "1");
    assertThatThrownBy(
            () -> HttpApi.start(config, router(), Optional.empty(), () -> "aws_dms_up 1\n"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("127.0.0.1 port " + api.port() + ": Address already in use");
  }
}
