package wherry.mysql;

import java.io.IOException;
import java.util.Arrays;
import org.mariadb.jdbc.client.ReadableByteBuf;
import org.mariadb.jdbc.client.socket.Reader;

/** Reads what the server sends ("MySQL Packets"), in memory that the next packet takes again. */
final class Packets {
  /** A packet of so many bytes is followed by more of the same message, which may be empty. */
  private static final int BYTES_MAX = 0xFFFFFF;

  private Packets() {}

  /** The next message; one of more than 16 MiB comes in several packets. */
  static ReadableByteBuf next(Reader reader) throws IOException {
    ReadableByteBuf packet = reader.readReusablePacket(false);
    if (packet.readableBytes() < BYTES_MAX) {
      return packet;
    }
    byte[] message = new byte[4 * BYTES_MAX];
    int used = 0;
    while (true) {
      int length = packet.readableBytes();
      if (used + length > message.length) {
        message = Arrays.copyOf(message, Math.max(used + length, 2 * message.length));
      }
      System.arraycopy(packet.buf(), packet.pos(), message, used, length);
      used += length;
      if (length < BYTES_MAX) {
        packet.buf(message, used, 0);
        return packet;
      }
      packet = reader.readReusablePacket(false);
    }
  }
}
