package wherry.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Free loopback ports. They are taken below the kernel's range for outgoing connections (32768 up),
 * so that no client occupies the port of a server that is being restarted; and no port comes again
 * before all others did, so that no other server does. The JVMs that run the tests of one build
 * side by side each have ports of their own.
 */
public final class Ports {
  private static final int LOWEST = 15_000;
  private static final int BEYOND = 32_000;
  private static final int ATTEMPTS = 200;

  /** More than a build runs JVMs side by side; it tells each its number, from 1 on. */
  private static final int SHARES = 4;

  private static final int SHARE = Math.floorMod(Integer.getInteger("wherry.fork", 0), SHARES);
  private static final int COUNT = (BEYOND - LOWEST) / SHARES;
  private static final AtomicInteger next =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private Ports() {}

  /** Returns a port of 127.0.0.1 on which nobody listens now. */
  public static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = LOWEST + Math.floorMod(next.getAndIncrement(), COUNT) * SHARES + SHARE;
      try (ServerSocket probe = new ServerSocket(port, 1, LOOPBACK)) {
        return probe.getLocalPort();
      } catch (IOException occupied) {
        // Somebody listens there: on to the next.
      }
    }
    throw new SandboxException(
        "no free port between " + LOWEST + " and " + BEYOND + " on 127.0.0.1");
  }
}
