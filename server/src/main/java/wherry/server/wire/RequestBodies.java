package wherry.server.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * Reads request bodies into memory that strangers cannot exhaust: each body is bounded, and the
 * parts of all bodies beyond their first {@value #FREE_BYTES} bytes share one budget. Thread-safe.
 */
final class RequestBodies {
  /** The largest request, inflated; table mappings may have 2 MB. */
  static final int LIMIT_BYTES = 4 << 20;

  private static final int FREE_BYTES = 64 << 10;
  private static final int SHARED_BUDGET_BYTES = 64 << 20;
  private static final int WAIT_SECONDS = 5;

  private final Semaphore sharedBytes = new Semaphore(SHARED_BUDGET_BYTES);

  /** The body as sent; its memory stays claimed until closed. */
  final class Body implements AutoCloseable {
    private final byte[] bytes;
    private final int claimedBytes;

    private Body(byte[] bytes, int claimedBytes) {
      this.bytes = bytes;
      this.claimedBytes = claimedBytes;
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public void close() {
      sharedBytes.release(claimedBytes);
    }
  }

  /**
   * Reads to the end.
   *
   * @param length of the Content-Length header, or -1 when the body is chunked
   * @throws Fault with HTTP 413 when it is too large, before anything is read where the length says
   *     so; 503 when too many large ones are being received
   * @throws IOException when the connection breaks
   */
  Body read(InputStream in, long length) throws IOException {
    if (length > LIMIT_BYTES) {
      throw tooLarge();
    }
    var received = new ByteArrayOutputStream(Math.clamp(length, 1024, FREE_BYTES));
    byte[] buffer = new byte[8192];
    int claimed = 0;
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (received.size() + count > LIMIT_BYTES) {
          throw tooLarge();
        }
        if (received.size() + count > FREE_BYTES + claimed) {
          claim(FREE_BYTES);
          claimed += FREE_BYTES;
        }
        received.write(buffer, 0, count);
      }
      Body body = new Body(received.toByteArray(), claimed);
      claimed = 0;
      return body;
    } finally {
      sharedBytes.release(claimed);
    }
  }

  /**
   * The body without its gzip wrapping. @throws Fault SerializationException or, when too large
   * inflated, HTTP 413
   */
  static byte[] inflate(byte[] gzip) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      byte[] plain = in.readNBytes(LIMIT_BYTES + 1);
      if (plain.length > LIMIT_BYTES) {
        throw tooLarge();
      }
      return plain;
    } catch (IOException e) {
      throw Fault.serialization(
          "The request body is not valid gzip, as its Content-Encoding says: " + e.getMessage());
    }
  }

  private void claim(int bytes) {
    try {
      if (sharedBytes.tryAcquire(bytes, WAIT_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw Fault.withStatus(
        "ThrottlingException",
        503,
        "Too many large requests are being received. Try again shortly.");
  }

  private static Fault tooLarge() {
    return Fault.withStatus(
        "RequestEntityTooLargeException",
        413,
        "The request body is larger than " + LIMIT_BYTES + " bytes.");
  }
}
