package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** Texts that any database can store, whatever its encoding. */
final class StorableText {
  private StorableText() {}

  /**
   * The text without U+0000; in ASCII for a database of another encoding than UTF-8, which may be
   * the very reason why a row is refused.
   */
  static String of(String text, Connection session) throws SQLException {
    String encoding = session.unwrap(PGConnection.class).getParameterStatus("server_encoding");
    return "UTF8".equals(encoding) ? text.replace("\0", "\\u0000") : ascii(text);
  }

  private static String ascii(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      escaped.append(c > 0 && c < 0x80 ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    return escaped.toString();
  }
}
