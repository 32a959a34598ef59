package wherry.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network that can fail: a port of 127.0.0.1 whose connections lead to another one, and can be
 * cut, stalled, slowed down or left half-open. Safe for all threads.
 */
public final class FaultProxy implements AutoCloseable {
  /** Small enough that a slow network trickles and a tap sees a message before much else passes. */
  private static final int CHUNK_BYTES = 16 * 1024;

  private static final int BACKLOG = 100;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** Looks at what passes; called by the thread that carries it, one per connection and way. */
  @FunctionalInterface
  public interface Tap {
    /**
     * Called before the bytes are passed on, which wait for it.
     *
     * @param toServer whether they come from the client
     * @param bytes of which the first {@code length} count
     * @return whether to pass them on; otherwise the connection is cut instead
     */
    boolean passes(int connection, boolean toServer, byte[] bytes, int length);
  }

  private final ServerSocket listener;
  private final int serverPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final Lock lock = new ReentrantLock();
  private final Condition healed = lock.newCondition();
  private boolean stalled;
  private boolean closed;
  private volatile boolean refusing;
  private volatile long bytesPerSecond = Long.MAX_VALUE;
  private volatile Tap tap = (connection, toServer, bytes, length) -> true;

  private FaultProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    listener = new ServerSocket(Ports.free(), BACKLOG, LOOPBACK);
    Thread.ofVirtual().name("proxy-" + serverPort).start(this::accept);
  }

  /** Opens a proxy to a port of 127.0.0.1, on which somebody may or may not listen. */
  public static FaultProxy to(int serverPort) {
    try {
      return new FaultProxy(serverPort);
    } catch (IOException e) {
      throw new SandboxException("cannot listen for the proxy: " + e.getMessage(), e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** How many connections were ever made. */
  public int connections() {
    return connections.get();
  }

  /** How many connections are open now, half-open ones included. */
  public int open() {
    return links.size();
  }

  /** Resets all connections, on both ends; new ones are welcome. */
  public void cut() {
    links.forEach(Link::reset);
  }

  /** Resets all connections and every new one, until healed. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Nothing passes any more, on old and new connections, and nobody is told; until healed. */
  public void stall() {
    lock.lock();
    try {
      stalled = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The connections that exist now lose their server, and their clients never hear of it: what they
   * send vanishes. New ones are welcome; healing does not mend the old ones.
   */
  public void leaveHalfOpen() {
    links.forEach(Link::loseServer);
  }

  /** No connection carries more than this, each way, until healed. */
  public void slow(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Everything passes again, at full speed. */
  public void heal() {
    refusing = false;
    bytesPerSecond = Long.MAX_VALUE;
    lock.lock();
    try {
      stalled = false;
      healed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the tap. */
  public void tap(Tap tap) {
    this.tap = tap;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      healed.signalAll();
    } finally {
      lock.unlock();
    }
    closeQuietly(listener);
    cut();
  }

  private void accept() {
    while (true) {
      Socket client;
      try {
        client = listener.accept();
      } catch (IOException closing) {
        return;
      }
      int number = connections.incrementAndGet();
      Thread.ofVirtual()
          .name("proxy-" + serverPort + "-" + number)
          .start(() -> serve(client, number));
    }
  }

  private void serve(Socket client, int number) {
    Socket server = new Socket();
    Link link = new Link(number, client, server);
    links.add(link);
    try {
      if (refusing) {
        throw new SocketException("refused");
      }
      server.connect(new InetSocketAddress(LOOPBACK, serverPort));
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> carry(link, false));
      carry(link, true);
    } catch (IOException unreachable) {
      link.reset();
    }
  }

  /** Carries bytes one way until an end closes; then the other end is closed as well. */
  private void carry(Link link, boolean toServer) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      InputStream in = (toServer ? link.client : link.server).getInputStream();
      OutputStream out = (toServer ? link.server : link.client).getOutputStream();
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        awaitPassage(length);
        if (link.halfOpen) {
          continue;
        }
        if (!tap.passes(link.number, toServer, chunk, length)) {
          link.reset();
          return;
        }
        out.write(chunk, 0, length);
      }
    } catch (IOException broken) {
      // Either end broke the connection, or we did: the other end shall see it too.
    }
    if (!link.halfOpen || toServer) {
      link.close();
    }
  }

  private void awaitPassage(int bytes) throws IOException {
    long rate = bytesPerSecond;
    lock.lock();
    try {
      long nanos = rate == Long.MAX_VALUE ? 0 : TimeUnit.SECONDS.toNanos(bytes) / rate;
      while (!closed && (stalled || (nanos > 0 && bytesPerSecond == rate))) {
        if (stalled) {
          healed.await();
        } else {
          nanos = healed.awaitNanos(nanos);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception alreadyBroken) {
      // It is to be gone, and it is.
    }
  }

  /** A client's connection and the one that we opened for it. */
  private final class Link {
    private final int number;
    private final Socket client;
    private final Socket server;
    private volatile boolean halfOpen;

    Link(int number, Socket client, Socket server) {
      this.number = number;
      this.client = client;
      this.server = server;
    }

    void reset() {
      resetOnClose(client);
      resetOnClose(server);
      close();
    }

    void close() {
      closeQuietly(client);
      closeQuietly(server);
      links.remove(this);
    }

    void loseServer() {
      halfOpen = true;
      closeQuietly(server);
    }

    /** With a linger time of 0 a close sends RST in place of FIN (socket(7), SO_LINGER). */
    private void resetOnClose(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException alreadyBroken) {
        // Then there is nobody left to be told.
      }
    }
  }
}
