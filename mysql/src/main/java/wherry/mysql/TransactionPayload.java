package wherry.mysql;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The events of a transaction that MySQL has compressed as a whole ("Transaction_payload_event").
 * They are decompressed one by one, whatever the transaction's size.
 */
final class TransactionPayload implements AutoCloseable {
  private static final int END_OF_FIELDS = 0;
  private static final int COMPRESSION = 2;
  private static final int ZSTD = 0;
  private static final int UNCOMPRESSED = 255;
  private static final int LENGTH_AT = 9;

  private final InputStream in;

  private TransactionPayload(InputStream in) {
    this.in = in;
  }

  static TransactionPayload of(BinlogEvent event) throws IOException {
    ByteCursor fields = ByteCursor.of(event);
    int compression = ZSTD;
    for (int field = fields.length(); field != END_OF_FIELDS; field = fields.length()) {
      int length = fields.length();
      int begin = fields.at();
      if (field == COMPRESSION) {
        compression = fields.length();
      }
      fields.skip(begin + length - fields.at());
    }
    InputStream payload = new ByteArrayInputStream(fields.bytes(), fields.at(), fields.remaining());
    return switch (compression) {
      case ZSTD -> new TransactionPayload(new ZstdInputStream(payload));
      case UNCOMPRESSED -> new TransactionPayload(payload);
      default ->
          throw new IOException("a transaction is compressed in the unknown way " + compression);
    };
  }

  /** The next event, null behind the last; it has no place in the file of its own. */
  @Nullable BinlogEvent next() throws IOException {
    byte[] header = in.readNBytes(BinlogEvent.HEADER_BYTES);
    if (header.length == 0) {
      return null;
    }
    int length = (int) LittleEndian.unsigned(header, LENGTH_AT, 4);
    byte[] body = in.readNBytes(length - BinlogEvent.HEADER_BYTES);
    if (header.length < BinlogEvent.HEADER_BYTES || body.length < length - header.length) {
      throw new IOException("a compressed transaction ends in the middle of an event");
    }
    return BinlogEvent.of(header, 0, header.length).inside(body);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
