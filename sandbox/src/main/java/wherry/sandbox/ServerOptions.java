package wherry.sandbox;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a private server runs.
 *
 * @param tls whether it offers TLS, with a certificate for localhost and 127.0.0.1
 * @param durable whether commits reach the disk; without it they survive a killed server, but not a
 *     killed machine
 * @param settings the server's own settings by their own names, they win over ours
 * @param parent where it makes its directory; empty for the system's temporary one
 * @param environment variables that its processes have beyond ours
 */
public record ServerOptions(
    boolean tls,
    boolean durable,
    Map<String, String> settings,
    Optional<Path> parent,
    Map<String, String> environment) {
  public ServerOptions {
    settings = Map.copyOf(settings);
    environment = Map.copyOf(environment);
  }

  /** Plain TCP, not durable, our settings. */
  public static ServerOptions standard() {
    return new ServerOptions(false, false, Map.of(), Optional.empty(), Map.of());
  }

  public ServerOptions withTls() {
    return new ServerOptions(true, durable, settings, parent, environment);
  }

  public ServerOptions withDurableCommits() {
    return new ServerOptions(tls, true, settings, parent, environment);
  }

  /** Keeps the data below this directory, such as that of a {@link SmallDisk}. */
  public ServerOptions in(Path directory) {
    return new ServerOptions(tls, durable, settings, Optional.of(directory), environment);
  }

  /** Gives its processes these variables, such as those of a {@link ShiftedClock}. */
  public ServerOptions withEnvironment(Map<String, String> variables) {
    return new ServerOptions(tls, durable, settings, parent, variables);
  }

  /** Adds one setting, such as {@code local_infile=0} or {@code innodb_buffer_pool_size=512M}. */
  public ServerOptions with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(name, value);
    return new ServerOptions(tls, durable, more, parent, environment);
  }

  /**
   * Ours overlaid with the user's; names compare with {@code -} and {@code _} alike, as the servers
   * do.
   */
  Map<String, String> over(Map<String, String> ours) {
    Map<String, String> merged = new LinkedHashMap<>();
    ours.forEach((name, value) -> merged.put(name.replace('-', '_'), value));
    settings.forEach((name, value) -> merged.put(name.replace('-', '_'), value));
    return merged;
  }
}
