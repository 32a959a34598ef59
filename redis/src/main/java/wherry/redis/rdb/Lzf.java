package wherry.redis.rdb;

import java.io.IOException;
import wherry.redis.protocol.ByteInput;
import wherry.redis.protocol.MalformedException;

/**
 * Decompresses LZF as a stream (lzf_d.c): a control byte below 32 is followed by so many literals
 * plus one; otherwise its upper three bits are a length and its lower five, with the next byte, a
 * distance back, at most 8192.
 */
final class Lzf {
  private static final int WINDOW_BYTES = 8192;

  private final ByteInput in;
  private final byte[] window = new byte[WINDOW_BYTES];
  private long left;
  private long written;
  private int literals;
  private int copies;
  private int distance;

  /**
   * @param length of the decompressed bytes
   */
  Lzf(ByteInput in, long length) {
    this.in = in;
    left = length;
  }

  /** How many bytes are still to come. */
  long left() {
    return left;
  }

  /** Gives bytes, at least one while any are left. */
  int read(byte[] target, int offset, int length) throws IOException {
    int count = (int) Math.min(left, length);
    for (int i = 0; i < count; i++) {
      target[offset + i] = next();
    }
    left -= count;
    return count;
  }

  private byte next() throws IOException {
    if (literals == 0 && copies == 0) {
      control();
    }
    byte value;
    if (literals > 0) {
      literals--;
      value = (byte) in.read();
    } else {
      copies--;
      value = window[(int) (written - distance) & WINDOW_BYTES - 1];
    }
    window[(int) written++ & WINDOW_BYTES - 1] = value;
    return value;
  }

  private void control() throws IOException {
    int control = in.read();
    if (control < 32) {
      literals = control + 1;
      return;
    }
    int length = control >> 5;
    if (length == 7) {
      length += in.read();
    }
    copies = length + 2;
    distance = ((control & 0x1f) << 8 | in.read()) + 1;
    if (distance > written) {
      throw new MalformedException("a compressed string refers to what is before its beginning");
    }
  }
}
