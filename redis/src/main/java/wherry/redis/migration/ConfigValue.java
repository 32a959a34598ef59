package wherry.redis.migration;

import java.util.Optional;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/** CONFIG GET of one parameter. */
final class ConfigValue {
  private ConfigValue() {}

  static byte[][] get(String name) {
    return Command.of("CONFIG", "GET", name);
  }

  /** Empty where the server does not know the parameter or does not let us ask. */
  static Optional<String> of(Connection server, String name) {
    return server.ask(get(name)) instanceof Reply.Array array && array.items().size() == 2
        ? Optional.of(array.items().get(1).toString())
        : Optional.empty();
  }
}
