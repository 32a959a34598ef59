package wherry.mysql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import wherry.schema.TableId;

/**
 * What a TABLE_MAP event says about the rows that follow ("Table_map_log_event"): the table's name
 * and its columns' types, in the order of the table at that time.
 *
 * @param columns without names where the server logs no full metadata
 */
record TableMap(TableId table, List<LoggedColumn> columns) {
  /** Fields of the optional metadata (Table_map_log_event::Optional_metadata_field_type). */
  private static final int COLUMN_NAME = 4;

  /**
   * A column as the log describes it.
   *
   * @param type a code of {@link LoggedColumn}
   * @param meta of the type: lengths, digits
   * @param name empty without full metadata
   */
  record LoggedColumn(int type, int meta, String name) {
    static final int TINY = 1;
    static final int SHORT = 2;
    static final int LONG = 3;
    static final int FLOAT = 4;
    static final int DOUBLE = 5;
    static final int TIMESTAMP = 7;
    static final int LONGLONG = 8;
    static final int INT24 = 9;
    static final int DATE = 10;
    static final int TIME = 11;
    static final int DATETIME = 12;
    static final int YEAR = 13;
    static final int VARCHAR = 15;
    static final int BIT = 16;
    static final int TIMESTAMP2 = 17;
    static final int DATETIME2 = 18;
    static final int TIME2 = 19;
    static final int MARIADB_BLOB_COMPRESSED = 140;
    static final int MARIADB_VARCHAR_COMPRESSED = 141;
    static final int VECTOR = 242;
    static final int JSON = 245;
    static final int NEWDECIMAL = 246;
    static final int ENUM = 247;
    static final int SET = 248;
    static final int BLOB = 252;
    static final int STRING = 254;
    static final int GEOMETRY = 255;
  }

  static long tableNumber(BinlogEvent event) {
    return LittleEndian.unsigned(event.bytes(), event.start(), 6);
  }

  static TableMap of(BinlogEvent event) {
    ByteCursor in = ByteCursor.of(event);
    in.skip(8);
    String schema = in.text(in.oneByte());
    in.skip(1);
    String name = in.text(in.oneByte());
    in.skip(1);
    int count = in.length();
    byte[] types = in.take(count);
    int metadataBytes = in.length();
    ByteCursor metadata = new ByteCursor(in.bytes(), in.at(), in.at() + metadataBytes);
    in.skip(metadataBytes + (count + 7) / 8);
    int[] metas = new int[count];
    for (int i = 0; i < count; i++) {
      metas[i] = meta(types[i] & 0xFF, metadata);
    }
    String[] names = names(in, count);
    List<LoggedColumn> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      columns.add(column(types[i] & 0xFF, metas[i], names[i]));
    }
    return new TableMap(new TableId(schema, name), columns);
  }

  private static int meta(int type, ByteCursor metadata) {
    return switch (type) {
      case LoggedColumn.FLOAT,
          LoggedColumn.DOUBLE,
          LoggedColumn.BLOB,
          LoggedColumn.MARIADB_BLOB_COMPRESSED,
          LoggedColumn.GEOMETRY,
          LoggedColumn.JSON,
          LoggedColumn.VECTOR,
          LoggedColumn.TIMESTAMP2,
          LoggedColumn.DATETIME2,
          LoggedColumn.TIME2 ->
          metadata.oneByte();
      case LoggedColumn.VARCHAR, LoggedColumn.MARIADB_VARCHAR_COMPRESSED ->
          (int) metadata.number(2);
      // The first byte is the more significant one.
      case LoggedColumn.NEWDECIMAL,
          LoggedColumn.STRING,
          LoggedColumn.ENUM,
          LoggedColumn.SET,
          LoggedColumn.BIT ->
          metadata.oneByte() << 8 | metadata.oneByte();
      default -> 0;
    };
  }

  /**
   * ENUM and SET stand as STRING, with their own type in the metadata; a STRING of more than 255
   * bytes has two bits of its length in the type, inverted (Field_string::do_save_field_metadata).
   */
  private static LoggedColumn column(int type, int meta, String name) {
    if (type != LoggedColumn.STRING) {
      return new LoggedColumn(type, meta, name);
    }
    int real = meta >> 8;
    int low = meta & 0xFF;
    if ((real & 0x30) != 0x30) {
      return new LoggedColumn(LoggedColumn.STRING, low | ((real & 0x30) ^ 0x30) << 4, name);
    }
    return new LoggedColumn(real, low, name);
  }

  private static String[] names(ByteCursor in, int count) {
    String[] names = new String[count];
    Arrays.fill(names, "");
    while (in.remaining() > 1) {
      int field = in.oneByte();
      int length = in.length();
      if (field == COLUMN_NAME) {
        for (int i = 0; i < count; i++) {
          names[i] = in.text(in.length());
        }
      } else {
        in.skip(length);
      }
    }
    return names;
  }
}
