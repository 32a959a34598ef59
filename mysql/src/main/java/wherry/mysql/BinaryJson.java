package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import wherry.mysql.TableMap.LoggedColumn;

/**
 * Writes a document of MySQL's binary JSON (the layout is described at the head of json_binary.h)
 * as the text that the server itself makes of it: members in the order in which they are kept, a
 * blank after comma and colon.
 */
final class BinaryJson {
  private static final int SMALL_OBJECT = 0;
  private static final int LARGE_OBJECT = 1;
  private static final int SMALL_ARRAY = 2;
  private static final int LARGE_ARRAY = 3;
  private static final int LITERAL = 4;
  private static final int INT16 = 5;
  private static final int UINT16 = 6;
  private static final int INT32 = 7;
  private static final int UINT32 = 8;
  private static final int INT64 = 9;
  private static final int UINT64 = 10;
  private static final int DOUBLE = 11;
  private static final int STRING = 12;
  private static final int OPAQUE = 15;

  private static final int KEY_LENGTH_BYTES = 2;
  private static final String[] LITERALS = {"null", "true", "false"};
  private static final String HEX = "0123456789abcdef";
  private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(76, new byte[] {'\n'});

  private final byte[] bytes;
  private final CellText out;

  BinaryJson(byte[] bytes, CellText out) {
    this.bytes = bytes;
    this.out = out;
  }

  /** Writes the document that begins at {@code at} with the byte of its type. */
  void write(int at) {
    value(bytes[at], at + 1);
  }

  private void value(int type, int at) {
    switch (type) {
      case SMALL_OBJECT -> container(at, 2, true);
      case LARGE_OBJECT -> container(at, 4, true);
      case SMALL_ARRAY -> container(at, 2, false);
      case LARGE_ARRAY -> container(at, 4, false);
      case LITERAL -> out.append(LITERALS[bytes[at]]);
      case INT16 -> out.append(LittleEndian.signed(bytes, at, 2));
      case UINT16 -> out.append(LittleEndian.unsigned(bytes, at, 2));
      case INT32 -> out.append(LittleEndian.signed(bytes, at, 4));
      case UINT32 -> out.append(LittleEndian.unsigned(bytes, at, 4));
      case INT64 -> out.append(LittleEndian.unsigned(bytes, at, 8));
      case UINT64 -> out.append(Long.toUnsignedString(LittleEndian.unsigned(bytes, at, 8)));
      case DOUBLE -> number(Double.longBitsToDouble(LittleEndian.unsigned(bytes, at, 8)));
      case STRING -> string(at);
      case OPAQUE -> opaque(at);
      default -> throw new IllegalArgumentException("JSON has a value of the unknown type " + type);
    }
  }

