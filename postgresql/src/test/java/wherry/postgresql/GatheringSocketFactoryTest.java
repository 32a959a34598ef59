package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class GatheringSocketFactoryTest {
  private static final int MESSAGES = 5_000;
  private static final byte[] MESSAGE = new byte[50];
  private static final int ROOM_BYTES = 8 * 1024;

  /** Only the first of all is taken at once, and where so much is at hand that a window is full. */
  @Test
  void many_small_messages_are_read_together_with_a_moment_between_two_looks() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ExecutorService sending = Executors.newSingleThreadExecutor();
        Socket socket = new GatheringSocketFactory().createSocket()) {
      Future<?> sent = sending.submit(() -> send(server));
      socket.connect(server.getLocalSocketAddress(), 10_000);
      long begun = System.nanoTime();
      InputStream in = socket.getInputStream();
      byte[] room = new byte[ROOM_BYTES];
      int total = 0;
      int shortReads = 0;
      for (int read = in.read(room, 0, ROOM_BYTES);
          read >= 0;
          read = in.read(room, 0, ROOM_BYTES)) {
        total += read;
        shortReads += read < ROOM_BYTES ? 1 : 0;
      }
      long looksMax = (System.nanoTime() - begun) / GatheringSocketFactory.LOOK.toNanos() + 1;

      assertThat(total).isEqualTo(MESSAGES * MESSAGE.length);
      int full = total / GatheringSocketFactory.ENOUGH_BYTES;
      assertThat((long) shortReads).isBetween(1L, looksMax + full);
      sent.get();
    }
  }

  private static @org.jspecify.annotations.Nullable Object send(ServerSocket server)
      throws Exception {
    try (Socket client = server.accept()) {
      client.setTcpNoDelay(true);
      for (int message = 0; message < MESSAGES; message++) {
        client.getOutputStream().write(MESSAGE);
      }
    }
    return null;
  }
}
