package wherry.postgresql;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The frame of COPY's binary format (PostgreSQL manual, COPY, "Binary Format"). */
final class CopyBinary {
  /** Signature, Int32 flags, Int32 length of the header extension: none. */
  private static final byte[] HEADER =
      "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  /** Int16 field count of -1. */
  private static final byte[] TRAILER = {-1, -1};

  private CopyBinary() {}

  static byte[] header() {
    return HEADER.clone();
  }

  static byte[] trailer() {
    return TRAILER.clone();
  }

  /** Bytes of the header that a stream begins with, its extension included. */
  static int headerBytes(byte[] start) {
    if (start.length < HEADER.length) {
      throw new IllegalStateException(
          "A binary COPY stream begins with " + start.length + " bytes, too few for its header");
    }
    return HEADER.length + ByteBuffer.wrap(start).getInt(HEADER.length - 4);
  }
}
