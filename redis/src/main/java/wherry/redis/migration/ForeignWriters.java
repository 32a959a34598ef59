package wherry.redis.migration;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/**
 * Who else writes to a target, by the command that each of its clients has sent last (CLIENT LIST):
 * one that has sent another since is found when it writes again. For one thread.
 */
public final class ForeignWriters {
  /** Under this name those connect that write for a migration. */
  private static final String OURS = "wherry-migration";

  /** What may write, though its flags do not say so. */
  private static final Set<String> PERHAPS = Set.of("exec", "eval", "evalsha", "fcall");

  private final Set<String> writing = new HashSet<>(PERHAPS);
  private final Set<String> told = new HashSet<>();
  private long lookedAt = System.nanoTime();

  /**
   * @param target whose commands are asked for
   */
  public ForeignWriters(Connection target) {
    items(target.call("COMMAND")).forEach(this::add);
  }

  /** Name, arity, flags and more; since 7.0 a tenth part lists subcommands. */
  private void add(Reply entry) {
    List<Reply> parts = items(entry);
    if (items(parts.get(2)).stream().anyMatch(flag -> flag.toString().equals("write"))) {
      writing.add(parts.getFirst().toString());
    }
    if (parts.size() > 9) {
      items(parts.get(9)).forEach(this::add);
    }
  }

  private static List<Reply> items(Reply reply) {
    return ((Reply.Array) reply).items();
  }

  /** Tells the server that this connection is a migration's. */
  static void exempt(Connection connection) {
    connection.ask(Command.of("CLIENT", "SETNAME", OURS));
  }

  /**
   * Who has written since the last look and was not told before, such as {@code 10.0.0.9 as
   * default, DEL}.
   */
  public List<String> look(Connection target) {
    long now = System.nanoTime();
    long secondsPassed = (now - lookedAt) / 1_000_000_000L;
    lookedAt = now;
    return target
        .text("CLIENT", "LIST")
        .lines()
        .map(ForeignWriters::fields)
        .filter(client -> !client.getOrDefault("name", "").equals(OURS))
        .filter(client -> client.getOrDefault("flags", "").matches("[^MS]+")) // No replica's link.
        .filter(client -> Long.parseLong(client.getOrDefault("idle", "0")) < secondsPassed)
        .filter(client -> writing.contains(client.getOrDefault("cmd", "")))
        .filter(client -> told.add(who(client)))
        .map(client -> who(client) + ", " + client.getOrDefault("cmd", "").toUpperCase(Locale.ROOT))
        .toList();
  }

  /** Without its port, which is another for each connection. */
  private static String who(Map<String, String> client) {
    String address = client.getOrDefault("addr", "");
    String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
    return host + " as " + client.getOrDefault("user", "default");
  }

  /** A line of {@code name=value} words. */
  private static Map<String, String> fields(String line) {
    return Stream.of(line.split(" "))
        .map(word -> word.split("=", 2))
        .filter(word -> word.length == 2)
        .collect(Collectors.toMap(word -> word[0], word -> word[1], (first, second) -> first));
  }
}
