package wherry.server.run;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;

/** The text of imported certificates, for connectors. Safe for all threads. */
final class Certificates {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;

  Certificates(Store store) {
    this.store = store;
  }

  /**
   * Adds CertificatePem to settings that have a CertificateArn.
   *
   * @throws DmsException SETTING_INVALID when the certificate is gone or a wallet
   */
  void addTo(Map<String, String> settings) {
    String arn = settings.getOrDefault("CertificateArn", "");
    if (!arn.isEmpty()) {
      settings.put("CertificatePem", pem(arn));
    }
  }

  private String pem(String arn) {
    String json =
        store
            .resources()
            .find(arn)
            .filter(resource -> resource.kind() == ResourceKind.CERTIFICATE)
            .orElseThrow(() ->
                new DmsException(
                    ErrorCode.SETTING_INVALID, "There is no resource " + arn + " any more."))
            .wireJson();
    String pem = JSON.readTree(json).path("CertificatePem").asString("");
    if (pem.isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "The certificate "
              + arn
              + " is an Oracle wallet, which this engine cannot use. Import a PEM certificate and"
              + " set CertificateArn to it with ModifyEndpoint.");
    }
    return pem;
  }
}
