package wherry.mysql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import wherry.row.RowBatchBuilder;

/**
 * How text of a column's character set becomes UTF-8. The load lets the server convert, so the
 * server is asked here too, character by character: its latin1 is neither ISO-8859-1 nor quite
 * windows-1252, and no two tables of Japanese agree. Only sets of Unicode and the four-byte
 * characters of gb18030 are converted by Java.
 */
sealed interface CharacterSet {
  /** Adds the text as a cell. */
  void toUtf8(byte[] bytes, int at, int length, RowBatchBuilder cells);

  /** Bytes of a character at most. */
  int bytesMax();

  /** MySQL's names and Java's. */
  Map<String, String> UNICODE =
      Map.of("ucs2", "UTF-16BE", "utf16", "UTF-16BE", "utf16le", "UTF-16LE", "utf32", "UTF-32BE");

  /**
   * @return empty when nothing need be converted, because it is UTF-8
   */
  static Optional<CharacterSet> of(MySqlSession session, String name) throws SQLException {
    if (name.equals("utf8mb4") || name.equals("utf8mb3") || name.equals("utf8")) {
      return Optional.empty();
    }
    String unicode = UNICODE.get(name);
    if (unicode != null) {
      return Optional.of(new Unicode(Charset.forName(unicode), name.equals("ucs2") ? 2 : 4));
    }
    byte[][] one = characters(session, name, "n.i", 1 << 8);
    int bytesMax = bytesMax(session, name);
    return Optional.of(
        new Table(
            bytesMax,
            one,
            bytesMax == 1 ? new byte[0][] : characters(session, name, "256*m.i+n.i", 1 << 16),
            bytesMax == 3
                ? characters(session, name, "9371648+256*m.i+n.i", 1 << 16)
                : new byte[0][]));
  }

  private static int bytesMax(MySqlSession session, String name) throws SQLException {
    return session
        .queryOne(
            "SELECT maxlen FROM information_schema.character_sets WHERE character_set_name = ?",
            row -> row.getInt(1),
            name)
        .orElseThrow(() -> new SQLException("The character set " + name + " is unknown"));
  }

  /**
   * The UTF-8 of the characters with these numbers, by the low bits of the number; empty where
   * there is none.
   */
  private static byte[][] characters(MySqlSession session, String charset, String number, int count)
      throws SQLException {
    byte[][] characters = new byte[count][];
    Arrays.fill(characters, NONE);
    String from = count > 256 ? "byte_values m, byte_values n" : "byte_values n";
    String bytes =
        "UNHEX(LPAD(HEX("
            + number
            + "),IF("
            + number
            + "<256,2,IF("
            + number
            + "<65536,4,6)),'0'))";
    session.query(
        "WITH RECURSIVE byte_values(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM byte_values WHERE i<255)"
            + " SELECT c.number, CONVERT(c.text USING utf8mb4) FROM (SELECT "
            + number
            + " AS number,"
            + " CONVERT("
            + bytes
            + " USING "
            + charset
            + ") AS text, "
            + bytes
            + " AS bytes FROM "
            + from
            + ") c WHERE CHAR_LENGTH(c.text)=1 AND CAST(c.text AS BINARY)=c.bytes",
        row ->
            characters[row.getInt(1) & count - 1] =
                row.getString(2).getBytes(StandardCharsets.UTF_8));
    return characters;
  }

  /** In a table: there is no such character. */
  byte[] NONE = new byte[0];

  /**
   * Characters by their bytes.
   *
   * @param one of one byte each
   * @param two of two bytes; empty when the set has only one
   * @param three of the byte 0x8F and two more (ujis, eucjpms); empty for others
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody changes or compares them.
  record Table(int bytesMax, byte[][] one, byte[][] two, byte[][] three) implements CharacterSet {
    private static final int UTF8_BYTES_MAX = 4;
    private static final byte[] UNKNOWN = {'?'};
    private static final int THREE_BYTES_LEAD = 0x8F;

    @Override
    public void toUtf8(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      cells.reserve(UTF8_BYTES_MAX * length);
      byte[] to = cells.slab();
      int start = cells.used();
      int out = start;
      int end = at + length;
      for (int i = at; i < end; ) {
        int first = bytes[i] & 0xFF;
        byte[] utf8 = one[first];
        int taken = 1;
        if (utf8 == NONE && i + 1 < end && two.length > 0) {
          taken = 2;
          utf8 = two[first << 8 | (bytes[i + 1] & 0xFF)];
          if (utf8 == NONE && first == THREE_BYTES_LEAD && i + 2 < end && three.length > 0) {
            taken = 3;
            utf8 = three[(bytes[i + 1] & 0xFF) << 8 | (bytes[i + 2] & 0xFF)];
          } else if (utf8 == NONE && i + 3 < end && three.length == 0) {
            byte[] four = fourBytes(bytes, i);
            taken = four == NONE ? 2 : 4;
            utf8 = four;
          }
        }
        for (byte b : utf8 == NONE ? UNKNOWN : utf8) {
          to[out++] = b;
        }
        i += taken;
      }
      cells.commit(out - start);
    }

    /** A character of gb18030 with a digit as its second byte; there are more than a million. */
    private static byte[] fourBytes(byte[] bytes, int at) {
      boolean four = bytes[at + 1] >= '0' && bytes[at + 1] <= '9';
      return four ? new String(bytes, at, 4, GB18030).getBytes(StandardCharsets.UTF_8) : NONE;
    }

    private static final Charset GB18030 = Charset.forName("GB18030");
  }

  record Unicode(Charset charset, int bytesMax) implements CharacterSet {
    @Override
    public void toUtf8(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      cells.add(new String(bytes, at, length, charset).getBytes(StandardCharsets.UTF_8));
    }
  }
}
