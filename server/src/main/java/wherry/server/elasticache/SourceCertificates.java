package wherry.server.elasticache;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.Certificate;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Shapes;

/** The certificates of authorities that were imported with DMS's ImportCertificate. */
final class SourceCertificates {
  private final Store store;

  SourceCertificates(Store store) {
    this.store = store;
  }

  /** What is trusted of a server's authority; null for what the JVM trusts. */
  @Nullable String pemOf(NamedServer server) {
    return server.certificate() == null ? null : pem(server.certificate());
  }

  /**
   * The PEM text of a certificate.
   *
   * @throws wherry.server.wire.Fault InvalidParameterValue when there is none
   */
  String pem(String identifier) {
    return store
        .resources()
        .find(ResourceKind.CERTIFICATE, identifier)
        .map(resource -> Shapes.decode(resource.wireJson(), Certificate.class))
        .flatMap(certificate -> Optional.ofNullable(certificate.certificatePem()))
        .orElseThrow(() ->
            CacheFaults.invalidValue(
                "No PEM certificate "
                    + identifier
                    + " was imported; import it with DMS's ImportCertificate."));
  }
}
