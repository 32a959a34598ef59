package wherry.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One run of a server: the child process with all its children, and its log. */
final class ServerProcess {
  private static final int LOG_LINES = 40;
  private static final long DEATH_TIMEOUT_SECONDS = 60;

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static ServerProcess start(
      List<String> command, Path directory, Path log, Map<String, String> environment) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(OwnSession.of(command))
              .directory(directory.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      return new ServerProcess(builder.start(), log);
    } catch (IOException e) {
      throw new SandboxException("cannot run " + command.get(0) + ": " + e.getMessage(), e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits a moment; true when the process ended within it. */
  boolean endsWithin(long milliseconds) {
    try {
      return process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while waiting for process " + pid(), e);
    }
  }

  /** Sends a signal by its name, such as INT, to the server's first process. */
  void signal(String name) {
    try {
      // The shell's own kill: procps is not on every machine, and Java can send only TERM and KILL.
      new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid()).start().waitFor();
    } catch (IOException e) {
      throw new SandboxException("cannot signal process " + pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while signalling process " + pid(), e);
    }
  }

  /** SIGKILL to the server and to all its children; returns when none of them is left. */
  void kill() {
    Set<Path> shared = sharedMemory();
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    awaitDeath(process.toHandle());
    children.forEach(this::awaitDeath);
    // A killed server cannot give back its named shared memory, and who closes it then never starts
    // it again.
    shared.forEach(Directories::delete);
  }

  /** The files of shared memory that the first process maps. */
  Set<Path> sharedMemory() {
    try (Stream<String> maps = Files.lines(Path.of("/proc", Long.toString(pid()), "maps"))) {
      return maps.filter(line -> line.contains(" /dev/shm/") && !line.endsWith("(deleted)"))
          .map(line -> Path.of(line.substring(line.indexOf("/dev/shm/"))))
          .collect(Collectors.toSet());
    } catch (IOException | UncheckedIOException ended) {
      return Set.of();
    }
  }

  private void awaitDeath(ProcessHandle handle) {
    try {
      handle.onExit().get(DEATH_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while killing process " + handle.pid(), e);
    } catch (ExecutionException | TimeoutException e) {
      throw new SandboxException("process " + handle.pid() + " does not die", e);
    }
  }

  String logTail() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ProcessUsage usage() {
    return new ProcessUsage(process.toHandle());
  }
}
