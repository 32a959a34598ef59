package wherry.sandbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Directories that are expensive to make, made once per user: unpacked binaries, initialised data
 * directories, certificates. An entry is built aside and renamed, so it is either absent or whole,
 * whatever was killed meanwhile.
 */
final class Cache {
  /** Raise it whenever what an entry holds changes. */
  private static final String LAYOUT = "sandbox-1";

  private static final String UNFINISHED = ".unfinished-";

  private Cache() {}

  interface Builder {
    void build(Path directory) throws IOException;
  }

  /**
   * Returns the entry, building it first when it is absent; one JVM builds at a time, the others
   * wait for it.
   */
  static synchronized Path entry(String name, Builder builder) {
    Path root = root();
    Path entry = root.resolve(name);
    if (Files.isDirectory(entry)) {
      return entry;
    }
    try {
      Files.createDirectories(root);
      try (FileChannel channel =
              FileChannel.open(
                  root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !Files.isDirectory(entry)) {
          buildAside(root, entry, builder);
        }
      }
      return entry;
    } catch (IOException e) {
      throw new SandboxException("cannot prepare " + entry + ": " + e, e);
    }
  }

  private static void buildAside(Path root, Path entry, Builder builder) throws IOException {
    deleteUnfinished(root);
    Path aside = Files.createTempDirectory(root, entry.getFileName() + UNFINISHED);
    try {
      builder.build(aside);
      Files.move(aside, entry, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Directories.delete(aside);
    }
  }

  /** We hold the lock, so whatever is unfinished belongs to a JVM that was killed. */
  private static void deleteUnfinished(Path root) throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(root, "*" + UNFINISHED + "*")) {
      leftovers.forEach(Directories::delete);
    }
  }

  private static Path root() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path caches =
        configured == null || configured.isBlank()
            ? Path.of(
                System.getenv().getOrDefault("HOME", System.getProperty("user.home")), ".cache")
            : Path.of(configured);
    return caches.resolve("wherry").resolve(LAYOUT);
  }
}
