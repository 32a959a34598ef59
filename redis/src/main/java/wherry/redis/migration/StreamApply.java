package wherry.redis.migration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;

/**
 * Applies the stream of commands of one shard of the source, each exactly once, in their order
 * within each unit, and a transaction of the source whole.
 *
 * <p>One thread runs it; {@link #acknowledged} is for any.
 */
final class StreamApply implements AutoCloseable {
  private static final long WINDOW_BYTES = 256 * 1024;

  /** A larger transaction of the source is applied in parts, each exactly once. */
  private static final long TRANSACTION_BYTES_MAX = 64L << 20;

  private static final long POSITION_NANOSECONDS = TimeUnit.SECONDS.toNanos(1);

  private static final byte[] SET = Command.bytes("SET");
  private static final byte[] SADD = Command.bytes("SADD");
  private static final byte[] SREM = Command.bytes("SREM");

  /** What has no keys and changes nothing that is kept: messages are not data. */
  private static final Set<String> PASSING = Set.of("PUBLISH", "SPUBLISH", "PING");

  /** What the target has done when as many of each primary's commands are answered. */
  private record Sent(long offset, long[] counts) {}

  private final ReplicationLink link;
  private final TargetShards target;
  private final SourceShard source;
  private final boolean onlyShard;
  private final boolean leads;
  private final boolean keysMayScatter;
  private final long[] positions;
  private final ApplyWindow window;
  private final Connection questions;
  private final CommandKeys commandKeys;
  private final TargetValues values;
  private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();
  private StreamPosition position;
  private StreamPosition before;
  private boolean inTransaction;
  private long sentOffset;
  private long positionSentAt = System.nanoTime();
  private volatile long acknowledged;

  StreamApply(
      ReplicationLink link,
      TargetShards target,
      StreamPositions start,
      SourceShard source,
      boolean onlyShard,
      boolean leads) {
    this.link = link;
    this.target = target;
    this.source = source;
    this.onlyShard = onlyShard;
    this.leads = leads;
    positions = start.units();
    position = link.start().at(link.start().offset(), start.from().database());
    before = position;
    sentOffset = position.offset();
    acknowledged = position.offset();
    window = new ApplyWindow(target);
    // Keys of one command are in one slot when the source is a cluster, too.
    keysMayScatter = target.isCluster() && onlyShard;
    questions = Connection.open(target.shard(0).primary());
    commandKeys = new CommandKeys(questions);
    values = new TargetValues(target);
  }

  /** The history that offsets count in; it stays while the link does. */
  String replicationId() {
    return link.start().replicationId();
  }

  /** Everything up to this offset of the source is on the target. */
  long acknowledged() {
    synchronized (unanswered) {
      while (!unanswered.isEmpty() && isAnswered(unanswered.peek().counts())) {
        acknowledged = unanswered.remove().offset();
      }
      return acknowledged;
    }
  }

  private boolean isAnswered(long[] counts) {
    for (int shard = 0; shard < counts.length; shard++) {
      if (target.writer(shard).received() < counts[shard]) {
        return false;
      }
    }
    return true;
  }

  /** Applies until the link or the target breaks, or a command cannot be applied. */
  void run() throws IOException {
    while (true) {
      if (inTransaction
          ? window.bytes() >= TRANSACTION_BYTES_MAX
          : window.bytes() >= WINDOW_BYTES || !link.input().isReady()) {
        endWindow();
      }
      byte[][] command = next();
      before = position;
      position = position.at(link.offset(), position.database());
      take(text(command[0]).toUpperCase(Locale.ROOT), command);
    }
  }

  private byte[][] next() throws IOException {
    try {
      return link.next();
    } catch (IOException e) {
      // A writer that fails closes the link, and is the cause that a user wants to hear.
      target.writers().forEach(TargetWriter::throwFailure);
      throw e;
    }
  }

  /** Sends what was gathered; positions go with it, or from time to time alone. */
  private void endWindow() {
    target.writers().forEach(TargetWriter::throwFailure);
    if (position.offset() == sentOffset) {
      return;
    }
    if (!window.isEmpty()) {
      window.send(position, positions);
    } else if (System.nanoTime() - positionSentAt > POSITION_NANOSECONDS) {
      window.sendPosition(position);
      positionSentAt = System.nanoTime();
    }
    target.writers().forEach(TargetWriter::flush);
    sentOffset = position.offset();
    long[] counts = target.writers().stream().mapToLong(TargetWriter::sent).toArray();
    synchronized (unanswered) {
      unanswered.add(new Sent(sentOffset, counts));
    }
  }

  private void take(String name, byte[][] command) throws IOException {
    switch (name) {
      case "SELECT" -> select(Integer.parseInt(text(command[1])));
      case "MULTI" -> inTransaction = true;
      case "EXEC" -> inTransaction = false;
      case "REPLCONF" -> link.acknowledge(acknowledged()); // GETACK
      case "FLUSHALL", "FLUSHDB" -> empty(command);
      case "SWAPDB" -> swap(command);
      default -> {
        if (!PASSING.contains(name)) {
          apply(name, command);
        }
      }
    }
  }

