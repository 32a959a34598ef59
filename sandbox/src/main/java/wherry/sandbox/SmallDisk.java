package wherry.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of a few megabytes for a server's data, which can be filled to the last byte. It is
 * kept in memory (tmpfs(5)) and gone when closed; mounting takes root.
 */
public final class SmallDisk implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Path directory;
  private final Path filler;
  private final Thread shutdownHook;
  private boolean closed;

  private SmallDisk(Path directory) {
    this.directory = directory;
    filler = directory.resolve("filler");
    shutdownHook = new Thread(this::unmount, "wherry-disk-shutdown");
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /** Whether this machine lets us mount one. */
  public static Availability available() {
    try (SmallDisk disk = mount(1)) {
      return disk.directory().toFile().canWrite()
          ? Availability.yes()
          : Availability.no("a mounted file system cannot be written to");
    } catch (SandboxException e) {
      return Availability.no("mounting a small file system takes root: " + e.getMessage());
    }
  }

  public static SmallDisk mount(int mebibytes) {
    Path directory = null;
    try {
      directory = Files.createTempDirectory("wherry-disk-");
      Commands.run(
          List.of(
              "mount",
              "-t",
              "tmpfs",
              "-o",
              "mode=0700,size=" + mebibytes + "m",
              "wherry-sandbox",
              directory.toString()),
          "");
      return new SmallDisk(directory);
    } catch (IOException e) {
      if (directory != null) {
        Directories.delete(directory);
      }
      throw new SandboxException("cannot mount: " + e.getMessage(), e);
    }
  }

  public Path directory() {
    return directory;
  }

  /** Writes a file until nothing more fits. */
  public void fill() {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (directory.toFile().getUsableSpace() > 0) {
        out.write(chunk);
      }
    } catch (IOException full) {
      // No space left on device: what was wanted.
    }
  }

  /** Deletes what {@link #fill} wrote. */
  public void free() {
    try {
      Files.deleteIfExists(filler);
    } catch (IOException e) {
      throw new SandboxException("cannot delete " + filler + ": " + e.getMessage(), e);
    }
  }

  /** Unmounts it; closing twice is fine. It is unmounted when the JVM ends as well. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException alreadyShuttingDown) {
      // The hook unmounts it; whoever comes second finds it done.
    }
    unmount();
  }

  private synchronized void unmount() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      // Lazily: a server that is just ending may still hold a file.
      Commands.run(List.of("umount", "--lazy", directory.toString()), "");
    } catch (IOException e) {
      throw new SandboxException("cannot unmount " + directory + ": " + e.getMessage(), e);
    }
    Directories.delete(directory);
  }
}
