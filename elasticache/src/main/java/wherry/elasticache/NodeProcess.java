package wherry.elasticache;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of a server as a child process that cannot outlive this one: a small shell beside it
 * reads a pipe whose other end we hold, and when that end closes, by {@link #stop} or because this
 * process was killed, it ends the server in order. The configuration goes through the same pipe.
 * Safe for all threads.
 */
final class NodeProcess {
  /**
   * Reads lines up to a single dot as the configuration, then waits for either end. A server that
   * writes its first append-only file, as after each full synchronisation, refuses to end and
   * forgets that it was told; so it is told each second.
   */
  private static final String GUARD =
      """
      configuration=$(while IFS= read -r line && [ "$line" != . ]; do printf '%s\\n' "$line"; done)
      exec 3<&0
      printf '%s\\n' "$configuration" | "$@" - 3<&- &
      server=$!
      unset configuration
      { IFS= read -r line <&3; cd /; while kill "$server" 2>/dev/null; do sleep 1; done; } &
      guard=$!
      exec 3<&-
      wait "$server"
      code=$?
      kill "$guard" 2>/dev/null
      exit "$code"
      """;

  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final long LOG_LIMIT_BYTES = 8 << 20;
  private static final int TAIL_BYTES = 2000;
  private static final int STOP_SECONDS = 10;

  private final Process process;
  private final Path log;

  private NodeProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts the server; it may still fail, which {@link #isAlive} and {@link #logTail} tell.
   *
   * @param directory of its data; made when it is not there
   */
  static NodeProcess start(EngineBinary binary, List<String> configuration, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    Path log = directory.resolve("server.log");
    if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
      Files.delete(log);
    }
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      // Ctrl-C in a terminal reaches only the service, which then ends its servers in order.
      command.add(SETSID.toString());
    }
    command.addAll(List.of("/bin/sh", "-c", GUARD, "sh", binary.path().toString()));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    OutputStream pipe = process.getOutputStream();
    pipe.write((String.join("\n", configuration) + "\n.\n").getBytes(StandardCharsets.UTF_8));
    pipe.flush();
    return new NodeProcess(process, log);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Lets the server write what it has and end; kills it when it does not in {@value #STOP_SECONDS}
   * s.
   */
  void stop() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (IOException pipeIsGone) {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill();
    }
  }

  /** SIGKILL to the server and its guard. */
  void kill() {
    List<ProcessHandle> children = process.descendants().toList();
    children.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** The last lines that the server has logged, on one line, for a message. */
  String logTail() {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - TAIL_BYTES));
      byte[] tail = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(tail);
      return new String(tail, StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.contains("#") || line.contains("rror") || line.contains("***"))
          .map(String::strip)
          .reduce((first, second) -> first + " | " + second)
          .orElse("its log " + log + " tells nothing");
    } catch (IOException e) {
      return "its log " + log + " cannot be read";
    }
  }
}
