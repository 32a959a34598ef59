package wherry.mysql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wherry.row.RowBatchBuilder;

/**
 * How text of a column's character set becomes UTF-8. The load lets the server convert, so a
 * character set of one byte is asked of the server, byte by byte: its latin1 is neither ISO-8859-1
 * nor quite windows-1252.
 */
sealed interface CharacterSet {
  /** Adds the text as a cell. */
  void toUtf8(byte[] bytes, int at, int length, RowBatchBuilder cells);

  /** MySQL's names of sets with several bytes, and Java's. */
  Map<String, String> SEVERAL_BYTES =
      Map.ofEntries(
          Map.entry("ucs2", "UTF-16BE"),
          Map.entry("utf16", "UTF-16BE"),
          Map.entry("utf16le", "UTF-16LE"),
          Map.entry("utf32", "UTF-32BE"),
          Map.entry("big5", "Big5"),
          Map.entry("gb2312", "GB2312"),
          Map.entry("gbk", "GBK"),
          Map.entry("gb18030", "GB18030"),
          Map.entry("sjis", "Shift_JIS"),
          Map.entry("cp932", "windows-31j"),
          Map.entry("ujis", "EUC-JP"),
          Map.entry("eucjpms", "EUC-JP"),
          Map.entry("euckr", "EUC-KR"));

  /**
   * @return empty when nothing need be converted, because it is UTF-8
   */
  static Optional<CharacterSet> of(MySqlSession session, String name) throws SQLException {
    if (name.equals("utf8mb4") || name.equals("utf8mb3") || name.equals("utf8")) {
      return Optional.empty();
    }
    String several = SEVERAL_BYTES.get(name);
    if (several != null) {
      return Optional.of(new SeveralBytes(Charset.forName(several)));
    }
    StringBuilder all = new StringBuilder("SELECT CONVERT(_").append(name).append(" x'");
    for (int i = 0; i < 256; i++) {
      all.append("%02x".formatted(i));
    }
    List<String> text =
        session.query(all.append("' USING utf8mb4)").toString(), row -> row.getString(1));
    int[] points = text.get(0).codePoints().toArray();
    if (points.length != 256) {
      throw new SQLException("The character set " + name + " is not one of single bytes");
    }
    byte[][] utf8 = new byte[256][];
    for (int i = 0; i < 256; i++) {
      utf8[i] = Character.toString(points[i]).getBytes(StandardCharsets.UTF_8);
    }
    return Optional.of(new OneByte(utf8));
  }

  /**
   * @param utf8 of each byte
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody changes or compares them.
  record OneByte(byte[][] utf8) implements CharacterSet {
    private static final int UTF8_BYTES_MAX = 3;

    @Override
    public void toUtf8(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      cells.reserve(UTF8_BYTES_MAX * length);
      byte[] to = cells.slab();
      int start = cells.used();
      int out = start;
      for (int i = at; i < at + length; i++) {
        for (byte b : utf8[bytes[i] & 0xFF]) {
          to[out++] = b;
        }
      }
      cells.commit(out - start);
    }
  }

  record SeveralBytes(Charset charset) implements CharacterSet {
    @Override
    public void toUtf8(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      cells.add(new String(bytes, at, length, charset).getBytes(StandardCharsets.UTF_8));
    }
  }
}
