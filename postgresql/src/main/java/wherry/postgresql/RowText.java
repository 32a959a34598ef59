package wherry.postgresql;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import wherry.row.RowBatch;

/** A row for people: in messages, and in the table of rejected rows. */
final class RowText {
  /** Of a cell in the JSON; the rest is told as a length. */
  private static final int CELL_BYTES_MAX = 1000;

  private RowText() {}

  static String shown(RowBatch batch, int row, int column) {
    return batch.isNull(row, column)
        ? "NULL"
        : TextCells.shown(batch.slab(), batch.start(row, column), batch.end(row, column));
  }

  /**
   * A JSON object of canonical texts, binary cells and broken texts in hexadecimal, long ones
   * shortened with their length.
   */
  static String json(RowBatch batch, int row) {
    StringBuilder json = new StringBuilder("{");
    for (int column = 0; column < batch.schema().columns().size(); column++) {
      json.append(column == 0 ? "" : ", ");
      string(json, batch.schema().columns().get(column).name());
      json.append(": ");
      if (batch.isNull(row, column)) {
        json.append("null");
      } else {
        string(json, cell(batch, row, column));
      }
    }
    return json.append('}').toString();
  }

  /** A cell that is not NULL, of a long one the beginning and its length. */
  static String cell(RowBatch batch, int row, int column) {
    boolean binary = batch.schema().columns().get(column).type().isBinary();
    return cell(batch.slab(), batch.start(row, column), batch.end(row, column), binary);
  }

  private static String cell(byte[] slab, int start, int end, boolean binary) {
    int cut = Math.min(end, start + CELL_BYTES_MAX);
    while (!binary && cut < end && cut > start && (slab[cut] & 0xC0) == 0x80) {
      cut--;
    }
    String text = binary ? TextCells.hex(slab, start, cut) : textOrHex(slab, start, cut);
    return cut == end ? text : text + "… (" + (end - start) + " bytes)";
  }

  private static String textOrHex(byte[] slab, int start, int end) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(slab, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      return TextCells.hex(slab, start, end);
    }
  }

  /**
   * RFC 8259, section 7; U+0000 becomes an escape too, so that the result fits into a PostgreSQL
   * text.
   */
  private static void string(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