  private void select(int database) {
    if (database != 0 && target.isCluster()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "The source %s writes to database %d; a cluster has only database 0."
              .formatted(source.server(), database));
    }
    position = position.at(position.offset(), database);
  }

  private void apply(String name, byte[][] command) {
    if (HashFieldExpiry.isSetBy(name)) {
      throw HashFieldExpiry.unsupported(command[1]);
    }
    if (!commandKeys.hasKeys(name, command)) {
      applyToAll(name, command);
      return;
    }
    LateExpiry.delay(name, command);
    int unit = target.unitOf(commandKeys.firstKey(name, command));
    if (keysMayScatter) {
      List<byte[]> keys = commandKeys.keys(name, command);
      if (keys.stream().anyMatch(key -> target.unitOf(key) != unit)) {
        divide(name, command, keys);
        return;
      }
    }
    add(unit, command);
  }

  private void add(int unit, byte[][] command) {
    // What this unit had already when the stream was begun again before it.
    if (position.offset() > positions[unit]) {
      window.add(unit, position.database(), command);
    }
  }

  /** A command whose keys are in several slots, of a source that is no cluster. */
  private void divide(String name, byte[][] command, List<byte[]> keys) {
    switch (name) {
      case "DEL", "UNLINK" ->
          keys.forEach(key -> add(target.unitOf(key), new byte[][] {command[0], key}));
      case "MSET", "MSETNX" -> {
        // MSETNX is in the stream only when it has set them all.
        for (int i = 1; i + 1 < command.length; i += 2) {
          add(target.unitOf(command[i]), new byte[][] {SET, command[i], command[i + 1]});
        }
      }
      case "SMOVE" -> {
        // It is in the stream only when the member was there.
        add(target.unitOf(command[2]), new byte[][] {SADD, command[2], command[3]});
        add(target.unitOf(command[1]), new byte[][] {SREM, command[1], command[3]});
      }
      default -> carry(ScatteredCommand.of(name, command).orElseThrow(() -> refused(name, keys)));
    }
  }

  private static DmsException refused(String name, List<byte[]> keys) {
    return new DmsException(
        ErrorCode.COMMAND_REFUSED,
        "The source's stream has %s with keys in different slots (%s, %s), which a cluster cannot"
                .formatted(
                    name,
                    Comparison.printable(keys.getFirst()),
                    Comparison.printable(keys.getLast()))
            + " do. Give such keys a common {hash tag}, stop such commands while you migrate, or"
            + " take a target that is no cluster.");
  }

  /**
   * First the destination, and then the origin: who begins again between the two finds the value
   * where it was. So the destination's slot alone comes to this position, not yet its primary.
   */
  private void carry(ScatteredCommand command) {
    int unit = target.unitOf(command.destinationKey());
    if (position.offset() > positions[unit]) {
      window.send(before, positions);
      target.await();
      command.arrival(values).forEach(each -> window.add(unit, 0, each));
      window.sendUnits(position, positions);
      target.await();
    }
    command.departure().ifPresent(departure -> add(target.unitOf(command.originKey()), departure));
  }

  /**
   * Functions and scripts: each primary has them all. Their effects come as commands of their own.
   */
  private void applyToAll(String name, byte[][] command) {
    if (!leads) {
      return;
    }
    byte[][] repeatable = command;
    if (name.equals("FUNCTION") && text(command[1]).equalsIgnoreCase("LOAD")) {
      // The shards of a source cluster are given the same library one by one.
      repeatable =
          new byte[][] {
            command[0], command[1], Command.bytes("REPLACE"), command[command.length - 1]
          };
    }
    if (target.isCluster()) {
      // A primary's position is true only behind the transactions of its slots.
      window.send(before, positions);
    }
    for (int shard = 0; shard < target.count(); shard++) {
      add(TargetShards.unitOfShard(shard), repeatable);
    }
  }

  /** The position lies in database 0; what changes places with it would take it along. */
  private void swap(byte[][] command) {
    int unit = TargetShards.unitOfShard(0);
    add(unit, Command.of("SELECT", "0"));
    add(unit, new byte[][] {Command.bytes("DEL"), target.positionKey(unit)});
    add(unit, command);
    add(unit, Command.of("SELECT", Integer.toString(position.database())));
  }

  /**
   * FLUSHALL and FLUSHDB. On a server that is no cluster they are commands like others; on a
   * cluster no transaction holds them, so that without a position nobody goes on until it is done.
   */
  private void empty(byte[][] command) {
    if (!target.isCluster() && onlyShard) {
      add(TargetShards.unitOfShard(0), command);
      return;
    }
    if (position.offset() <= Arrays.stream(positions).max().orElse(0)) {
      return; // Done before the stream was begun again.
    }
    window.send(before, positions);
    target.await();
    TargetSweep.removeKeysOf(source, target);
    window.sendPosition(position);
    target.await();
    Arrays.fill(positions, position.offset());
  }

  private static String text(byte[] argument) {
    return new String(argument, StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    questions.close();
    values.close();
  }
}
