package wherry.postgresql;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import javax.net.SocketFactory;

/**
 * Lines over which a server sends many small messages in a row. PostgreSQL's walsender sends each
 * message by itself (WalSndWriteData in walsender.c), and a reader that is always there makes both
 * sides pay for every one: a packet, an interrupt, a wake-up, together more than the decoding. So
 * who has just read less than there was room for lets some milliseconds pass, or enough bytes come,
 * before he reads again; and a near server gets a small window, so that meanwhile the messages
 * gather on its side and come in few large packets. A line on which nothing was read for longer is
 * read at once. Public because the driver makes it by name.
 */
public final class GatheringSocketFactory extends SocketFactory {
  static final Duration GATHER = Duration.ofMillis(5);

  /** To a server that answers so soon, a small window costs no throughput. */
  private static final Duration NEAR = Duration.ofMillis(1);

  private static final int NEAR_WINDOW_BYTES = 64 * 1024;

  /** Who waits for more with so much at hand makes the server wait for a window. */
  private static final int ENOUGH_BYTES = NEAR_WINDOW_BYTES / 2;

  private static final Duration LOOK = Duration.ofMillis(1);

  @Override
  public Socket createSocket() {
    return new GatheringSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw notAsked();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    throw notAsked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw notAsked();
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
      throws IOException {
    throw notAsked();
  }

  private static IOException notAsked() {
    return new IOException("The driver connects its sockets itself");
  }

  private static final class GatheringSocket extends Socket {
    @Override
    public void connect(SocketAddress server, int timeoutMilliseconds) throws IOException {
      long begun = System.nanoTime();
      super.connect(server, timeoutMilliseconds);
      if (System.nanoTime() - begun < NEAR.toNanos()) {
        setReceiveBufferSize(NEAR_WINDOW_BYTES);
      }
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new GatheringStream(super.getInputStream());
    }
  }

  private static final class GatheringStream extends FilterInputStream {
    private long drainedNanos = System.nanoTime() - GATHER.toNanos();

    GatheringStream(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (System.nanoTime() - drainedNanos < GATHER.toNanos()) {
        gather();
      }
      int read = in.read(into, offset, length);
      if (read < length) {
        drainedNanos = System.nanoTime();
      }
      return read;
    }

    private void gather() throws IOException {
      long end = System.nanoTime() + GATHER.toNanos();
      while (in.available() < ENOUGH_BYTES && System.nanoTime() < end) {
        LockSupport.parkNanos(LOOK.toNanos());
      }
    }
  }
}
