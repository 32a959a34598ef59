package wherry.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import wherry.server.store.AccessKeys;

/**
 * The access keys of the service: those of the environment when given, else made by the first
 * start, which shows them once and leaves them as an AWS profile file that only its owner can read.
 */
final class Credentials {
  private static final String ID_VARIABLE = "WHERRY_ACCESS_KEY_ID";
  private static final String SECRET_VARIABLE = "WHERRY_SECRET_ACCESS_KEY";
  private static final String ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private Credentials() {}

  /**
   * Makes sure that there is a key.
   *
   * @param profile where the AWS profile file goes
   * @return what to tell the user; empty when keys were there already
   */
  static Optional<String> ensure(AccessKeys keys, Map<String, String> environment, Path profile) {
    String id = environment.getOrDefault(ID_VARIABLE, "");
    String secret = environment.getOrDefault(SECRET_VARIABLE, "");
    if (id.isEmpty() != secret.isEmpty()) {
      throw new IllegalArgumentException(
          "Give both "
              + ID_VARIABLE
              + " and "
              + SECRET_VARIABLE
              + ", or neither: only one of them is set.");
    }
    if (!id.isEmpty()) {
      keys.put(id, secret);
      return Optional.empty();
    }
    return keys.ids().isEmpty() ? Optional.of(make(keys, profile)) : Optional.empty();
  }

  private static String make(AccessKeys keys, Path profile) {
    SecureRandom random = new SecureRandom();
    StringBuilder id = new StringBuilder("AKIA");
    random.ints(16, 0, ID_ALPHABET.length()).forEach(i -> id.append(ID_ALPHABET.charAt(i)));
    byte[] bytes = new byte[30];
    random.nextBytes(bytes);
    String secret = Base64.getEncoder().encodeToString(bytes);
    keys.put(id.toString(), secret);
    writeProfile(profile, id.toString(), secret);
    return """
    Access keys were made; they are shown this once:
      AWS_ACCESS_KEY_ID=%s
      AWS_SECRET_ACCESS_KEY=%s
    The AWS CLI finds them with AWS_SHARED_CREDENTIALS_FILE=%s
    """
        .formatted(id, secret, profile.toAbsolutePath());
  }

  private static void writeProfile(Path profile, String id, String secret) {
    try {
      Files.deleteIfExists(profile);
      Files.createFile(
          profile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          profile,
          "[default]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("The profile file " + profile + " cannot be written", e);
    }
  }
}
