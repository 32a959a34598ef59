package wherry.expression;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of a text that is being made; kept by its node and used again for each row. */
final class TextBuffer {
  private byte[] bytes = new byte[64];
  private int length;

  void clear() {
    length = 0;
  }

  int length() {
    return length;
  }

  byte[] bytes() {
    return bytes;
  }

  void add(byte b) {
    room(1);
    bytes[length++] = b;
  }

  void add(byte[] from, int start, int end) {
    room(end - start);
    System.arraycopy(from, start, bytes, length, end - start);
    length += end - start;
  }

  /** A TEXT as it is, an INTEGER in digits. */
  void add(SqlValue value) {
    switch (value.type()) {
      case TEXT, BLOB -> add(value.bytes(), value.start(), value.end());
      case INTEGER -> add(value.integer());
      case REAL, NULL -> throw new IllegalStateException("No text to be compiled: " + value);
    }
  }

  private void add(long integer) {
    if (integer == Long.MIN_VALUE) {
      byte[] digits = Long.toString(integer).getBytes(StandardCharsets.ISO_8859_1);
      add(digits, 0, digits.length);
      return;
    }
    room(20);
    long rest = Math.abs(integer);
    int digits = 1;
    for (long power = 10; digits < 19 && rest >= power; power *= 10) {
      digits++;
    }
    if (integer < 0) {
      bytes[length++] = '-';
    }
    for (int at = length + digits - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  void giveTo(SqlValue value) {
    value.setText(bytes, 0, length);
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}
