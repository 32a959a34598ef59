package wherry.postgresql;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ssl.WrappedFactory;
import wherry.connector.TlsMode;

/**
 * TLS with the endpoint's imported certificate, which is a text and not a file. Trusts what the PEM
 * text holds, the Java runtime's authorities when it is empty, and anyone under {@link
 * TlsMode#REQUIRE}. The host name is checked by the driver. Public because the driver makes it by
 * name.
 */
public final class TlsSocketFactory extends WrappedFactory {
  static final String CERTIFICATE_PEM = "wherry.certificatePem";

  public TlsSocketFactory(Properties session) throws GeneralSecurityException, IOException {
    boolean verifies = !TlsMode.REQUIRE.word().equals(PGProperty.SSL_MODE.getOrDefault(session));
    TrustManager[] trust =
        verifies
            ? trusting(session.getProperty(CERTIFICATE_PEM, ""))
            : new TrustManager[] {new TrustsAnyone()};
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust, null);
    factory = context.getSocketFactory();
  }

  private static TrustManager[] trusting(String pem) throws GeneralSecurityException, IOException {
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(pem.isBlank() ? null : keyStore(certificates(pem)));
    return managers.getTrustManagers();
  }

  /** The certificates of a PEM text; there may be several. */
  static Collection<? extends Certificate> certificates(String pem)
      throws GeneralSecurityException {
    InputStream bytes = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    return CertificateFactory.getInstance("X.509").generateCertificates(bytes);
  }

  private static @Nullable KeyStore keyStore(Collection<? extends Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (Certificate certificate : certificates) {
      store.setCertificateEntry("certificate-" + number++, certificate);
    }
    return store;
  }

  /**
   * What SslMode=require means: an encrypted line to whoever answers (libpq's documentation, 32.19
   * "SSL Support").
   */
  private static final class TrustsAnyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
