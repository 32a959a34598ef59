package wherry.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the service runs.
 *
 * @param port 0 for a free one
 * @param bind address to listen on; loopback unless the user says otherwise
 * @param data folder of the store, keys and logs
 * @param compatDwell how long a finished load stays {@code running} until some client has seen it
 * @param authentication false for throw-away use without signatures
 * @param tls certificate and key as PEM files
 * @param accountId twelve digits of the account that resources belong to; empty for the store's own
 */
public record ServerConfig(
    int port,
    String bind,
    Path data,
    Duration compatDwell,
    boolean authentication,
    Optional<Tls> tls,
    Optional<String> accountId) {

  public record Tls(Path certificate, Path key) {}

  /** All that is wrong with it, one sentence each; empty when nothing is. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (port < 0 || port > 65_535) {
      problems.add("--port must be 0 to 65535, not " + port + ".");
    }
    if (compatDwell.isNegative() || compatDwell.compareTo(Duration.ofHours(1)) > 0) {
      problems.add("--compat-dwell must be 0s to 1h, not " + compatDwell + ".");
    }
    accountId
        .filter(id -> !id.matches("\\d{12}"))
        .ifPresent(id -> problems.add("--account must be twelve digits, not " + id + "."));
    return problems;
  }
}
