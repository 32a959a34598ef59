package wherry.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A wall clock that can jump, for processes that are started with its {@link #environment}; all
 * others keep the machine's. By libfaketime, which stands between them and the C library; how long
 * something takes they measure as ever.
 */
public final class ShiftedClock implements AutoCloseable {
  /** Where Debian and Ubuntu have it; it is of the processor's architecture. */
  private static final List<Path> LIBRARIES =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

  private final Path directory;

  private ShiftedClock(Path directory) {
    this.directory = directory;
  }

  public static Availability available() {
    return LIBRARIES.stream().anyMatch(Files::exists)
        ? Availability.yes()
        : Availability.no(
            "shifting a clock takes libfaketime; install it with: apt-get install libfaketime");
  }

  /** A clock that goes as the machine's does, until it is shifted. */
  public static ShiftedClock create() {
    try {
      ShiftedClock clock = new ShiftedClock(Files.createTempDirectory("wherry-clock-"));
      clock.shift(Duration.ZERO);
      // In the reverse order, when the JVM ends without having closed it.
      clock.directory.toFile().deleteOnExit();
      clock.offset().toFile().deleteOnExit();
      return clock;
    } catch (IOException e) {
      throw new SandboxException("cannot make a clock: " + e.getMessage(), e);
    }
  }

  /** Variables of the processes that are to have this clock. */
  public Map<String, String> environment() {
    Path library =
        LIBRARIES.stream()
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(() -> new SandboxException(available().reason()));
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FAKETIME_TIMESTAMP_FILE", offset().toString(),
        "FAKETIME_NO_CACHE", "1",
        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
        // Or else waiting for so long on the monotonic clock ends at once.
        "FAKETIME_FORCE_MONOTONIC_FIX", "0",
        "NO_FAKE_STAT", "1");
  }

  /** Lets it jump to so much ahead of the machine's, or behind it where that is negative. */
  public void shift(Duration ahead) {
    try {
      Path next = directory.resolve("next");
      Files.writeString(next, String.format(Locale.ROOT, "%+.3f", ahead.toMillis() / 1000.0));
      Files.move(next, offset(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new SandboxException("cannot shift the clock: " + e.getMessage(), e);
    }
  }

  private Path offset() {
    return directory.resolve("offset");
  }

  @Override
  public void close() {
    Directories.delete(directory);
  }
}
