package wherry.elasticache;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server programs of this machine: those that {@code WHERRY_CACHE_SERVERS} names (paths with
 * {@code :} between them), or else {@code redis-server} and {@code valkey-server} on the PATH and
 * where Debian and others install them, or else {@link BundledServer}. Looked for when first
 * needed. Safe for all threads.
 */
public final class EngineBinaries {
  /** The environment variable that names the programs. */
  public static final String VARIABLE = "WHERRY_CACHE_SERVERS";

  private static final List<String> USUAL_FOLDERS =
      List.of("/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/homebrew/bin");

  /** {@code Redis server v=7.0.15 sha=...}, {@code Valkey server v=8.1.1 sha=...}. */
  private static final Pattern VERSION =
      Pattern.compile("(Redis|Valkey) server v=(\\d+\\.\\d+\\.\\d+)\\b.*", Pattern.DOTALL);

  private final Map<String, String> environment;
  private final List<String> usualFolders;
  private final Path bundled;
  private List<EngineBinary> found = List.of();

  /**
   * @param bundled the folder for the server that comes along
   */
  public EngineBinaries(Map<String, String> environment, Path bundled) {
    this(environment, USUAL_FOLDERS, bundled);
  }

  EngineBinaries(Map<String, String> environment, List<String> usualFolders, Path bundled) {
    this.environment = environment;
    this.usualFolders = usualFolders;
    this.bundled = bundled;
  }

  /** All of them, the preferred first; empty when nothing is installed. */
  public synchronized List<EngineBinary> all() {
    if (found.isEmpty()) {
      found = candidates().stream().flatMap(path -> ask(path).stream()).toList();
    }
    return found;
  }

  private Set<Path> candidates() {
    String named = environment.getOrDefault(VARIABLE, "");
    Set<Path> candidates = new LinkedHashSet<>();
    if (!named.isBlank()) {
      Arrays.stream(named.split(File.pathSeparator)).map(Path::of).forEach(candidates::add);
      return candidates;
    }
    List<String> folders =
        new ArrayList<>(List.of(environment.getOrDefault("PATH", "").split(File.pathSeparator)));
    folders.addAll(usualFolders);
    for (Engine engine : Engine.values()) {
      folders.stream()
          .filter(folder -> !folder.isBlank())
          .map(folder -> Path.of(folder, engine.program()))
          .filter(Files::isExecutable)
          .findFirst()
          .ifPresent(candidates::add);
    }
    if (candidates.isEmpty()) {
      BundledServer.in(bundled).ifPresent(candidates::add);
    }
    return candidates;
  }

  private static Optional<EngineBinary> ask(Path path) {
    try {
      Process process =
          new ProcessBuilder(path.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = VERSION.matcher(answer);
      return version.matches()
          ? Engine.of(version.group(1))
              .map(engine -> new EngineBinary(engine, version.group(2), path))
          : Optional.empty();
    } catch (IOException notRunnable) {
      return Optional.empty();
    }
  }
}
