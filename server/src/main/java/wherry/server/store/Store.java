package wherry.server.store;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The metadata store in a data directory: {@code wherry.db}, {@code wherry.key} and {@code
 * wherry.lock}. What a method has returned from is on disk. Safe for all threads.
 */
public final class Store implements AutoCloseable {
  private static final String KEY_CHECK = "encryption-key-check";

  private final DirectoryLock lock;
  private final MetadataDatabase database;
  private final SecretCipher cipher;

  private Store(DirectoryLock lock, MetadataDatabase database, SecretCipher cipher) {
    this.lock = lock;
    this.database = database;
    this.cipher = cipher;
  }

  /**
   * Opens the store, making it first when the directory is new.
   *
   * @param directory made when it is not there
   * @param encryptionKey base64 of 32 bytes (WHERRY_ENCRYPTION_KEY); empty to keep a key in a file
   *     of the directory
   * @throws StoreException when another service has the directory, the disk refuses, or the key is
   *     not the former one
   */
  public static Store open(Path directory, Optional<String> encryptionKey) {
    makeDirectory(directory);
    DirectoryLock lock = DirectoryLock.take(directory);
    try {
      MetadataDatabase database = MetadataDatabase.open(directory.resolve("wherry.db"));
      try {
        return new Store(
            lock, database, cipher(directory, encryptionKey, new MetaValues(database)));
      } catch (RuntimeException e) {
        database.close();
        throw e;
      }
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void makeDirectory(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        ownerOnly(directory);
      }
    } catch (IOException e) {
      throw new StoreException(
          "The data directory " + directory + " cannot be made: " + e.getMessage() + ".", e);
    }
  }

  /** Host names and user names are nobody else's business, even if the passwords are sealed. */
  private static void ownerOnly(Path directory) throws IOException {
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static SecretCipher cipher(
      Path directory, Optional<String> encryptionKey, MetaValues meta) {
    Path file = directory.resolve("wherry.key");
    Optional<String> check = meta.find(KEY_CHECK);
    if (encryptionKey.isEmpty() && !Files.exists(file)) {
      if (check.isPresent()) {
        throw new StoreException(
            "The encryption key "
                + file
                + " is missing; without it the stored passwords cannot be read. Put the file back,"
                + " or give the key in WHERRY_ENCRYPTION_KEY.");
      }
      SecretCipher.createFile(file);
    }
    SecretCipher cipher =
        encryptionKey
            .map(key -> SecretCipher.of(key, "WHERRY_ENCRYPTION_KEY"))
            .orElseGet(() -> SecretCipher.ofFile(file));
    if (check.isPresent()) {
      cipher.open(KEY_CHECK, check.get());
    } else {
      meta.put(KEY_CHECK, cipher.seal(KEY_CHECK, "ok"));
    }
    return cipher;
  }

  public Resources resources() {
    return new Resources(database, cipher);
  }

  public Tags tags() {
    return new Tags(database);
  }

  public Events events() {
    return new Events(database);
  }

  public AccessKeys accessKeys() {
    return new AccessKeys(database, cipher);
  }

  public ConnectionTests connectionTests() {
    return new ConnectionTests(database);
  }

  public SchemaRefreshes schemaRefreshes() {
    return new SchemaRefreshes(database);
  }

  public TaskProgress taskProgress() {
    return new TaskProgress(database);
  }

  public MetaValues meta() {
    return new MetaValues(database);
  }

  /**
   * Does several calls of this store in one transaction: other writers wait, and whatever is thrown
   * undoes all of it. Keep it short, and call nothing but this store in it.
   */
  public <T> T atomically(Supplier<T> work) {
    return database.write(sql -> work.get());
  }

  @Override
  public void close() {
    try {
      database.close();
    } finally {
      lock.close();
    }
  }
}
