package wherry.mysql;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Events whose last part MariaDB has compressed (log_bin_compress; binlog_buf_compress in
 * log_event.cc): a byte with the number of bytes of the original length, that length, the most
 * significant byte first, then zlib.
 */
final class CompressedEvent {
  private static final int LENGTH_BYTES = 7;
  private static final int ROWS_HEADER_BYTES = 8;
  private static final int FIRST_ROWS_V2 = BinlogEvent.MARIADB_WRITE_ROWS_COMPRESSED;

  private CompressedEvent() {}

  static boolean is(BinlogEvent event) {
    return event.type() >= BinlogEvent.MARIADB_QUERY_COMPRESSED
        && event.type() <= BinlogEvent.MARIADB_DELETE_ROWS_COMPRESSED;
  }

  /** The event as it would be without compression. */
  static BinlogEvent expanded(BinlogEvent event) {
    int type = event.type();
    if (type == BinlogEvent.MARIADB_QUERY_COMPRESSED) {
      ByteCursor in = ByteCursor.of(event);
      in.skip(8);
      int database = in.oneByte();
      in.skip(2);
      in.skip((int) in.number(2) + database + 1);
      return event.withBody(BinlogEvent.QUERY, expanded(event, in.at()));
    }
    boolean second = type >= FIRST_ROWS_V2;
    int plain =
        second
            ? type - FIRST_ROWS_V2 + BinlogEvent.WRITE_ROWS
            : type - BinlogEvent.MARIADB_WRITE_ROWS_COMPRESSED_V1 + BinlogEvent.WRITE_ROWS_V1;
    ByteCursor in = ByteCursor.of(event);
    in.skip(ROWS_HEADER_BYTES);
    if (second) {
      in.skip((int) LittleEndian.unsigned(event.bytes(), in.at(), 2));
    }
    int bitmapBytes = (in.length() + 7) / 8;
    boolean update = plain == BinlogEvent.UPDATE_ROWS || plain == BinlogEvent.UPDATE_ROWS_V1;
    return event.withBody(plain, expanded(event, in.at() + (update ? 2 : 1) * bitmapBytes));
  }

  /** The body with what begins at {@code at} decompressed. */
  private static byte[] expanded(BinlogEvent event, int at) {
    byte[] bytes = event.bytes();
    int lengthBytes = bytes[at] & LENGTH_BYTES;
    int length = (int) LoggedTimes.bigEndian(bytes, at + 1, lengthBytes);
    byte[] body = new byte[at - event.start() + length];
    System.arraycopy(bytes, event.start(), body, 0, at - event.start());
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, at + 1 + lengthBytes, event.end() - at - 1 - lengthBytes);
      int used = at - event.start();
      while (used < body.length) {
        int more = inflater.inflate(body, used, body.length - used);
        if (more == 0) {
          throw new IllegalArgumentException("a compressed event ends too early");
        }
        used += more;
      }
      return body;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("a compressed event is damaged", e);
    } finally {
      inflater.end();
    }
  }
}
