package wherry.elasticache;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Redis 6.2 for Linux on x86-64 out of the library embedded-redis, for machines that have no server
 * of their own.
 */
final class BundledServer {
  private static final String RESOURCE = "/redis-server-6.2.6-v5-linux-amd64";

  private BundledServer() {}

  /** The program in this folder, put there first when it is not; empty for other machines. */
  static Optional<Path> in(Path folder) {
    boolean runsHere =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    if (!runsHere) {
      return Optional.empty();
    }
    Path program = folder.resolve("redis-server");
    if (!Files.exists(program)) {
      unpack(program);
    }
    return Optional.of(program);
  }

  /** Under another name first: a file that is there is whole. */
  private static void unpack(Path program) {
    try (InputStream bytes = BundledServer.class.getResourceAsStream(RESOURCE)) {
      if (bytes == null) {
        throw new IllegalStateException("The resource " + RESOURCE + " is missing from the build.");
      }
      Files.createDirectories(program.getParent());
      Path draft = program.resolveSibling("redis-server.draft");
      Files.copy(bytes, draft, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(draft, program, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("The server " + program + " cannot be written", e);
    }
  }
}
