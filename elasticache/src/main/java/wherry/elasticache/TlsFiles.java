package wherry.elasticache;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import wherry.redis.ServerAddress;

/**
 * The certificates of all groups with encryption in transit: an authority of this service's own,
 * made by the JDK's keytool on first use, and one server certificate for the address that all nodes
 * listen on. Clients are given the authority's certificate, {@code ca.pem}.
 *
 * @param authority its certificate
 * @param certificate the servers'
 * @param key the servers' private key, PKCS #8, readable by its owner only
 */
public record TlsFiles(Path authority, Path certificate, Path key) {
  private static final String VALIDITY_DAYS = "3650";

  /** Those of a folder, made first when they are not there. */
  static synchronized TlsFiles of(Path folder, String address) {
    TlsFiles files =
        new TlsFiles(
            folder.resolve("ca.pem"),
            folder.resolve("server.pem"),
            folder.resolve("server-key.pem"));
    // The key is written last, so a folder that has one is whole.
    if (!Files.exists(files.key())) {
      files.make(folder, address);
    }
    return files;
  }

  private void make(Path folder, String address) {
    String password = HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
    Path store = folder.resolve("store.p12");
    Path request = folder.resolve("request.pem");
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(store);
      generate(store, password, "ca", "CN=Wherry caches", "-ext", "bc:c=ca:true");
      generate(store, password, "server", "CN=" + address);
      keytool(store, password, "-certreq", "-alias", "server", "-file", request.toString());
      boolean isIp = address.matches("[0-9.]+|.*:.*");
      keytool(
          store,
          password,
          "-gencert",
          "-alias",
          "ca",
          "-rfc",
          "-validity",
          VALIDITY_DAYS,
          "-ext",
          "san=" + (isIp ? "ip:" : "dns:") + address + ",dns:localhost",
          "-infile",
          request.toString(),
          "-outfile",
          certificate.toString());
      keytool(
          store, password, "-exportcert", "-alias", "ca", "-rfc", "-file", authority.toString());
      writeKey(store, password);
      Files.delete(store);
      Files.delete(request);
    } catch (IOException e) {
      throw new UncheckedIOException("The certificates of caches cannot be made in " + folder, e);
    }
  }

  private static void generate(
      Path store, String password, String alias, String name, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("-alias", alias, "-dname", name, "-keyalg", "EC"));
    arguments.addAll(List.of("-groupname", "secp256r1", "-validity", VALIDITY_DAYS));
    arguments.addAll(List.of(more));
    keytool(store, password, "-genkeypair", arguments.toArray(String[]::new));
  }

  private static void keytool(Path store, String password, String command, String... arguments)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    line.add(command);
    line.addAll(List.of(arguments));
    line.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12"));
    line.addAll(List.of("-storepass:env", "WHERRY_STORE_PASSWORD"));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("WHERRY_STORE_PASSWORD", password);
    Process process = builder.start();
    process.getOutputStream().close();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool " + command + " failed: " + answer.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    }
  }

  private void writeKey(Path store, String password) throws IOException {
    try (InputStream stream = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(stream, password.toCharArray());
      byte[] encoded = keys.getKey("server", password.toCharArray()).getEncoded();
      Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
      Path draft = key.resolveSibling("server-key.pem.draft");
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          draft,
          "-----BEGIN PRIVATE KEY-----\n"
              + lines.encodeToString(encoded)
              + "\n-----END PRIVATE KEY-----\n");
      Files.move(draft, key);
    } catch (GeneralSecurityException e) {
      throw new IOException("the servers' key cannot be exported", e);
    }
  }

  /** What whoever connects has to trust. */
  ServerAddress.Tls trust() {
    try {
      String pem = Files.readString(authority, StandardCharsets.US_ASCII);
      return new ServerAddress.Tls(pem, /* verifiesHostname= */ true);
    } catch (IOException e) {
      throw new UncheckedIOException("The certificate " + authority + " cannot be read", e);
    }
  }
}
