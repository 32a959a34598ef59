package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that sends back what it gets stands for all servers. */
class FaultProxyTest {
  private static final int SILENCE_MILLISECONDS = 150;
  private static final int PATIENCE_MILLISECONDS = 60_000;
  private static final Duration PATIENCE = Duration.ofMillis(PATIENCE_MILLISECONDS);

  private final AtomicInteger served = new AtomicInteger();
  private ServerSocket echo;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::acceptAll);
    proxy = FaultProxy.to(echo.getLocalPort());
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
    echo.close();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = echo.accept();
        served.incrementAndGet();
        Thread.ofVirtual().start(() -> echo(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException reset) {
      // What a cut does.
    } finally {
      served.decrementAndGet();
    }
  }

  private Socket client() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(PATIENCE_MILLISECONDS);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String receive(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SILENCE_MILLISECONDS);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(PATIENCE_MILLISECONDS);
  }

  @Test
  void passes_everything_both_ways_and_tells_one_end_when_the_other_closes() throws IOException {
    String much = "0123456789".repeat(100_000);
    try (Socket client = client()) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              send(client, much);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(receive(client, much.length())).isEqualTo(much);
      assertThat(proxy.open()).isEqualTo(1);
    }
    await().atMost(PATIENCE).until(() -> served.get() == 0 && proxy.open() == 0);
  }

  @Test
  void a_cut_resets_both_ends_and_welcomes_new_connections() throws IOException {
    try (Socket client = client()) {
      send(client, "a");
      receive(client, 1);
      proxy.cut();
      assertThatThrownBy(
              () -> {
                send(client, "b");
                receive(client, 1);
              })
          .isInstanceOf(IOException.class);
      await().atMost(PATIENCE).until(() -> served.get() == 0);
    }
    try (Socket again = client()) {
      send(again, "c");
      assertThat(receive(again, 1)).isEqualTo("c");
    }
    assertThat(proxy.connections()).isEqualTo(2);
  }

  @Test
  void a_refusing_proxy_serves_nobody_until_it_is_healed() throws IOException {
    proxy.refuse();
    try (Socket client = client()) {
      assertThatThrownBy(
              () -> {
                send(client, "a");
                if (client.getInputStream().read() < 0) {
                  throw new IOException("closed");
                }
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
    proxy.heal();
    try (Socket client = client()) {
      send(client, "b");
      assertThat(receive(client, 1)).isEqualTo("b");
    }
  }

  @Test
  void a_stall_holds_old_and_new_connections_and_loses_nothing() throws IOException {
    try (Socket old = client()) {
      send(old, "a");
      receive(old, 1);
      proxy.stall();
      try (Socket fresh = client()) {
        send(old, "b");
        send(fresh, "c");
        assertSilent(old);
        assertSilent(fresh);
        proxy.heal();
        assertThat(receive(old, 1)).isEqualTo("b");
        assertThat(receive(fresh, 1)).isEqualTo("c");
      }
    }
  }

  @Test
  void a_half_open_connection_loses_its_server_and_its_client_is_not_told() throws IOException {
    try (Socket old = client()) {
      send(old, "a");
      receive(old, 1);
      proxy.leaveHalfOpen();
      await().atMost(PATIENCE).until(() -> served.get() == 0);
      send(old, "b");
      assertSilent(old);
      proxy.heal();
      send(old, "c");
      assertSilent(old);
      try (Socket fresh = client()) {
        send(fresh, "d");
        assertThat(receive(fresh, 1)).isEqualTo("d");
      }
    }
    await().atMost(PATIENCE).until(() -> proxy.open() == 0);
  }

  @Test
  void a_slow_connection_carries_no_more_than_its_rate_until_it_is_healed() throws IOException {
    int bytes = 10 * 1024;
    try (Socket client = client()) {
      proxy.slow(1);
      send(client, "x".repeat(bytes));
      assertSilent(client);
      proxy.heal();
      assertThat(receive(client, bytes)).hasSize(bytes);
    }
  }

  @Test
  void a_tap_sees_what_passes_and_can_cut_instead() throws IOException {
    StringBuilder seen = new StringBuilder();
    proxy.tap((connection, toServer, chunk, length) -> {
      String text = new String(chunk, 0, length, StandardCharsets.UTF_8);
      synchronized (seen) {
        seen.append(toServer ? ">" : "<").append(text);
      }
      return !text.equals("stop");
    });
    try (Socket client = client()) {
      send(client, "go");
      assertThat(receive(client, 2)).isEqualTo("go");
      send(client, "stop");
      assertThatThrownBy(
              () -> {
                if (client.getInputStream().read() < 0) {
                  throw new IOException("closed");
                }
              })
          .isInstanceOf(IOException.class);
    }
    synchronized (seen) {
      assertThat(seen).hasToString(">go<go>stop");
    }
  }

  @Test
  void a_server_that_is_not_there_is_a_reset() {
    try (FaultProxy nowhere = FaultProxy.to(Ports.free())) {
      assertThatThrownBy(
              () -> {
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), nowhere.port())) {
                  client.setSoTimeout(PATIENCE_MILLISECONDS);
                  if (client.getInputStream().read() < 0) {
                    throw new IOException("closed");
                  }
                }
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
  }
}
