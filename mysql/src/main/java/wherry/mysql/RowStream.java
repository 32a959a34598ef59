package wherry.mysql;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Statement;
import org.mariadb.jdbc.client.Completion;
import org.mariadb.jdbc.client.Context;
import org.mariadb.jdbc.client.ReadableByteBuf;
import org.mariadb.jdbc.client.socket.Reader;
import org.mariadb.jdbc.client.socket.Writer;
import org.mariadb.jdbc.client.util.ClosableLock;
import org.mariadb.jdbc.export.ExceptionFactory;
import org.mariadb.jdbc.message.ClientMessage;
import org.mariadb.jdbc.message.server.ErrorPacket;
import wherry.row.RowBatchBuilder;

/**
 * A query whose rows are read from the driver's packets straight into a batch
 * ("Protocol::ResultsetRow", text protocol): JDBC's result set would copy each row and each cell
 * once more and make an object of both. While rows remain, nothing else may be sent on the
 * connection.
 */
final class RowStream implements ClientMessage {
  private static final byte COM_QUERY = 3;
  private static final int PACKET_MAX = 0xFFFFFF;
  private static final int NULL_CELL = 251;
  private static final Completion OPENED = new Completion() {};

  private final String sql;
  private @Nullable Reader reader;
  private @Nullable Context context;
  private boolean ended;

  RowStream(String sql) {
    this.sql = sql;
  }

  @Override
  public int encode(Writer writer, Context at) throws IOException {
    writer.initPacket();
    writer.writeByte(COM_QUERY);
    writer.writeBytes(sql.getBytes(StandardCharsets.UTF_8));
    writer.flush();
    return 1;
  }

  /** Reads the head of the answer and leaves the rows in the socket. */
  @Override
  @SuppressWarnings("TooManyParameters") // The driver's own signature.
  public Completion readPacket(
      @Nullable Statement statement,
      int fetchSize,
      long maxRows,
      int concurrency,
      int type,
      boolean closeOnCompletion,
      Reader from,
      Writer writer,
      Context at,
      ExceptionFactory exceptions,
      ClosableLock lock,
      boolean trace,
      ClientMessage message,
      Consumer<String> redirect)
      throws IOException, SQLException {
    ReadableByteBuf head = from.readReusablePacket(false);
    if (head.getUnsignedByte() == 0xFF) {
      throw failure(head, at);
    }
    int columns = head.readIntLengthEncodedNotNull();
    for (int i = 0; i < columns; i++) {
      from.readReusablePacket(false);
    }
    if (!at.isEofDeprecated()) {
      from.readReusablePacket(false);
    }
    this.reader = from;
    this.context = at;
    return OPENED;
  }

  /**
   * Adds the next row to the batch.
   *
   * @param floats which columns are floats, sent as doubles
   * @return false at the end, which the server itself has told
   */
  boolean next(RowBatchBuilder batch, boolean[] floats) throws IOException, SQLException {
    ReadableByteBuf packet = nextPacket();
    if (packet == null) {
      return false;
    }
    byte[] bytes = packet.buf;
    int at = packet.pos;
    for (boolean isFloat : floats) {
      int first = bytes[at++] & 0xFF;
      if (first == NULL_CELL) {
        batch.addNull();
        continue;
      }
      int length = first;
      if (first > NULL_CELL) {
        int lengthBytes = first == 252 ? 2 : first == 253 ? 3 : 8;
        length = length(bytes, at, lengthBytes);
        at += lengthBytes;
      }
      if (isFloat) {
        batch.add(shortest(bytes, at, length));
      } else {
        batch.add(bytes, at, length);
      }
      at += length;
    }
    batch.endRow();
    return true;
  }

  /** Reads what remains and forgets it. */
  void drain() throws IOException, SQLException {
    while (nextPacket() != null) {
      // Only the end matters.
    }
  }

  boolean ended() {
    return ended;
  }

  private @Nullable ReadableByteBuf nextPacket() throws IOException, SQLException {
    Reader from = reader;
    Context at = context;
    if (ended || from == null || at == null) {
      return null;
    }
    ReadableByteBuf packet = Packets.next(from);
    int first = packet.getUnsignedByte();
    if (first == 0xFF) {
      ended = true;
      throw failure(packet, at);
    }
    if (first == 0xFE && packet.readableBytes() < PACKET_MAX) {
      ended = true;
      return null;
    }
    return packet;
  }

  private static SQLException failure(ReadableByteBuf packet, Context at) {
    ErrorPacket error = new ErrorPacket(packet, at);
    return new SQLException(error.getMessage(), error.getSqlState(), error.getErrorCode());
  }

  private static int length(byte[] bytes, int at, int count) {
    long length = 0;
    for (int i = count - 1; i >= 0; i--) {
      length = length << 8 | (bytes[at + i] & 0xFF);
    }
    return Math.toIntExact(length);
  }

  private static byte[] shortest(byte[] bytes, int at, int length) {
    double value = Double.parseDouble(new String(bytes, at, length, StandardCharsets.ISO_8859_1));
    return Float.toString((float) value).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public String description() {
    return sql;
  }
}
