package wherry.redis.rdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import wherry.redis.protocol.ByteInput;
import wherry.redis.protocol.ByteInput.MarkExceededException;
import wherry.redis.protocol.MalformedException;

/**
 * Reads an RDB as it comes, without holding more of it than the input's buffer (rdb.c, rdbLoadRio):
 * nine bytes of name and version, then opcodes and keys until 0xff and eight bytes of checksum. The
 * checksum is not compared: TCP or TLS has carried the bytes, and RESTORE's own is made anew.
 */
public final class RdbReader {
  private static final int SLOT_INFO = 244;
  private static final int FUNCTION = 245;
  private static final int MODULE_AUX = 247;
  private static final int IDLE = 248;
  private static final int FREQUENCY = 249;
  private static final int AUX = 250;
  private static final int RESIZE = 251;
  private static final int EXPIRE_MILLISECONDS = 252;
  private static final int EXPIRE_SECONDS = 253;
  private static final int DATABASE = 254;
  private static final int END = 255;
  private static final int HEADER_BYTES = 9;

  private final ByteInput in;
  private final int versionMax;
  private final int serializedBytesMax;
  private final int partBytes;
  private final RdbSink sink;
  private long expiresAt = -1;

  /**
   * @param in its buffer is at least {@code serializedBytesMax} large
   * @param versionMax of the target's RESTORE
   * @param serializedBytesMax a larger value comes in parts
   * @param partBytes of a string that comes in parts
   */
  public RdbReader(
      ByteInput in, int versionMax, int serializedBytesMax, int partBytes, RdbSink sink) {
    this.in = in;
    this.versionMax = versionMax;
    this.serializedBytesMax = serializedBytesMax;
    this.partBytes = partBytes;
    this.sink = sink;
  }

  /** Reads until the end; the input then stands behind the checksum. */
  public void read() throws IOException {
    String header = new String(in.readBytes(HEADER_BYTES), StandardCharsets.US_ASCII);
    if (!header.matches("REDIS\\d{4}|VALKEY\\d{3}")) {
      throw new MalformedException("no RDB begins with " + header);
    }
    int version = Integer.parseInt(header.replaceAll("\\D", ""));
    for (int opcode = in.read(); opcode != END; opcode = in.read()) {
      take(opcode);
    }
    if (version >= 5) {
      in.skip(Long.BYTES);
    }
  }

  private void take(int opcode) throws IOException {
    switch (opcode) {
      case EXPIRE_MILLISECONDS -> expiresAt = in.readLongLittleEndian();
      case EXPIRE_SECONDS ->
          expiresAt = 1000L * Integer.reverseBytes((int) in.readBigEndian(Integer.BYTES));
      case IDLE -> RdbString.length(in); // What the target would evict first is its own affair.
      case FREQUENCY -> in.skip(1);
      case AUX -> takeAux();
      case RESIZE -> {
        sink.keysExpected(RdbString.length(in));
        RdbString.length(in);
      }
      case DATABASE -> sink.database((int) RdbString.length(in));
      case FUNCTION -> sink.functions(RdbString.read(in));
      case SLOT_INFO -> {
        RdbString.length(in);
        RdbString.length(in);
        RdbString.length(in);
      }
      case MODULE_AUX -> {
        RdbString.length(in); // the module
        RdbString.length(in); // kind and value of "when"
        RdbString.length(in);
        RdbValue.skipModule(in);
        sink.moduleDataLeftOut();
      }
      default -> takeKey(opcode);
    }
  }

  private void takeAux() throws IOException {
    byte[] name = RdbString.read(in);
    byte[] value = RdbString.read(in);
    if (Arrays.equals(name, "lua".getBytes(StandardCharsets.US_ASCII))) {
      sink.script(value);
    }
  }

  private void takeKey(int type) throws IOException {
    KeyHeader key = new KeyHeader(RdbString.read(in), type, expiresAt);
    expiresAt = -1;
    if (RdbValue.version(type) <= versionMax) {
      in.mark();
      try {
        RdbValue.skip(type, in);
        int length = in.markedLength();
        if (length <= serializedBytesMax || RdbValue.isModule(type)) {
          sink.serialized(key, RdbValue.version(type), in.array(), in.markedStart(), length);
          in.unmark();
          return;
        }
      } catch (MarkExceededException large) {
        // It comes in parts, from its beginning.
      }
      in.reset();
    }
    RdbValue.read(type, in, partBytes, sink.parts(key));
    sink.partsEnd(key);
  }
}
