package wherry.postgresql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Texts and bytes: what a PostgreSQL text can hold, and the binary forms of bytea, jsonb, uuid,
 * boolean and bit strings.
 */
final class TextCells {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** Of each byte of a word. */
  private static final long LOWEST_BITS = 0x0101010101010101L;

  private static final long HIGHEST_BITS = 0x8080808080808080L;
  private static final int SHOWN_BYTES = 60;
  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final int UUID_BYTES = 16;
  private static final int WKB_HAS_SRID = 0x20000000;

  private TextCells() {}

  /**
   * @param charactersMax 0 for any
   */
  static CellEncoder text(int charactersMax) {
    return (slab, start, end, out) -> {
      checkText(slab, start, end, charactersMax);
      out.put(slab, start, end - start);
    };
  }

  /** Int8 version 1, then the text (jsonb_recv). */
  static CellEncoder jsonb() {
    return (slab, start, end, out) -> {
      checkText(slab, start, end, 0);
      out.put(1);
      out.put(slab, start, end - start);
    };
  }

  static CellEncoder bytes() {
    return (slab, start, end, out) -> out.put(slab, start, end - start);
  }

  /**
   * MySQL's internal geometry, a little-endian SRID before the WKB, as EWKB: the SRID inside,
   * behind a flag in the type, and nothing of it when it is 0. That is what PostGIS reads and plain
   * WKB's readers too while there is no SRID.
   */
  static CellEncoder geometry() {
    return (slab, start, end, out) -> {
      boolean wellKnown = end - start >= 9 && slab[start + 4] == 1;
      if (!wellKnown) {
        throw CellRefused.data(
            "not a geometry in MySQL's internal form, a SRID and little-endian WKB");
      }
      boolean hasSrid = (slab[start] | slab[start + 1] | slab[start + 2] | slab[start + 3]) != 0;
      out.put(1);
      out.put(slab, start + 5, 3);
      out.put(slab[start + 8] | (hasSrid ? WKB_HAS_SRID >>> 24 : 0));
      if (hasSrid) {
        out.put(slab, start, 4);
      }
      out.put(slab, start + 9, end - start - 9);
    };
  }

  static CellEncoder bool() {
    return (slab, start, end, out) -> out.put(isTrue(slab, start, end) ? 1 : 0);
  }

  /** A boolean that goes into a text column. */
  static CellEncoder boolAsText() {
    return (slab, start, end, out) -> {
      byte[] word = isTrue(slab, start, end) ? TRUE : FALSE;
      out.put(word, 0, word.length);
    };
  }

  static boolean isTrue(byte[] slab, int start, int end) throws CellRefused {
    byte first = start < end ? slab[start] : 0;
    if (end - start == 1 && (first == 't' || first == '1')) {
      return true;
    }
    if (end - start == 1 && (first == 'f' || first == '0')) {
      return false;
    }
    return switch (shown(slab, start, end)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw notABoolean(slab, start, end);
    };
  }

  private static CellRefused notABoolean(byte[] slab, int start, int end) {
    return CellRefused.data("'" + shown(slab, start, end) + "' is neither true nor false");
  }

  static CellEncoder uuid() {
    return (slab, start, end, out) -> {
      int nibbles = 0;
      int value = 0;
      for (int i = start; i < end; i++) {
        int digit = Character.digit(slab[i], 16);
        if (digit >= 0 && nibbles < 2 * UUID_BYTES) {
          value = value << 4 | digit;
          nibbles++;
          if ((nibbles & 1) == 0) {
            out.put(value);
          }
        } else if (slab[i] != '-' || (nibbles & 3) != 0) {
          throw notAUuid(slab, start, end);
        }
      }
      if (nibbles != 2 * UUID_BYTES) {
        throw notAUuid(slab, start, end);
      }
    };
  }

  private static CellRefused notAUuid(byte[] slab, int start, int end) {
    return CellRefused.data("'" + shown(slab, start, end) + "' is not a UUID");
  }

