package wherry.redis.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.HashSlot;
import wherry.redis.protocol.Command;

/**
 * A command of a source that is no cluster whose keys are in several slots of the target, as what
 * each of the slots can do alone. Values of other slots are read from the target: at its place in
 * the stream it has them exactly as the source had, while the source itself is further already.
 *
 * @param destination the argument that is the only key written to, but for the departure
 * @param firstRead of the arguments that are keys whose values are needed
 * @param lastRead inclusive
 * @param departure what the slot of the first of them does when the destination has its value
 */
record ScatteredCommand(
    String name,
    byte[][] arguments,
    int destination,
    int firstRead,
    int lastRead,
    Optional<byte[][]> departure) {
  /** What goes from slot to slot is held in memory meanwhile. */
  private static final long CARRIED_BYTES_MAX = 64L << 20;

  /** Empty where it is not known how. */
  static Optional<ScatteredCommand> of(String name, byte[][] command) {
    return switch (name) {
      case "SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE", "PFMERGE" ->
          computed(name, command, 1, 2, command.length - 1);
      case "BITOP" -> computed(name, command, 2, 3, command.length - 1);
      case "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE" ->
          computed(name, command, 1, 3, 2 + Integer.parseInt(text(command[2])));
      case "ZRANGESTORE", "GEOSEARCHSTORE" -> computed(name, command, 1, 2, 2);
      case "COPY" -> // Into another database it would be a command with DB.
          command.length == 3 || text(command[3]).equalsIgnoreCase("REPLACE")
              ? computed(name, command, 2, 1, 1)
              : Optional.empty();
      case "RENAME", "RENAMENX" -> moved(name, command, "DEL");
      case "RPOPLPUSH" -> moved(name, command, "RPOP");
      case "LMOVE" -> moved(name, command, isLeft(command[3]) ? "LPOP" : "RPOP");
      default -> Optional.empty();
    };
  }

  private static Optional<ScatteredCommand> computed(
      String name, byte[][] command, int destination, int firstRead, int lastRead) {
    return Optional.of(
        new ScatteredCommand(name, command, destination, firstRead, lastRead, Optional.empty()));
  }

  private static Optional<ScatteredCommand> moved(String name, byte[][] command, String departure) {
    byte[][] leaves = {Command.bytes(departure), command[1]};
    return Optional.of(new ScatteredCommand(name, command, 2, 1, 1, Optional.of(leaves)));
  }

  byte[] destinationKey() {
    return arguments[destination];
  }

  byte[] originKey() {
    return arguments[firstRead];
  }

  /**
   * What the destination's slot does. The target has everything that came before this command, and
   * nothing of what comes behind it.
   *
   * @throws DmsException COMMAND_REFUSED when a value is too large or not there
   */
  List<byte[][]> arrival(TargetValues values) {
    return switch (name) {
      case "COPY", "RENAME", "RENAMENX" -> {
        requireRoom(values.bytes(originKey()));
        yield List.<byte[][]>of(
            values.restore(originKey(), destinationKey()).orElseThrow(this::isMissing));
      }
      case "RPOPLPUSH" -> List.<byte[][]>of(push("LPUSH", values.end(originKey(), "-1")));
      case "LMOVE" -> {
        String end = isLeft(arguments[3]) ? "0" : "-1";
        String push = isLeft(arguments[4]) ? "LPUSH" : "RPUSH";
        yield List.<byte[][]>of(push(push, values.end(originKey(), end)));
      }
      default -> computed(values);
    };
  }

  private byte[][] push(String command, Optional<byte[]> element) {
    return new byte[][] {
      Command.bytes(command), destinationKey(), element.orElseThrow(this::isMissing)
    };
  }

  /** The command on copies in its destination's slot, which are gone when it is done. */
  private List<byte[][]> computed(TargetValues values) {
    int slot = HashSlot.of(destinationKey());
    byte[][] here = arguments.clone();
    List<byte[][]> commands = new ArrayList<>();
    List<byte[][]> removals = new ArrayList<>();
    long bytes = 0;
    for (int i = firstRead; i <= lastRead; i++) {
      if (HashSlot.of(arguments[i]) != slot) {
        bytes += values.bytes(arguments[i]);
        requireRoom(bytes);
        byte[] copy = PositionKeys.copy(slot, i);
        here[i] = copy;
        values.restore(arguments[i], copy).ifPresent(commands::add);
        removals.add(new byte[][] {Command.bytes("DEL"), copy});
      }
    }
    commands.add(here);
    commands.addAll(removals);
    return commands;
  }

  private void requireRoom(long bytes) {
    if (bytes > CARRIED_BYTES_MAX) {
      throw new DmsException(
          ErrorCode.COMMAND_REFUSED,
          "The source's stream has %s of %s to %s in another slot, with values of %d bytes; at most %d"
                  .formatted(
                      name,
                      Comparison.printable(originKey()),
                      Comparison.printable(destinationKey()),
                      bytes,
                      CARRIED_BYTES_MAX)
              + " are carried from slot to slot. Give such keys a common {hash tag}, stop such"
              + " commands while you migrate, or take a target that is no cluster.");
    }
  }

  private DmsException isMissing() {
    return new DmsException(
        ErrorCode.COMMAND_REFUSED,
        "The source's stream has %s of %s, which the target does not have, as after the loss of what a"
                .formatted(name, Comparison.printable(originKey()))
            + " server had not written to disk. Start the migration again.");
  }

  private static boolean isLeft(byte[] side) {
    return text(side).equalsIgnoreCase("LEFT");
  }

  private static String text(byte[] argument) {
    return Comparison.printable(argument);
  }
}
