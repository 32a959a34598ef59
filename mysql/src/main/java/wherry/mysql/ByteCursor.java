package wherry.mysql;

import java.nio.charset.StandardCharsets;

/** Reads the parts of an event one after the other. Not thread-safe. */
final class ByteCursor {
  private final byte[] bytes;
  private final int end;
  private int at;

  ByteCursor(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  static ByteCursor of(BinlogEvent event) {
    return new ByteCursor(event.bytes(), event.start(), event.end());
  }

  int at() {
    return at;
  }

  int remaining() {
    return end - at;
  }

  byte[] bytes() {
    return bytes;
  }

  void skip(int count) {
    at += count;
  }

  int oneByte() {
    return bytes[at++] & 0xFF;
  }

  long number(int count) {
    long value = LittleEndian.unsigned(bytes, at, count);
    at += count;
    return value;
  }

  /** A length-encoded integer ("Protocol::LengthEncodedInteger"). */
  int length() {
    int first = oneByte();
    return switch (first) {
      case 252 -> (int) number(2);
      case 253 -> (int) number(3);
      case 254 -> Math.toIntExact(number(8));
      default -> first;
    };
  }

  byte[] take(int count) {
    byte[] taken = new byte[count];
    System.arraycopy(bytes, at, taken, 0, count);
    at += count;
    return taken;
  }

  String text(int count) {
    String text = new String(bytes, at, count, StandardCharsets.UTF_8);
    at += count;
    return text;
  }
}
