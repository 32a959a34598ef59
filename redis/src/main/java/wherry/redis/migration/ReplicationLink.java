package wherry.redis.migration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.protocol.ByteInput;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.MalformedException;
import wherry.redis.protocol.Reply;

/**
 * We as a replica of a source (replication.c, syncWithMaster): REPLCONF, PSYNC, perhaps an RDB, and
 * then commands without end. One thread reads; {@link #acknowledge} is for any.
 */
final class ReplicationLink {
  /** A source sends a newline or a PING at least each repl-ping-replica-period, 10 s. */
  private static final int SILENCE_MILLISECONDS = 60_000;

  private static final int END_MARK_BYTES = 40;

  /** A command is held whole; what a client sends can have half a gigabyte. */
  private static final long COMMAND_BYTES_MAX = Runtime.getRuntime().maxMemory() / 3;

  private final Connection connection;
  private final ByteInput in;
  private final boolean full;
  private final StreamPosition start;
  private long rdbBytes;
  private long streamBegins;

  private ReplicationLink(Connection connection, boolean full, StreamPosition start) {
    this.connection = connection;
    this.in = connection.input();
    this.full = full;
    this.start = start;
    streamBegins = in.offset();
  }

  /**
   * Asks to go on behind a position; the source decides whether it can.
   *
   * @param connection to the source; who closes it meanwhile ends the wait
   * @param from absent to begin with everything that the source has
   */
  static ReplicationLink over(Connection connection, @Nullable StreamPosition from) {
    try {
      connection.readTimeout(SILENCE_MILLISECONDS);
      connection.call("REPLCONF", "listening-port", "0"); // Nobody can connect to us.
      connection.call("REPLCONF", "capa", "eof", "capa", "psync2");
      // Valkey 9 chooses the RDB version by it; others do not know it and say so.
      connection.ask(Command.of("REPLCONF", "version", "8.1.0"));
      String id = from == null ? "?" : from.replicationId();
      long next = from == null ? -1 : from.offset() + 1;
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      Command.write(request, Command.of("PSYNC", id, Long.toString(next)));
      request.writeTo(connection.output());
      return answer(connection, from);
    } catch (IOException e) {
      throw Connection.unreachable(connection.address(), e);
    }
  }

  private static ReplicationLink answer(Connection connection, @Nullable StreamPosition from)
      throws IOException {
    ByteInput in = connection.input();
    String line = lineAfterNewlines(in);
    String[] words = line.substring(1).split(" ");
    if (words[0].equals("FULLRESYNC")) {
      return new ReplicationLink(
          connection, true, new StreamPosition(words[1], Long.parseLong(words[2]), 0));
    }
    if (words[0].equals("CONTINUE") && from != null) {
      // A new ID is told after a failover: the history is the same up to here.
      String id = words.length > 1 ? words[1] : from.replicationId();
      return new ReplicationLink(
          connection, false, new StreamPosition(id, from.offset(), from.database()));
    }
    ErrorCode code =
        line.startsWith("-NOMASTERLINK") || line.startsWith("-LOADING")
            ? ErrorCode.BUSY
            : Connection.refused(connection.address(), "PSYNC", line.substring(1)).code();
    throw new DmsException(
        code,
        "Redis at %s does not let us follow it: %s. PSYNC needs the right +psync, and a server that"
                .formatted(connection.address(), line)
            + " is no replica without a link.");
  }

  private static String lineAfterNewlines(ByteInput in) throws IOException {
    int first = in.read();
    while (first == '\n') {
      first = in.read();
    }
    return (char) first + Reply.readLine(in);
  }

  /** Whether an RDB comes first: the source could not go on from where we were. */
  boolean isFull() {
    return full;
  }

  /** Where the stream begins, behind the RDB if there is one. */
  StreamPosition start() {
    return start;
  }

  ByteInput input() {
    return in;
  }

  /** Reads up to the RDB's first byte. */
  void beginRdb() throws IOException {
    String line = lineAfterNewlines(in);
    if (line.charAt(0) != '$') {
      throw new MalformedException("instead of an RDB came: " + line);
    }
    endMark = line.startsWith("$EOF:") ? line.substring(5) : null;
    rdbBytes = endMark == null ? Long.parseLong(line.substring(1)) : 0;
  }

  private @Nullable String endMark;

  /** 0 where the source makes the RDB while it sends it, and does not know. */
  long rdbBytes() {
    return rdbBytes;
  }

  /** Reads what stands between the RDB and the first command. */
  void endRdb() throws IOException {
    if (endMark != null) {
      String mark = new String(in.readBytes(END_MARK_BYTES), StandardCharsets.US_ASCII);
      if (!mark.equals(endMark)) {
        throw new MalformedException("the RDB does not end where the source has ended it");
      }
    }
    streamBegins = in.offset();
    // A source that streams its RDB puts the replica online at its first acknowledgement.
    acknowledge(start.offset());
  }

  /** The offset of the last byte that was read. */
  long offset() {
    return start.offset() + in.offset() - streamBegins;
  }

  /** The next command; waits for it. */
  byte[][] next() throws IOException {
    int first = in.read();
    while (first == '\n') {
      first = in.read();
    }
    if (first != '*') {
      throw new MalformedException(
          "at offset " + offset() + " is no command: " + (char) first + Reply.readLine(in));
    }
    byte[][] arguments = new byte[Integer.parseInt(Reply.readLine(in))][];
    long bytes = 0;
    for (int i = 0; i < arguments.length; i++) {
      if (in.read() != '$') {
        throw new MalformedException("at offset " + offset() + " is no argument");
      }
      int length = Integer.parseInt(Reply.readLine(in));
      bytes += length;
      if (bytes > COMMAND_BYTES_MAX) {
        throw tooLarge(arguments, i, bytes);
      }
      arguments[i] = in.readBytes(length);
      in.skip(2);
    }
    return arguments;
  }

  private DmsException tooLarge(byte[][] arguments, int count, long bytes) {
    return new DmsException(
        ErrorCode.COMMAND_REFUSED,
        "The stream of %s has a command of more than %d bytes (%s); at most %d fit into this process."
                .formatted(
                    connection.address(),
                    bytes,
                    Arrays.stream(arguments, 0, Math.min(2, count))
                        .map(Comparison::printable)
                        .collect(Collectors.joining(" ")),
                    COMMAND_BYTES_MAX)
            + " Start the service with more memory (WHERRY_JAVA_OPTIONS=-Xmx4g), and then the"
            + " migration again.");
  }

  /** Tells the source that everything up to this offset is on the target. */
  void acknowledge(long offset) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    Command.write(message, Command.of("REPLCONF", "ACK", Long.toString(offset)));
    synchronized (this) {
      message.writeTo(connection.output());
      connection.output().flush();
    }
  }
}
