package wherry.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A certificate authority of our own and a server certificate for localhost and 127.0.0.1, as PEM
 * files. They are made by the JDK's keytool on first use and cached, so that no private key stands
 * in the repository.
 *
 * @param ca the authority's certificate
 * @param certificate the server's certificate
 * @param key the server's private key, PKCS#8, readable by its owner only
 */
record Certificates(Path ca, Path certificate, Path key) {
  private static final String PASSWORD = "wherry-sandbox";
  private static final String VALIDITY_DAYS = "36500";

  static Certificates create() {
    Path directory = Cache.entry("certificates", Certificates::build);
    return new Certificates(
        directory.resolve("ca.pem"),
        directory.resolve("server.pem"),
        directory.resolve("server-key.pem"));
  }

  String caPem() {
    try {
      return Files.readString(ca);
    } catch (IOException e) {
      throw new SandboxException("cannot read " + ca, e);
    }
  }

  private static void build(Path directory) throws IOException {
    Path store = directory.resolve("store.p12");
    Path request = directory.resolve("request.pem");
    Path signed = directory.resolve("server.pem");
    keytool(
        store,
        "-genkeypair",
        "-alias",
        "ca",
        "-dname",
        "CN=Wherry sandbox CA",
        "-ext",
        "bc:c=ca:true");
    keytool(store, "-genkeypair", "-alias", "server", "-dname", "CN=localhost");
    keytool(store, "-certreq", "-alias", "server", "-file", request.toString());
    keytool(
        store,
        "-gencert",
        "-alias",
        "ca",
        "-rfc",
        "-validity",
        VALIDITY_DAYS,
        "-ext",
        "san=dns:localhost,ip:127.0.0.1",
        "-infile",
        request.toString(),
        "-outfile",
        signed.toString());
    keytool(
        store,
        "-exportcert",
        "-alias",
        "ca",
        "-rfc",
        "-file",
        directory.resolve("ca.pem").toString());
    writeKey(store, directory.resolve("server-key.pem"));
    Files.delete(store);
    Files.delete(request);
  }

  private static void keytool(Path store, String command, String... arguments) throws IOException {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    List<String> line = Commands.line(List.of(keytool, command), List.of(arguments));
    line.addAll(
        List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
    if (command.equals("-genkeypair")) {
      line.addAll(List.of("-keyalg", "RSA", "-keysize", "2048", "-validity", VALIDITY_DAYS));
    }
    Commands.run(line, "");
  }

  private static void writeKey(Path store, Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(stream, PASSWORD.toCharArray());
      byte[] key = keys.getKey("server", PASSWORD.toCharArray()).getEncoded();
      Base64.Encoder lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          file,
          "-----BEGIN PRIVATE KEY-----\n"
              + lines.encodeToString(key)
              + "\n-----END PRIVATE KEY-----\n");
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot export the server's key: " + e.getMessage(), e);
    }
  }
}
