package wherry.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short-lived commands that prepare a server: they end well or their output tells why. */
final class Commands {
  private static final long TIMEOUT_SECONDS = 120;

  private Commands() {}

  static List<String> line(List<String> command, List<String> arguments) {
    List<String> line = new ArrayList<>(command);
    line.addAll(arguments);
    return line;
  }

  /**
   * Runs to the end with this standard input; throws with the command's output when it does not end
   * with 0.
   */
  static void run(List<String> command, String input) throws IOException {
    Path output = Files.createTempFile("wherry-sandbox-", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        process.destroyForcibly();
        throw new IOException(failure(command, output), e);
      }
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            "after " + TIMEOUT_SECONDS + " s still running: " + failure(command, output));
      }
      if (process.exitValue() != 0) {
        throw new IOException("exit code " + process.exitValue() + ": " + failure(command, output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + command.get(0), e);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static String failure(List<String> command, Path output) throws IOException {
    return String.join(" ", command) + "\n" + Files.readString(output);
  }
}
