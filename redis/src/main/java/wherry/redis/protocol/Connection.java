package wherry.redis.protocol;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;

/**
 * A connection to one server, logged in, speaking RESP2.
 *
 * <p>For one thread at a time, except that one may write while another reads.
 */
public final class Connection implements AutoCloseable {
  public static final int TIMEOUT_MILLISECONDS = 10_000;
  private static final int SMALL_BUFFER_BYTES = 64 * 1024;

  private final ServerAddress address;
  private final Socket socket;
  private final ByteInput input;
  private final OutputStream output;

  private Connection(ServerAddress address, Socket socket, int bufferBytes) throws IOException {
    this.address = address;
    this.socket = socket;
    input = new ByteInput(socket.getInputStream(), bufferBytes);
    output = socket.getOutputStream();
  }

  /**
   * Connects and logs in; a read that waits longer than {@link #TIMEOUT_MILLISECONDS} fails.
   *
   * @throws DmsException CONNECTION_FAILED, TLS_FAILED, LOGIN_FAILED
   */
  public static Connection open(ServerAddress address) {
    return open(address, SMALL_BUFFER_BYTES);
  }

  /** As above, with a buffer of this size for what the server sends. */
  public static Connection open(ServerAddress address, int bufferBytes) {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLISECONDS);
      socket.connect(new InetSocketAddress(address.host(), address.port()), TIMEOUT_MILLISECONDS);
      Socket secured = address.tls() == null ? socket : secure(socket, address, address.tls());
      Connection connection = new Connection(address, secured, bufferBytes);
      connection.login();
      return connection;
    } catch (SSLException | GeneralSecurityException e) {
      closeQuietly(socket);
      throw new DmsException(
          ErrorCode.TLS_FAILED,
          "No TLS connection to Redis at %s: %s. Check that its TLS port is meant and that the"
                  .formatted(address, e.getMessage())
              + " given certificate authority has signed its certificate.",
          e);
    } catch (IOException e) {
      closeQuietly(socket);
      throw unreachable(address, e);
    } catch (RuntimeException e) {
      closeQuietly(socket);
      throw e;
    }
  }

  /** A broken connection as the failure that it is. */
  public static DmsException unreachable(ServerAddress address, IOException cause) {
    return new DmsException(
        ErrorCode.CONNECTION_FAILED,
        "Redis at %s cannot be reached or has hung up: %s. Check that it runs, listens on this"
                .formatted(address, cause.getMessage())
            + " address (bind, protected-mode, TLS or plain port) and that no firewall is between.",
        cause);
  }

  private static Socket secure(Socket plain, ServerAddress address, ServerAddress.Tls tls)
      throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            sockets(tls.authoritiesPem())
                .createSocket(plain, address.host(), address.port(), /* autoClose= */ true);
    if (tls.verifiesHostname()) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
    }
    socket.startHandshake();
    return socket;
  }

  private static SSLSocketFactory sockets(@Nullable String authoritiesPem)
      throws IOException, GeneralSecurityException {
    if (authoritiesPem == null) {
      return (SSLSocketFactory) SSLSocketFactory.getDefault();
    }
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    var pem = new ByteArrayInputStream(authoritiesPem.getBytes(StandardCharsets.US_ASCII));
    for (Certificate authority :
        CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
      trusted.setCertificateEntry("authority-" + trusted.size(), authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  private void login() {
    ServerAddress.Credentials credentials = address.credentials();
    if (credentials == null) {
      return;
    }
    // AUTH with a user is only known since Redis 6; without one the default user is meant.
    if (credentials.user() == null) {
      call("AUTH", credentials.password());
    } else {
      call("AUTH", credentials.user(), credentials.password());
    }
  }

  public ServerAddress address() {
    return address;
  }

  public ByteInput input() {
    return input;
  }

  public OutputStream output() {
    return output;
  }

  /** How long a read may wait from now on; 0 for ever. */
  public void readTimeout(int milliseconds) {
    try {
      socket.setSoTimeout(milliseconds);
    } catch (IOException e) {
      throw unreachable(address, e);
    }
  }

  /** Sends a command and waits for its reply, which may be a {@link Reply.Failure}. */
  public Reply ask(byte[]... arguments) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    Command.write(request, arguments);
    send(request);
    return readReply();
  }

  /** Sends several commands at once and waits for all replies. */
  public List<Reply> askAll(List<byte[][]> commands) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    commands.forEach(command -> Command.write(request, command));
    send(request);
    List<Reply> replies = new ArrayList<>(commands.size());
    for (int i = 0; i < commands.size(); i++) {
      replies.add(readReply());
    }
    return replies;
  }

  private void send(ByteArrayOutputStream request) {
    try {
      request.writeTo(output);
      output.flush();
    } catch (IOException e) {
      throw unreachable(address, e);
    }
  }

  private Reply readReply() {
    try {
      return Reply.read(input);
    } catch (IOException e) {
      throw unreachable(address, e);
    }
  }

  /** Sends a command that must succeed. */
  public Reply call(String... arguments) {
    return call(Command.of(arguments));
  }

  /** Sends a command that must succeed. */
  public Reply call(byte[]... arguments) {
    Reply reply = ask(arguments);
    if (reply instanceof Reply.Failure failure) {
      throw refused(address, new String(arguments[0], StandardCharsets.UTF_8), failure.message());
    }
    return reply;
  }

  /** The reply of a command that answers with text. */
  public String text(String... arguments) {
    return call(arguments).toString();
  }

  /** A refused command as the failure that it is; the arguments stay out, they may be secrets. */
  public static DmsException refused(ServerAddress address, String command, String message) {
    String kind = message.split(" ", 2)[0];
    ErrorCode code =
        switch (kind) {
          case "NOAUTH", "WRONGPASS" -> ErrorCode.LOGIN_FAILED;
          case "NOPERM" -> ErrorCode.PRIVILEGE_MISSING;
          case "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN" -> ErrorCode.BUSY;
          case "OOM", "MISCONF" -> ErrorCode.RESOURCES_EXHAUSTED;
          default -> command.equals("AUTH") ? ErrorCode.LOGIN_FAILED : ErrorCode.COMMAND_REFUSED;
        };
    return new DmsException(
        code, "Redis at %s refuses %s: %s".formatted(address, command, message));
  }

  /** Ends the connection; also from another thread, whose peer then sees it broken. */
  @Override
  public void close() {
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyBroken) {
      // It is to be gone, and it is.
    }
  }
}
