package wherry.transform;

import java.nio.charset.StandardCharsets;

/** A cell on its way through steps: bytes that somebody else keeps. Never NULL. */
final class CellSlice {
  private static final byte[] NONE = new byte[0];

  private byte[] bytes = NONE;
  private int start;
  private int end;

  byte[] bytes() {
    return bytes;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  int length() {
    return end - start;
  }

  void set(byte[] newBytes, int newStart, int newEnd) {
    bytes = newBytes;
    start = newStart;
    end = newEnd;
  }

  void set(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    set(encoded, 0, encoded.length);
  }

  /** The cell as text, for the rare types. */
  String text() {
    return new String(bytes, start, end - start, StandardCharsets.UTF_8);
  }

  /** The cell for messages: short, and binary never as text. */
  String shown() {
    String text = text();
    return "\"" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "\"";
  }

  int characters() {
    int count = 0;
    for (int i = start; i < end; i++) {
      count += (bytes[i] & 0xC0) == 0x80 ? 0 : 1;
    }
    return count;
  }
}
