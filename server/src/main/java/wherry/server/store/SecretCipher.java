package wherry.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets with AES-256-GCM under one key (NIST SP 800-38D: random 96-bit nonce, 128-bit tag).
 * Safe for all threads.
 */
final class SecretCipher {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final SecureRandom random = new SecureRandom();

  private SecretCipher(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /**
   * @param base64 32 bytes
   * @param origin where the key came from, for the message
   */
  static SecretCipher of(String base64, String origin) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          "The encryption key of "
              + origin
              + " is not base64. Make one with: openssl rand -base64 32");
    }
    if (bytes.length != KEY_BYTES) {
      throw new StoreException(
          "The encryption key of "
              + origin
              + " has "
              + bytes.length
              + " bytes, needed are "
              + KEY_BYTES
              + ". Make one with: openssl rand -base64 32");
    }
    return new SecretCipher(bytes);
  }

  static SecretCipher ofFile(Path file) {
    try {
      return of(Files.readString(file, StandardCharsets.US_ASCII), file.toString());
    } catch (IOException e) {
      throw new StoreException(
          "The encryption key " + file + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Makes a key that only the owner may read, on disk whole or not at all: without it nobody opens
   * what is sealed with it.
   */
  static void createFile(Path file) {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    byte[] text =
        (Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII);
    FileAttribute<?>[] ownerOnly =
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(unfinished); // Of a start that was killed right here.
      try (var channel =
          Files.newByteChannel(
              unfinished,
              Set.of(
                  StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
              ownerOnly)) {
        ByteBuffer rest = ByteBuffer.wrap(text);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new StoreException(
          "The encryption key " + file + " cannot be made: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Encrypts.
   *
   * @param owner ARN and name of the secret: a sealed text opens only where it belongs
   * @return base64 of nonce, ciphertext and tag
   */
  String seal(String owner, String secret) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, owner, nonce)
              .doFinal(secret.getBytes(StandardCharsets.UTF_8));
      byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
      return Base64.getEncoder().encodeToString(both);
    } catch (GeneralSecurityException e) {
      throw new StoreException("A secret of " + owner + " cannot be encrypted.", e);
    }
  }

  /**
   * @throws StoreException when the key is another one, or the text was changed or moved
   */
  String open(String owner, String sealed) {
    try {
      byte[] both = Base64.getDecoder().decode(sealed);
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, owner, Arrays.copyOf(both, NONCE_BYTES));
      return new String(
          cipher.doFinal(both, NONCE_BYTES, both.length - NONCE_BYTES), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException e) { // The latter: no base64, cut.
      throw new StoreException(
          "A secret of "
              + owner
              + " cannot be decrypted: the encryption key is not the one it was stored with, or the"
              + " store was changed from outside. Give the former key, or set the secret again.",
          e);
    }
  }

  private Cipher cipher(int mode, String owner, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
