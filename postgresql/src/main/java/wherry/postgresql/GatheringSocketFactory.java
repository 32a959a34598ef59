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
 * who has read all there was lets some milliseconds pass before he reads again, as long as more
 * comes, and longer where much came; and a near server gets a small window, so that meanwhile the
 * messages gather on its side and come in few large packets. A line on which nothing was read for
 * longer is read at once. Public because the driver makes it by name.
 */
public final class GatheringSocketFactory extends SocketFactory {
  static final Duration GATHER = Duration.ofMillis(5);

  /** To a server that answers so soon, a small window costs no throughput. */
  private static final Duration NEAR = Duration.ofMillis(1);

  private static final int NEAR_WINDOW_BYTES = 32 * 1024;

  /**
   * With so much at hand the window may be full. Messages then gather in the server's buffer, and
   * leave it in packets of tens of kilobytes.
   */
  static final int ENOUGH_BYTES = NEAR_WINDOW_BYTES / 2;

  /**
   * A server writes some 50 bytes in a microsecond: after a pause as long as it took to write what
   * was read since the last one, its buffer holds as much again.
   */
  private static final int PAUSE_NANOS_PER_BYTE = 20;

  /** After so much there is a pause, whatever is at hand: else the buffer would run empty. */
  private static final int PAUSE_AFTER_BYTES = 256 * 1024;

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);

  static final Duration LOOK = Duration.ofMillis(1);

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
    private long readSincePause;
    private int here;

    GatheringStream(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (here <= 0) {
        here = in.available();
        if (readSincePause >= PAUSE_AFTER_BYTES
            || (here < ENOUGH_BYTES && System.nanoTime() - drainedNanos < GATHER.toNanos())) {
          gather();
        }
      }
      int read = in.read(into, offset, length);
      readSincePause += read;
      here -= read;
      if (here <= 0) {
        drainedNanos = System.nanoTime();
      }
      return read;
    }

    /** Waits as long as more comes, or the server may be at work behind a full window. */
    private void gather() throws IOException {
      long pauseNanos =
          Math.clamp(
              readSincePause * PAUSE_NANOS_PER_BYTE, GATHER.toNanos(), LONGEST_PAUSE.toNanos());
      long end = System.nanoTime() + pauseNanos;
      readSincePause = 0;
      int before = -1;
      while ((here == 0 || here > before || here >= ENOUGH_BYTES) && System.nanoTime() < end) {
        before = here;
        LockSupport.parkNanos(LOOK.toNanos());
        here = in.available();
      }
    }
  }
}
