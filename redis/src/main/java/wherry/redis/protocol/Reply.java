package wherry.redis.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a server answers, in RESP2 (Redis serialization protocol specification). */
public sealed interface Reply {
  /** A simple or bulk string. */
  record Bytes(byte[] bytes) implements Reply {
    @Override
    public String toString() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** An integer. */
  record Number(long value) implements Reply {}

  /** An array. */
  record Array(List<Reply> items) implements Reply {}

  /** The null bulk string or the null array. */
  record Nil() implements Reply {}

  /** An error; its first word is its kind. */
  record Failure(String message) implements Reply {}

  /** Longer lines are no protocol that we speak; AUTH, PSYNC and errors stay far below. */
  int LINE_BYTES_MAX = 64 * 1024;

  /** Reads one reply, waiting for it. */
  static Reply read(ByteInput in) throws IOException {
    int kind = in.read();
    String line = readLine(in);
    return switch (kind) {
      case '+' -> new Bytes(line.getBytes(StandardCharsets.UTF_8));
      case '-' -> new Failure(line);
      case ':' -> new Number(Long.parseLong(line));
      case '$' -> readBulk(in, Integer.parseInt(line));
      case '*' -> readArray(in, Integer.parseInt(line));
      default -> throw unexpected(kind, line);
    };
  }

  private static Reply readBulk(ByteInput in, int length) throws IOException {
    if (length < 0) {
      return new Nil();
    }
    byte[] bytes = in.readBytes(length);
    in.skip(2);
    return new Bytes(bytes);
  }

  private static Reply readArray(ByteInput in, int length) throws IOException {
    if (length < 0) {
      return new Nil();
    }
    List<Reply> items = new ArrayList<>(Math.min(length, 1024));
    for (int i = 0; i < length; i++) {
      items.add(read(in));
    }
    return new Array(items);
  }

  /** The rest of a line without its end. */
  static String readLine(ByteInput in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next != '\r') {
      if (line.length() == LINE_BYTES_MAX) {
        throw new MalformedException(
            "the server sent a line longer than " + LINE_BYTES_MAX + " bytes");
      }
      line.append((char) next);
      next = in.read();
    }
    in.skip(1);
    return line.toString();
  }

  private static MalformedException unexpected(int kind, String line) {
    return new MalformedException(
        "this is not RESP2: a reply that begins with '" + (char) kind + line + "'");
  }
}
