package wherry.server.api;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.databasemigration.model.Certificate;
import software.amazon.awssdk.services.databasemigration.model.DeleteCertificateRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteCertificateResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeCertificatesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeCertificatesResponse;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ImportCertificateRequest;
import software.amazon.awssdk.services.databasemigration.model.ImportCertificateResponse;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/** Certificates of authorities that databases are verified against. Safe for all threads. */
public final class CertificateOperations {
  private static final Filters<Shelf.Item<Certificate>> FILTERS =
      Filters.<Shelf.Item<Certificate>>on("Certificates")
          .by("certificate-arn", Shelf.Item::arn)
          .by("certificate-id", item -> item.shape().certificateIdentifier());

  private final Store store;
  private final AccountFacts account;
  private final Shelf<Certificate> shelf;

  CertificateOperations(Store store, AccountFacts account) {
    this.store = store;
    this.account = account;
    this.shelf =
        new Shelf<>(
            store,
            ResourceKind.CERTIFICATE,
            Shapes::encode,
            json -> Shapes.decode(json, Certificate.class));
  }

  public ImportCertificateResponse importCertificate(
      ImportCertificateRequest request, Caller caller) {
    String identifier = Identifiers.certificate(request.certificateIdentifier());
    Map<String, String> tags = TagRules.checked(request.tags());
    String arn = Arn.fresh(caller, ResourceKind.CERTIFICATE, null);
    Certificate certificate =
        content(request)
            .certificateArn(arn)
            .certificateIdentifier(identifier)
            .certificateCreationDate(Instant.now().truncatedTo(ChronoUnit.MILLIS))
            .certificateOwner(caller.accountId())
            .kmsKeyId(
                Objects.requireNonNullElseGet(request.kmsKeyId(), () -> account.kmsKeyArn(caller)))
            .build();
    store.atomically(() -> {
      Quota.CERTIFICATES.requireRoom(store);
      shelf.insert(arn, identifier, certificate);
      store.tags().put(arn, tags);
      return arn;
    });
    return ImportCertificateResponse.builder().certificate(certificate).build();
  }

  private static Certificate.Builder content(ImportCertificateRequest request) {
    boolean hasPem = request.certificatePem() != null && !request.certificatePem().isEmpty();
    boolean hasWallet = request.certificateWallet() != null;
    if (hasPem == hasWallet) {
      throw Fault.invalidParameterCombination("Give either CertificatePem or CertificateWallet.");
    }
    return hasPem
        ? PemCertificate.parse(request.certificatePem())
        : Certificate.builder().certificateWallet(request.certificateWallet());
  }

  public DescribeCertificatesResponse describeCertificates(DescribeCertificatesRequest request) {
    var found = FILTERS.require(request.filters(), shelf.list());
    var page = Page.of(found, Shelf.Item::key, request.maxRecords(), request.marker());
    return DescribeCertificatesResponse.builder()
        .certificates(page.items().stream().map(Shelf.Item::shape).toList())
        .marker(page.marker())
        .build();
  }

  public DeleteCertificateResponse deleteCertificate(DeleteCertificateRequest request) {
    String arn = request.certificateArn();
    Certificate deleted =
        store.atomically(() -> {
          Certificate certificate = shelf.require(arn).shape();
          refuseUsed(arn);
          store.resources().delete(arn);
          return certificate;
        });
    return DeleteCertificateResponse.builder().certificate(deleted).build();
  }

  private void refuseUsed(String arn) {
    List<String> users =
        store.resources().list(ResourceKind.ENDPOINT).stream()
            .map(resource -> Shapes.decode(resource.wireJson(), Endpoint.class))
            .filter(endpoint -> arn.equals(endpoint.certificateArn()))
            .map(Endpoint::endpointIdentifier)
            .toList();
    if (!users.isEmpty()) {
      throw Fault.invalidResourceState(
          "Certificate "
              + arn
              + " is used by endpoint "
              + String.join(", ", users)
              + ". Set another CertificateArn there first.");
    }
  }
}
