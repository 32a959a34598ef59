package wherry.server.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.stream.Stream;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * A task's log, a file in lines as AWS DMS writes them ("Viewing and managing AWS DMS task logs"):
 * {@code 00362696: 2023-02-22T10:09:29 [SOURCE_UNLOAD ]I: message}. Rotated by size. Safe for all
 * threads.
 */
final class TaskLog {
  private static final long FILE_BYTES_MAX = 16L << 20;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  private final Path file;
  private final boolean enabled;
  private volatile Map<String, String> severities;

  /**
   * @param enabled Logging.EnableLogging
   * @param severities of components, as LOGGER_SEVERITY_…
   */
  TaskLog(Path file, boolean enabled, Map<String, String> severities) {
    this.file = file;
    this.enabled = enabled;
    this.severities = severities;
  }

  /** New severities take effect at once. */
  void severities(Map<String, String> changed) {
    severities = changed;
  }

  void write(Component component, Severity severity, String message) {
    if (!enabled || !wants(component, severity)) {
      return;
    }
    String line =
        String.format(
            "%08d: %s [%-16s]%s:  %s%n",
            Thread.currentThread().threadId(),
            TIME.format(Instant.now()),
            component,
            severity.name().charAt(0),
            message.replace("\n", "\n    "));
    append(line);
  }

  private boolean wants(Component component, Severity severity) {
    Severity least =
        switch (severities.getOrDefault(component.name(), "LOGGER_SEVERITY_DEFAULT")) {
          case "LOGGER_SEVERITY_ERROR" -> Severity.ERROR;
          case "LOGGER_SEVERITY_WARNING" -> Severity.WARNING;
          case "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG" -> Severity.DEBUG;
          default -> Severity.INFO;
        };
    return severity.compareTo(least) <= 0;
  }

  private synchronized void append(String line) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      if (Files.exists(file) && Files.size(file) > FILE_BYTES_MAX) {
        Files.move(file, older(file), StandardCopyOption.REPLACE_EXISTING);
      }
      try (Writer writer =
          Files.newBufferedWriter(
              file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        writer.write(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The task log " + file + " cannot be written", e);
    }
  }

  /** Where a task's log is. */
  static Path file(Path logDirectory, String instanceIdentifier, String taskResourceId) {
    return logDirectory
        .resolve("dms-tasks-" + instanceIdentifier)
        .resolve("dms-task-" + taskResourceId + ".log");
  }

  /** Bytes of a log with its rotated part; 0 when there is none. */
  static long bytes(Path file) {
    return Stream.of(file, older(file))
        .filter(Files::exists)
        .mapToLong(part -> {
          try {
            return Files.size(part);
          } catch (IOException e) {
            return 0; // It was rotated away between the two calls.
          }
        })
        .sum();
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(older(file));
    } catch (IOException e) {
      throw new UncheckedIOException("The task log " + file + " cannot be deleted", e);
    }
  }

  private static Path older(Path file) {
    return file.resolveSibling(file.getFileName() + ".1");
  }
}
