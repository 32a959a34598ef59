package wherry.elasticache;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.redis.ServerAddress;

/**
 * Who may do what on the nodes of a group. While a migration goes on, only it may write: what a
 * client wrote would be lost, or be in the way of what comes.
 *
 * <p>A server that reads its append-only file does so with the rights of its default user, and
 * leaves out the transactions that these do not allow. So as long as it does, that user has all
 * rights and nobody can be it; the restriction follows.
 *
 * @param passwords that clients may log in with; the first is also the nodes' own; none lets
 *     everybody in
 * @param migrator the password of the user that a migration writes as; empty while none goes on
 */
record Access(List<String> passwords, Optional<String> migrator) {
  private static final String MIGRATOR = "wherry-migration";
  private static final List<String> EVERYTHING = List.of("~*", "&*", "+@all");

  Access {
    passwords = List.copyOf(passwords);
  }

  Access withPasswords(List<String> changed) {
    return new Access(changed, migrator);
  }

  Access withMigrator(Optional<String> changed) {
    return new Access(passwords, changed);
  }

  /** How the service itself enters; null where nobody has to log in. */
  ServerAddress.@Nullable Credentials own() {
    if (migrator.isPresent()) {
      return new ServerAddress.Credentials(MIGRATOR, migrator.get());
    }
    return passwords.isEmpty() ? null : new ServerAddress.Credentials(null, passwords.getFirst());
  }

  /** As lines of the configuration file of a server that is started. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("masterauth " + NodeConfiguration.quoted(nodesPassword()));
    lines.add(line("default", clients(/* hasLoaded= */ false)));
    migrator.ifPresent(password -> lines.add(line(MIGRATOR, everything(password))));
    return lines;
  }

  private static String line(String user, List<String> rules) {
    return rules.stream()
        .map(NodeConfiguration::quoted)
        .collect(Collectors.joining(" ", "user " + user + " ", ""));
  }

  /**
   * As commands to a server that runs.
   *
   * @param hasLoaded whether it has read its data
   */
  List<List<String>> commands(boolean hasLoaded) {
    List<List<String>> commands = new ArrayList<>();
    commands.add(List.of("CONFIG", "SET", "masterauth", nodesPassword()));
    migrator.ifPresent(password -> commands.add(setUser(MIGRATOR, everything(password))));
    commands.add(setUser("default", clients(hasLoaded)));
    if (migrator.isEmpty()) {
      commands.add(List.of("ACL", "DELUSER", MIGRATOR)); // Hangs up on whoever is logged in as it.
    }
    return commands;
  }

  private static List<String> setUser(String user, List<String> rules) {
    return concat(List.of("ACL", "SETUSER", user, "reset"), rules);
  }

  private String nodesPassword() {
    return passwords.isEmpty() ? "" : passwords.getFirst();
  }

  private List<String> clients(boolean hasLoaded) {
    List<String> rules = new ArrayList<>(EVERYTHING);
    rules.add(migrator.isPresent() && !hasLoaded ? "off" : "on");
    if (migrator.isPresent() && hasLoaded) {
      rules.add("-@write");
    }
    if (passwords.isEmpty()) {
      rules.add("nopass");
    }
    passwords.forEach(password -> rules.add(">" + password));
    return rules;
  }

  private static List<String> everything(String password) {
    return concat(EVERYTHING, List.of("on", ">" + password));
  }

  private static List<String> concat(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
