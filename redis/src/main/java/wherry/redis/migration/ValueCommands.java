package wherry.redis.migration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import wherry.redis.protocol.Command;
import wherry.redis.rdb.ValueParts;

/** Builds one value by commands, each of about {@code chunkBytes}. */
final class ValueCommands implements ValueParts {
  private static final byte[] ANY_IDLE_TIME = Command.bytes("0");

  private final byte[] key;
  private final TargetWriter writer;
  private final int chunkBytes;
  private final boolean countsEntries;
  private final List<byte[]> arguments = new ArrayList<>();
  private String command = "";
  private long bytes;
  private boolean exists;

  /**
   * @param countsEntries whether the target's streams count the entries that were ever added (7.0)
   */
  ValueCommands(byte[] key, TargetWriter writer, int chunkBytes, boolean countsEntries) {
    this.key = key;
    this.writer = writer;
    this.chunkBytes = chunkBytes;
    this.countsEntries = countsEntries;
  }

  @Override
  public void string(byte[] array, int offset, int length) {
    add("APPEND", Arrays.copyOfRange(array, offset, offset + length));
    flush();
  }

  @Override
  public void element(byte[] element) {
    add("RPUSH", element);
  }

  @Override
  public void member(byte[] member) {
    add("SADD", member);
  }

  @Override
  public void scored(byte[] member, byte[] score) {
    add("ZADD", score, member);
  }

  @Override
  public void field(byte[] field, byte[] value, long expiresAt) {
    if (expiresAt >= 0) {
      throw HashFieldExpiry.unsupported(key);
    }
    add("HSET", field, value);
  }

  private void add(String name, byte[]... more) {
    command = name;
    for (byte[] argument : more) {
      arguments.add(argument);
      bytes += argument.length;
    }
    if (bytes >= chunkBytes) {
      flush();
    }
  }

  private void flush() {
    if (!arguments.isEmpty()) {
      send(command, arguments.toArray(byte[][]::new));
      arguments.clear();
      bytes = 0;
    }
  }

  private void send(String name, byte[]... more) {
    byte[][] whole = new byte[2 + more.length][];
    whole[0] = Command.bytes(name);
    whole[1] = key;
    System.arraycopy(more, 0, whole, 2, more.length);
    writer.send(whole);
    exists = true;
  }

  private static byte[] text(Object value) {
    return Command.bytes(value.toString());
  }

  @Override
  public void entry(StreamId id, List<byte[]> fieldsAndValues) {
    byte[][] entry = new byte[1 + fieldsAndValues.size()][];
    entry[0] = text(id);
    for (int i = 0; i < fieldsAndValues.size(); i++) {
      entry[1 + i] = fieldsAndValues.get(i);
    }
    send("XADD", entry);
  }

  /** XSETID cannot make a stream; one without entries is made by adding one and keeping none. */
  @Override
  public void stream(StreamState state) {
    if (state.length() == 0) {
      send("XADD", text("MAXLEN"), text("0"), text(empty(state.last())), text("x"), text("x"));
    }
    if (countsEntries && state.entriesAdded() >= 0) {
      send(
          "XSETID",
          text(state.last()),
          text("ENTRIESADDED"),
          text(state.entriesAdded()),
          text("MAXDELETEDID"),
          text(state.maxDeleted()));
    } else {
      send("XSETID", text(state.last()));
    }
  }

  /** No entry has the ID 0-0. */
  private static StreamId empty(StreamId last) {
    return last.milliseconds() == 0 && last.sequence() == 0 ? new StreamId(0, 1) : last;
  }

  @Override
  public void group(byte[] name, StreamId lastDelivered, long entriesRead) {
    if (countsEntries && entriesRead >= 0) {
      sendGroup("CREATE", name, text(lastDelivered), text("ENTRIESREAD"), text(entriesRead));
    } else {
      sendGroup("CREATE", name, text(lastDelivered));
    }
  }

  private void sendGroup(String subcommand, byte[] group, byte[]... more) {
    byte[][] whole = new byte[4 + more.length][];
    whole[0] = Command.bytes("XGROUP");
    whole[1] = Command.bytes(subcommand);
    whole[2] = key;
    whole[3] = group;
    System.arraycopy(more, 0, whole, 4, more.length);
    writer.send(whole);
  }

  @Override
  public void consumer(byte[] group, byte[] consumer) {
    sendGroup("CREATECONSUMER", group, consumer);
  }

  @Override
  public void pending(
      byte[] group, byte[] consumer, StreamId id, long deliveredAt, long deliveries) {
    send(
        "XCLAIM",
        group,
        consumer,
        ANY_IDLE_TIME,
        text(id),
        text("TIME"),
        text(deliveredAt),
        text("RETRYCOUNT"),
        text(deliveries),
        text("FORCE"),
        text("JUSTID"));
  }

  /** Sends what is left; an empty string has no parts at all. */
  void end() {
    flush();
    if (!exists) {
      send("SET", new byte[0]);
    }
  }
}