  /**
   * Int32 number of bits, then the bits from the left (bit_recv).
   *
   * @param length of bit(n), or the most of bit varying(n); 0 for any
   */
  static CellEncoder bits(int length, boolean varying) {
    return (slab, start, end, out) -> {
      int count = end - start;
      if (varying && length > 0 && count > length) {
        throw CellRefused.truncation(
            "%d bits do not fit into bit varying(%d)".formatted(count, length));
      }
      if (!varying && count != length) {
        throw CellRefused.data(
            "%d bits are not the %d of bit(%d)".formatted(count, length, length));
      }
      out.putInt(count);
      for (int i = start; i < end; i += 8) {
        int eight = 0;
        for (int j = i; j < i + 8; j++) {
          if (j < end && slab[j] != '0' && slab[j] != '1') {
            throw CellRefused.data("'" + shown(slab, start, end) + "' is not a string of bits");
          }
          eight = eight << 1 | (j < end && slab[j] == '1' ? 1 : 0);
        }
        out.put(eight);
      }
    };
  }

  /**
   * @param charactersMax 0 for any
   * @throws CellRefused when the bytes are not UTF-8, hold U+0000, or are more characters than fit
   */
  static void checkText(byte[] slab, int start, int end, int charactersMax) throws CellRefused {
    int at = start;
    while (at <= end - Long.BYTES && isPlain((long) EIGHT.get(slab, at))) {
      at += Long.BYTES;
    }
    while (at < end && slab[at] > 0) {
      at++;
    }
    int characters = at == end ? end - start : at - start + charactersFrom(slab, at, end);
    if (charactersMax > 0 && characters > charactersMax) {
      throw CellRefused.truncation(
          "%d characters do not fit into %d".formatted(characters, charactersMax));
    }
  }

  /** Whether each of the eight bytes is 1 to 127. */
  private static boolean isPlain(long eight) {
    return ((eight | (eight - LOWEST_BITS)) & HIGHEST_BITS) == 0;
  }

  /**
   * Counts code points from the first byte that is not plain ASCII (RFC 3629, section 4 "Syntax of
   * UTF-8 Byte Sequences").
   */
  private static int charactersFrom(byte[] slab, int start, int end) throws CellRefused {
    int characters = 0;
    int at = start;
    while (at < end) {
      int lead = slab[at] & 0xff;
      if (lead == 0) {
        throw CellRefused.data("the text holds U+0000, which no PostgreSQL text can hold");
      }
      int length =
          lead < 0x80
              ? 1
              : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
      if (length == 0 || at + length > end || !isSequence(slab, at, length, lead)) {
        throw CellRefused.data(
            "the bytes from %s on are not UTF-8".formatted(hex(slab, at, Math.min(end, at + 4))));
      }
      at += length;
      characters++;
    }
    return characters;
  }

  private static boolean isSequence(byte[] slab, int at, int length, int lead) {
    for (int i = at + 1; i < at + length; i++) {
      if ((slab[i] & 0xC0) != 0x80) {
        return false;
      }
    }
    int second = length > 1 ? slab[at + 1] & 0xff : 0;
    return switch (lead) {
      case 0xE0 -> second >= 0xA0;
      case 0xED -> second < 0xA0; // Surrogates are not characters.
      case 0xF0 -> second >= 0x90;
      case 0xF4 -> second < 0x90;
      default -> true;
    };
  }

  /**
   * The cell for a message: as text when it is one, in hexadecimal when not, the beginning of it
   * when it is long.
   */
  static String shown(byte[] slab, int start, int end) {
    if (end - start <= SHOWN_BYTES) {
      return whole(slab, start, end);
    }
    int cut = start + SHOWN_BYTES;
    while (cut > start && (slab[cut] & 0xC0) == 0x80) {
      cut--;
    }
    return whole(slab, start, cut) + "… (" + (end - start) + " bytes)";
  }

  private static String whole(byte[] slab, int start, int end) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(slab, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      return hex(slab, start, end);
    }
  }

  static String hex(byte[] slab, int start, int end) {
    return "0x" + HexFormat.of().formatHex(slab, start, end);
  }
}
