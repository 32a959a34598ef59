package wherry.mysql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.function.Consumer;
import java.util.zip.CRC32;
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
import wherry.connector.Resource;

/**
 * The events of the binary log as the server sends them to a replica ("Replication Protocol" in
 * MySQL's internals manual), on a session of the same driver that everything else uses: one way to
 * log in, one way to check certificates, and the socket itself is the back-pressure.
 *
 * <p>Owned by one thread but for {@link #close}.
 */
final class BinlogStream implements Resource {
  /** How often the server is to say that it has nothing. */
  private static final int HEARTBEAT_SECONDS = 5;

  /** Silence of so many seconds is a broken connection. */
  private static final int SILENCE_SECONDS = 30;

  private static final byte COM_BINLOG_DUMP = 0x12;
  private static final byte COM_REGISTER_SLAVE = 0x15;
  private static final int DUMP_NON_BLOCKING = 1;
  private static final int CHECKSUM_BYTES = 4;
  private static final int CRC32_CHECKSUM = 1;

  /** MARIA_SLAVE_CAPABILITY_GTID: GTID events come as they are. */
  private static final int MARIADB_CAPABILITY = 4;

  /** What the server sent is no event as it was written. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1L;

    Damaged() {
      super("the checksum of an event does not match its bytes");
    }
  }

  private final MySqlSession session;
  private final CRC32 crc = new CRC32();
  private final Reader reader;
  private final Context context;
  private boolean checksummed;

  private BinlogStream(MySqlSession session, Reader reader, Context context) {
    this.session = session;
    this.reader = reader;
    this.context = context;
  }

  /**
   * Starts reading.
   *
   * @param serverId ours, among all servers and replicas of the source
   * @param toTheEnd whether to end where the log ends, and not to wait for more
   */
  static BinlogStream open(
      MySqlSettings settings, BinlogPosition from, long serverId, boolean toTheEnd) {
    MySqlSession session = MySqlSession.open(settings, MySqlSession.Role.READ);
    try {
      prepare(session, serverId);
      Command dump = new Command(dump(from, serverId, toTheEnd), false);
      session.client().execute(dump, false);
      Reader reader = dump.reader;
      Context context = dump.context;
      if (reader == null || context == null) {
        throw new IllegalStateException("The driver has not sent the command");
      }
      session.client().setSocketTimeout(1000 * SILENCE_SECONDS);
      return new BinlogStream(session, reader, context);
    } catch (SQLException e) {
      session.abort();
      throw BinlogFailure.of(settings, from, e);
    } catch (RuntimeException | Error e) {
      session.abort();
      throw e;
    }
  }

  private static void prepare(MySqlSession session, long serverId) throws SQLException {
    long heartbeat = 1_000_000_000L * HEARTBEAT_SECONDS;
    // Names of before and after MySQL 8.0.26; MariaDB knows the former.
    for (String side : new String[] {"master", "source"}) {
      session.execute(
          "SET @"
              + side
              + "_binlog_checksum=@@global.binlog_checksum, @"
              + side
              + "_heartbeat_period="
              + heartbeat);
    }
    if (session.server().mariaDb()) {
      session.execute("SET @mariadb_slave_capability=" + MARIADB_CAPABILITY);
    } else {
      // A server that still sends to a broken connection of this replica ends that one.
      session.execute(
          "SET @slave_uuid='" + uuid(serverId) + "', @replica_uuid='" + uuid(serverId) + "'");
    }
    session.client().execute(new Command(register(serverId), true), false);
  }

  private static String uuid(long serverId) {
    return "77686572-7279-4000-8000-%012x".formatted(serverId);
  }

  /** "COM_REGISTER_SLAVE", so that SHOW REPLICAS names us. */
  private static byte[] register(long serverId) {
    byte[] name = "wherry".getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(18 + name.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(COM_REGISTER_SLAVE)
        .putInt((int) serverId)
        .put((byte) name.length)
        .put(name)
        .put((byte) 0)
        .put((byte) 0)
        .putShort((short) 0)
        .putInt(0)
        .putInt(0)
        .array();
  }

  /** "COM_BINLOG_DUMP". */
  private static byte[] dump(BinlogPosition from, long serverId, boolean toTheEnd) {
    byte[] file = from.file().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(11 + file.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(COM_BINLOG_DUMP)
        .putInt((int) from.offset())
        .putShort((short) (toTheEnd ? DUMP_NON_BLOCKING : 0))
        .putInt((int) serverId)
        .put(file)
        .array();
  }

  /**
   * The next event, null where the log ends. Its checksum is verified.
   *
   * @throws SQLException what the server says is wrong
   * @throws Damaged when the bytes are not an event
   */
  @Nullable BinlogEvent next() throws IOException, SQLException {
    ReadableByteBuf packet = Packets.next(reader);
    byte[] bytes = packet.buf();
    int at = packet.pos();
    int end = at + packet.readableBytes();
    int status = bytes[at] & 0xFF;
    if (status == 0xFF) {
      ErrorPacket error = new ErrorPacket(packet, context);
      throw new SQLException(error.getMessage(), error.getSqlState(), error.getErrorCode());
    }
    if (status == 0xFE && end - at < 9) {
      return null;
    }
    return event(bytes, at + 1, end);
  }

  private BinlogEvent event(byte[] bytes, int at, int end) throws IOException {
    int type = bytes[at + 4] & 0xFF;
    if (type == BinlogEvent.FORMAT_DESCRIPTION) {
      // Its last bytes are the algorithm that all that follow have, and its own checksum.
      checksummed = bytes[end - CHECKSUM_BYTES - 1] == CRC32_CHECKSUM;
      return BinlogEvent.of(bytes, at, end - CHECKSUM_BYTES);
    }
    if (type == BinlogEvent.ROTATE) {
      // The first one precedes the description, and one between two files has either's checksum.
      int body = end - CHECKSUM_BYTES;
      return BinlogEvent.of(bytes, at, matches(bytes, at, body) ? body : end);
    }
    if (!checksummed) {
      return BinlogEvent.of(bytes, at, end);
    }
    int body = end - CHECKSUM_BYTES;
    if (!matches(bytes, at, body)) {
      throw new Damaged();
    }
    return BinlogEvent.of(bytes, at, body);
  }

  private boolean matches(byte[] bytes, int at, int body) {
    crc.reset();
    crc.update(bytes, at, body - at);
    return crc.getValue() == LittleEndian.unsigned(bytes, body, CHECKSUM_BYTES);
  }

  /** Ends the connection at once, whatever the reading thread waits for. */
  @Override
  public void close() {
    session.abort();
  }

  /** A command whose answer is one packet, or the stream itself. */
  private static final class Command implements ClientMessage {
    private static final Completion DONE = new Completion() {};

    private final byte[] bytes;
    private final boolean answered;
    private @Nullable Reader reader;
    private @Nullable Context context;

    Command(byte[] bytes, boolean answered) {
      this.bytes = bytes;
      this.answered = answered;
    }

    @Override
    public int encode(Writer writer, Context at) throws IOException {
      writer.initPacket();
      writer.writeBytes(bytes);
      writer.flush();
      return 1;
    }

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
      if (answered) {
        ReadableByteBuf answer = from.readReusablePacket(false);
        if (answer.getUnsignedByte() == 0xFF) {
          ErrorPacket error = new ErrorPacket(answer, at);
          throw new SQLException(error.getMessage(), error.getSqlState(), error.getErrorCode());
        }
      }
      this.reader = from;
      this.context = at;
      return DONE;
    }

    @Override
    public String description() {
      return "binary log";
    }
  }
}
