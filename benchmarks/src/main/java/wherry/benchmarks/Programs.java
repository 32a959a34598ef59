package wherry.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.sandbox.SandboxException;

/** Programs of other people that a benchmark runs. */
final class Programs {
  private Programs() {}

  /** What to do when a program is not on the PATH; empty when it is. */
  static Optional<String> missing(String program, String packageName) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return Optional.empty();
      }
    }
    return Optional.of(program + " is not installed (Debian: apt-get install " + packageName + ")");
  }

  /** The first number in what a program answers to --version; 0 when it is not there. */
  static int major(String program) {
    try {
      Process process = new ProcessBuilder(program, "--version").start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher number = Pattern.compile("\\d+").matcher(answer);
      return number.find() ? Integer.parseInt(number.group()) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Waits for all to end well; otherwise throws with what they wrote into the log. */
  static void awaitAll(List<Process> processes, Path log) {
    try {
      for (Process process : processes) {
        if (process.waitFor() != 0) {
          processes.forEach(Process::destroyForcibly);
          throw new SandboxException(
              "exit code " + process.exitValue() + ": " + Files.readString(log));
        }
      }
    } catch (IOException e) {
      throw new SandboxException("cannot read " + log, e);
    } catch (InterruptedException e) {
      processes.forEach(Process::destroyForcibly);
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted", e);
    }
  }
}
