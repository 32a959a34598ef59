package wherry.postgresql;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * The program pg_dump of a version that can read the source: it refuses servers that are newer than
 * itself (PostgreSQL manual, "pg_dump", Notes).
 */
final class PgDump {
  private static final Pattern VERSION = Pattern.compile("pg_dump \\(PostgreSQL\\) (\\d+)");
  private static final String WARNING = "pg_dump: warning: ";
  private static final int MESSAGE_CHARACTERS_MAX = 2000;

  /**
   * Folders with one of {@code <version>/bin}: Debian and Ubuntu, the RPMs of postgresql.org, a
   * build from source.
   */
  private static final List<Path> VERSION_FOLDERS =
      List.of(Path.of("/usr/lib/postgresql"), Path.of("/usr"), Path.of("/usr/local"));

  private final Path program;
  private final int major;
  private volatile @Nullable Process running;
  private volatile boolean stopped;

  private PgDump(Path program, int major) {
    this.program = program;
    this.major = major;
  }

  /**
   * The oldest pg_dump here that is at least as new as the server.
   *
   * @throws DmsException SETTING_INVALID, telling what was found and what to install
   */
  static PgDump forServer(int serverMajor) {
    List<PgDump> found = new ArrayList<>();
    for (Path path : candidates()) {
      Optional<PgDump> dump = asked(path);
      if (dump.filter(one -> one.major == serverMajor).isPresent()) {
        return dump.get();
      }
      dump.ifPresent(found::add);
    }
    return found.stream()
        .filter(dump -> dump.major >= serverMajor)
        .min(Comparator.comparingInt(dump -> dump.major))
        .orElseThrow(() -> missing(serverMajor, found));
  }

  /** Whether a server of this version can be read here. */
  static boolean isThereFor(int serverMajor) {
    return candidates().stream()
        .flatMap(path -> asked(path).stream())
        .anyMatch(dump -> dump.major >= serverMajor);
  }

  private static DmsException missing(int serverMajor, List<PgDump> found) {
    String there =
        found.isEmpty()
            ? "none was found on PATH or under /usr/lib/postgresql"
            : found.stream()
                .map(dump -> dump.program + " is of version " + dump.major)
                .collect(Collectors.joining(", "));
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        ("The source is PostgreSQL %d, and carrying its schema objects needs pg_dump of version %d or"
                + " later on the machine of the service: %s. Install postgresql-client-%d (the"
                + " packages of postgresql.org have every version) and start again.")
            .formatted(serverMajor, serverMajor, there, serverMajor));
  }

  /** Those of PATH come last: Debian's is a script that looks for one of the others. */
  private static List<Path> candidates() {
    List<Path> candidates = new ArrayList<>();
    for (Path folder : VERSION_FOLDERS) {
      try (Stream<Path> versions = Files.isDirectory(folder) ? Files.list(folder) : Stream.of()) {
        versions.map(version -> version.resolve("bin/pg_dump")).forEach(candidates::add);
      } catch (IOException e) {
        // A folder that may not be read has no program for us.
      }
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    Arrays.stream(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "pg_dump"))
        .forEach(candidates::add);
    return candidates.stream().filter(Files::isExecutable).distinct().toList();
  }

  private static Optional<PgDump> asked(Path program) {
    try {
      Process process = new ProcessBuilder(program.toString(), "--version").start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = VERSION.matcher(answer);
      return version.find()
          ? Optional.of(new PgDump(program, Integer.parseInt(version.group(1))))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  int major() {
    return major;
  }

  /**
   * Writes the definitions of a whole database into an archive.
   *
   * @return what it warns of, such as objects that the user may not see
   * @throws InterruptedException when it was stopped
   */
  List<String> schema(PostgresSettings source, Path archive) throws InterruptedException {
    Path authorities = authorities(source, archive);
    Path messages = archive.resolveSibling("messages.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                program.toString(),
                "--schema-only",
                "--format=custom",
                "--compress=0",
                "--encoding=UTF8",
                "--no-password",
                "--lock-wait-timeout=" + source.executeTimeoutSeconds() + "s",
                "--file=" + archive)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(messages.toFile());
    environment(builder.environment(), source, authorities);
    try {
      Process process = builder.start();
      running = process;
      if (stopped) {
        process.destroy();
      }
      int exit = process.waitFor();
      if (stopped) {
        throw new InterruptedException("pg_dump was stopped");
      }
      if (exit != 0) {
        throw failed(source, Files.readString(messages));
      }
      return Files.readAllLines(messages).stream()
          .filter(line -> line.startsWith(WARNING))
          .map(line -> line.substring(WARNING.length()) + ".")
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(program + " cannot be run", e);
    }
  }

  private static void environment(
      Map<String, String> environment, PostgresSettings source, Path authorities) {
    environment.keySet().removeIf(name -> name.startsWith("PG"));
    environment.put("PGHOST", source.host());
    environment.put("PGPORT", Integer.toString(source.port()));
    environment.put("PGDATABASE", source.database());
    environment.put("PGUSER", source.user());
    environment.put("PGPASSWORD", source.password());
    environment.put("PGCONNECT_TIMEOUT", Integer.toString(source.connectTimeoutSeconds()));
    environment.put("PGSSLMODE", PostgresSessions.tlsWord(source));
    environment.put("PGSSLROOTCERT", authorities.toString());
    environment.put("LC_ALL", "C");
  }

  /**
   * A file that is there makes {@code require} verify as {@code verify-ca} does (PostgreSQL manual,
   * "SSL Support", table 34.1), so it is there only where it is to be used.
   */
  private static Path authorities(PostgresSettings source, Path archive) {
    Path file = archive.resolveSibling("authorities.pem");
    if (!source.tls().verifies()) {
      return file;
    }
    if (source.certificatePem().isEmpty()) {
      return Path.of("/etc/ssl/certs/ca-certificates.crt");
    }
    try {
      return Files.writeString(file, source.certificatePem());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DmsException failed(PostgresSettings source, String said) {
    String text = said.strip().replaceAll("\\s*\\n\\s*", "; ");
    String shown =
        text.length() > MESSAGE_CHARACTERS_MAX ? text.substring(0, MESSAGE_CHARACTERS_MAX) : text;
    ErrorCode code =
        text.contains("permission denied")
            ? ErrorCode.PRIVILEGE_MISSING
            : text.contains("connection to server")
                ? ErrorCode.CONNECTION_FAILED
                : ErrorCode.SETTING_INVALID;
    return new DmsException(
        code,
        ("pg_dump could not read the definitions of the source database %s: %s. It needs to lock"
                + " every table for a moment, which takes the right to SELECT from all of them.")
            .formatted(source.place(), shown));
  }

  void stop() {
    stopped = true;
    Process process = running;
    if (process != null) {
      process.destroy();
    }
  }
}
