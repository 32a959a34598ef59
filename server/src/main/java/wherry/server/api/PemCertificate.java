package wherry.server.api;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Collection;
import software.amazon.awssdk.services.databasemigration.model.Certificate;
import wherry.server.wire.Fault;

/** What a PEM text says: one or more X.509 certificates, of which the first is described. */
final class PemCertificate {
  private PemCertificate() {}

  /**
   * @throws Fault InvalidCertificateFault
   */
  static Certificate.Builder parse(String pem) {
    if (pem.contains("PRIVATE KEY")) {
      throw Fault.invalidCertificate(
          "The text contains a private key, which must not be imported: it would be shown to everybody who may describe"
              + " certificates. Give the certificates alone.");
    }
    X509Certificate first = first(pem);
    return Certificate.builder()
        .certificatePem(pem)
        .validFromDate(first.getNotBefore().toInstant())
        .validToDate(first.getNotAfter().toInstant())
        .signingAlgorithm(first.getSigAlgName())
        .keyLength(keyLengthBits(first.getPublicKey()));
  }

  private static X509Certificate first(String pem) {
    Collection<? extends java.security.cert.Certificate> chain;
    try {
      chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw invalid("it cannot be read (" + e.getMessage() + ")");
    }
    for (java.security.cert.Certificate certificate : chain) {
      if (certificate instanceof X509Certificate found) {
        return found;
      }
    }
    throw invalid("it holds no certificate");
  }

  private static Fault invalid(String why) {
    return Fault.invalidCertificate(
        "The CertificatePem is not valid: "
            + why
            + ". It must be one or more X.509 certificates between -----BEGIN"
            + " CERTIFICATE----- and -----END CERTIFICATE-----.");
  }

  private static Integer keyLengthBits(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> rsa.getModulus().bitLength();
      case ECPublicKey ec -> ec.getParams().getCurve().getField().getFieldSize();
      case DSAPublicKey dsa -> dsa.getParams().getP().bitLength();
      case EdECPublicKey ed -> ed.getParams().getName().equals("Ed448") ? 448 : 256;
      default -> throw invalid("its key is of the unknown kind " + key.getAlgorithm());
    };
  }
}
