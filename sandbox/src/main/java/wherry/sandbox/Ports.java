package wherry.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free loopback ports. They are taken below the kernel's range for outgoing connections (32768 up),
 * so that no client occupies the port of a server that is being restarted.
 */
public final class Ports {
  private static final int LOWEST = 15_000;
  private static final int BEYOND = 32_000;
  private static final int ATTEMPTS = 200;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private Ports() {}

  /** Returns a port of 127.0.0.1 on which nobody listens now. */
  public static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
      try (ServerSocket probe = new ServerSocket(port, 1, LOOPBACK)) {
        return probe.getLocalPort();
      } catch (IOException occupied) {
        // Somebody listens there: draw again.
      }
    }
    throw new SandboxException(
        "no free port between " + LOWEST + " and " + BEYOND + " on 127.0.0.1");
  }
}
