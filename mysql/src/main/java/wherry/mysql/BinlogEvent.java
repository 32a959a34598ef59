package wherry.mysql;

/**
 * One event of the binary log with its header taken apart ("Binlog Event header" in MySQL's
 * internals manual, 19 bytes: time, type, server id, length, end position, flags). Its bytes belong
 * to the stream and are valid until the next event is read.
 *
 * @param timestampSeconds of the source's clock; 0 for events that the server makes up
 * @param serverId of the server that committed it first
 * @param logPosition the low 32 bits of the offset behind the event in its file; 0 when it is made
 *     up
 * @param start where the body begins in {@code bytes}
 * @param end where the body ends, a checksum left out
 */
record BinlogEvent(
    int type,
    long timestampSeconds,
    long serverId,
    long logPosition,
    int flags,
    int length,
    byte[] bytes,
    int start,
    int end) {
  static final int HEADER_BYTES = 19;

  static final int QUERY = 2;
  static final int STOP = 3;
  static final int ROTATE = 4;
  static final int INTVAR = 5;
  static final int RAND = 13;
  static final int USER_VAR = 14;
  static final int FORMAT_DESCRIPTION = 15;
  static final int XID = 16;
  static final int BEGIN_LOAD_QUERY = 17;
  static final int EXECUTE_LOAD_QUERY = 18;
  static final int TABLE_MAP = 19;
  static final int WRITE_ROWS_V1 = 23;
  static final int UPDATE_ROWS_V1 = 24;
  static final int DELETE_ROWS_V1 = 25;
  static final int INCIDENT = 26;
  static final int HEARTBEAT = 27;
  static final int IGNORABLE = 28;
  static final int ROWS_QUERY = 29;
  static final int WRITE_ROWS = 30;
  static final int UPDATE_ROWS = 31;
  static final int DELETE_ROWS = 32;
  static final int GTID = 33;
  static final int ANONYMOUS_GTID = 34;
  static final int PREVIOUS_GTIDS = 35;
  static final int TRANSACTION_CONTEXT = 36;
  static final int VIEW_CHANGE = 37;
  static final int XA_PREPARE = 38;
  static final int PARTIAL_UPDATE_ROWS = 39;
  static final int TRANSACTION_PAYLOAD = 40;
  static final int HEARTBEAT_V2 = 41;
  static final int GTID_TAGGED = 42;

  static final int MARIADB_ANNOTATE_ROWS = 160;
  static final int MARIADB_BINLOG_CHECKPOINT = 161;
  static final int MARIADB_GTID = 162;
  static final int MARIADB_GTID_LIST = 163;
  static final int MARIADB_START_ENCRYPTION = 164;
  static final int MARIADB_QUERY_COMPRESSED = 165;
  static final int MARIADB_WRITE_ROWS_COMPRESSED_V1 = 166;
  static final int MARIADB_UPDATE_ROWS_COMPRESSED_V1 = 167;
  static final int MARIADB_DELETE_ROWS_COMPRESSED_V1 = 168;
  static final int MARIADB_WRITE_ROWS_COMPRESSED = 169;
  static final int MARIADB_UPDATE_ROWS_COMPRESSED = 170;
  static final int MARIADB_DELETE_ROWS_COMPRESSED = 171;

  /** LOG_EVENT_ARTIFICIAL_F: made up by the server for the stream, not in the file. */
  private static final int ARTIFICIAL = 0x20;

  /** LOG_EVENT_IGNORABLE_F: who does not know the type may pass it over. */
  private static final int MAY_BE_IGNORED = 0x80;

  /** The event whose header begins at {@code at} and that ends at {@code end}. */
  static BinlogEvent of(byte[] bytes, int at, int end) {
    return new BinlogEvent(
        bytes[at + 4] & 0xFF,
        LittleEndian.unsigned(bytes, at, 4),
        LittleEndian.unsigned(bytes, at + 5, 4),
        LittleEndian.unsigned(bytes, at + 13, 4),
        (int) LittleEndian.unsigned(bytes, at + 17, 2),
        (int) LittleEndian.unsigned(bytes, at + 9, 4),
        bytes,
        at + HEADER_BYTES,
        end);
  }

  /** The same with another body, of an event that was compressed. */
  BinlogEvent withBody(int ofType, byte[] body) {
    return new BinlogEvent(
        ofType, timestampSeconds, serverId, logPosition, flags, length, body, 0, body.length);
  }

  /** This header with a body of its own, of an event that stands inside of another. */
  BinlogEvent inside(byte[] body) {
    return new BinlogEvent(
        type, timestampSeconds, serverId, 0, flags, length, body, 0, body.length);
  }

  /** Whether the log's file holds it; the server makes up some for the stream. */
  boolean inFile() {
    return (flags & ARTIFICIAL) == 0
        && logPosition != 0
        && type != HEARTBEAT
        && type != HEARTBEAT_V2;
  }

  /** Whether it holds rows, plain and not compressed. */
  boolean isRows() {
    return type >= WRITE_ROWS_V1 && type <= DELETE_ROWS_V1
        || type >= WRITE_ROWS && type <= DELETE_ROWS
        || type == PARTIAL_UPDATE_ROWS;
  }

  boolean mayBeIgnored() {
    return (flags & MAY_BE_IGNORED) != 0;
  }
}