  /**
   * Count and size, then for each member a key's place and length, then for each a value's type and
   * place; places count from the container's begin.
   *
   * @param width bytes of each count, size and place
   */
  private void container(int at, int width, boolean object) {
    int count = place(at, width);
    int keys = at + 2 * width;
    int values = keys + (object ? count * (width + KEY_LENGTH_BYTES) : 0);
    out.append(object ? '{' : '[');
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.append(", ");
      }
      if (object) {
        int key = keys + i * (width + KEY_LENGTH_BYTES);
        quoted(at + place(key, width), place(key + width, KEY_LENGTH_BYTES));
        out.append(": ");
      }
      int value = values + i * (1 + width);
      int type = bytes[value];
      boolean inPlace =
          type == LITERAL
              || type == INT16
              || type == UINT16
              || (width == 4 && (type == INT32 || type == UINT32));
      value(type, inPlace ? value + 1 : at + place(value + 1, width));
    }
    out.append(object ? '}' : ']');
  }

  private int place(int at, int width) {
    return Math.toIntExact(LittleEndian.unsigned(bytes, at, width));
  }

  /** A whole number is told from an integer by its fraction. */
  private void number(double value) {
    String text = MySqlDouble.text(value);
    out.append(text);
    if (text.indexOf('.') < 0 && text.indexOf('e') < 0) {
      out.append(".0");
    }
  }

  private void string(int at) {
    int lengthBytes = lengthBytes(at);
    quoted(at + lengthBytes, length(at));
  }

  /** Seven bits in each byte, the least significant first; the eighth says that more follow. */
  private int length(int at) {
    int length = 0;
    int shift = 0;
    int next = at;
    int one;
    do {
      one = bytes[next++];
      length |= (one & 0x7F) << shift;
      shift += 7;
    } while (one < 0);
    return length;
  }

  private int lengthBytes(int at) {
    int next = at;
    while (bytes[next] < 0) {
      next++;
    }
    return next + 1 - at;
  }

  private void quoted(int at, int length) {
    out.append('"');
    int plain = at;
    for (int i = at; i < at + length; i++) {
      int c = bytes[i];
      if ((c >= 0 && c < ' ') || c == '"' || c == '\\') {
        out.append(bytes, plain, i - plain);
        plain = i + 1;
        escaped(c);
      }
    }
    out.append(bytes, plain, at + length - plain);
    out.append('"');
  }

  private void escaped(int c) {
    out.append('\\');
    switch (c) {
      case '\b' -> out.append('b');
      case '\t' -> out.append('t');
      case '\n' -> out.append('n');
      case '\f' -> out.append('f');
      case '\r' -> out.append('r');
      case '"', '\\' -> out.append(c);
      default -> {
        out.append("u00");
        out.append(HEX.charAt(c >> 4));
        out.append(HEX.charAt(c & 15));
      }
    }
  }

  /** A value of an SQL type that JSON has not: the type, a length, the value as in a row. */
  private void opaque(int at) {
    int type = bytes[at] & 0xFF;
    int length = length(at + 1);
    int from = at + 1 + lengthBytes(at + 1);
    switch (type) {
      case LoggedColumn.NEWDECIMAL -> out.append(decimal(from));
      case LoggedColumn.DATE -> out.append('"' + dateTime(from).substring(0, 10) + '"');
      case LoggedColumn.DATETIME, LoggedColumn.TIMESTAMP -> out.append('"' + dateTime(from) + '"');
      case LoggedColumn.TIME -> out.append('"' + time(from) + '"');
      default -> {
        byte[] value = new byte[length];
        System.arraycopy(bytes, from, value, 0, length);
        byte[] text =
            ("base64:type" + type + ":" + BASE64.encodeToString(value))
                .getBytes(StandardCharsets.ISO_8859_1);
        new BinaryJson(text, out).quoted(0, text.length);
      }
    }
  }

  private String decimal(int at) {
    return LoggedDecimal.text(bytes, at + 2, bytes[at], bytes[at + 1]);
  }

  /** As DATETIME(6) is packed in memory (TIME_to_longlong_datetime_packed). */
  private String dateTime(int at) {
    long packed = LittleEndian.unsigned(bytes, at, 8);
    long whole = packed >> 24;
    long date = whole >> 17;
    long yearMonth = date >> 5;
    return "%04d-%02d-%02d %02d:%02d:%02d.%06d"
        .formatted(
            yearMonth / 13,
            yearMonth % 13,
            date & 31,
            whole >> 12 & 31,
            whole >> 6 & 63,
            whole & 63,
            packed & 0xFFFFFF);
  }

  /** As TIME(6) is packed in memory (TIME_to_longlong_time_packed). */
  private String time(int at) {
    long packed = LittleEndian.unsigned(bytes, at, 8);
    long value = Math.abs(packed);
    long whole = value >> 24;
    return "%s%02d:%02d:%02d.%06d"
        .formatted(
            packed < 0 ? "-" : "",
            whole >> 12 & 1023,
            whole >> 6 & 63,
            whole & 63,
            value & 0xFFFFFF);
  }
}
