package wherry.redis.migration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/**
 * Which arguments of a command are keys, as the target itself says (COMMAND: name, arity, flags,
 * first key, last key, step; COMMAND GETKEYS where that depends on the arguments).
 */
final class CommandKeys {
  /**
   * @param last negative from the end: -1 is the last argument
   */
  private record Places(int first, int last, int step, boolean movable) {}

  private final Map<String, Places> places = new HashMap<>();
  private final Connection target;

  /**
   * @param target stays open, and is only used here
   */
  CommandKeys(Connection target) {
    this.target = target;
    items(target.call("COMMAND")).forEach(this::add);
  }

  /**
   * Since 7.0 a tenth part lists subcommands, as {@code xgroup|create}; only they have keys then.
   */
  private void add(Reply entry) {
    List<Reply> parts = items(entry);
    boolean movable =
        items(parts.get(2)).stream().anyMatch(flag -> flag.toString().equals("movablekeys"));
    places.put(
        parts.get(0).toString().toUpperCase(Locale.ROOT),
        new Places(number(parts.get(3)), number(parts.get(4)), number(parts.get(5)), movable));
    if (parts.size() > 9) {
      items(parts.get(9)).forEach(this::add);
    }
  }

  /** Whether the target has such a command and it has a key; where it is does not matter. */
  boolean hasKeys(String name, byte[][] command) {
    Places known = of(name, command);
    return known.first() > 0 || known.movable();
  }

  private Places of(String name, byte[][] command) {
    Places known =
        command.length < 2
            ? places.get(name)
            : places.getOrDefault(
                name + "|" + Comparison.printable(command[1]).toUpperCase(Locale.ROOT),
                places.get(name));
    if (known == null) {
      throw new DmsException(
          ErrorCode.COMMAND_REFUSED,
          "The source's stream has %s, which the target %s does not know. Take a target of the"
                  .formatted(name, target.address())
              + " source's version and with its modules.");
    }
    return known;
  }

  /** The key that says where a command belongs, when all its keys belong together. */
  byte[] firstKey(String name, byte[][] command) {
    Places known = of(name, command);
    return known.first() > 0 ? command[known.first()] : keys(name, command).getFirst();
  }

  /** All keys. */
  List<byte[]> keys(String name, byte[][] command) {
    Places known = of(name, command);
    List<byte[]> keys = new ArrayList<>();
    if (known.movable()) {
      byte[][] question = new byte[command.length + 2][];
      question[0] = Command.bytes("COMMAND");
      question[1] = Command.bytes("GETKEYS");
      System.arraycopy(command, 0, question, 2, command.length);
      items(target.call(question)).forEach(key -> keys.add(((Reply.Bytes) key).bytes()));
      return keys;
    }
    int last = known.last() < 0 ? command.length + known.last() : known.last();
    for (int i = known.first(); i <= last; i += Math.max(1, known.step())) {
      keys.add(command[i]);
    }
    return keys;
  }

  private static List<Reply> items(Reply reply) {
    return ((Reply.Array) reply).items();
  }

  private static int number(Reply reply) {
    return (int) ((Reply.Number) reply).value();
  }
}
