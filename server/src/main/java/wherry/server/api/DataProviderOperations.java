package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.services.databasemigration.model.CreateDataProviderRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateDataProviderResponse;
import software.amazon.awssdk.services.databasemigration.model.DataProvider;
import software.amazon.awssdk.services.databasemigration.model.DataProviderSettings;
import software.amazon.awssdk.services.databasemigration.model.DeleteDataProviderRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteDataProviderResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeDataProvidersRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeDataProvidersResponse;
import software.amazon.awssdk.services.databasemigration.model.ModifyDataProviderRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyDataProviderResponse;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.run.Engines;
import wherry.server.run.ProviderSettings;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/**
 * Data providers: where a database is, for migration projects. How to get into it is in the secret
 * that the project names. Safe for all threads.
 */
public final class DataProviderOperations {
  private static final Filters<Shelf.Item<DataProvider>> FILTERS =
      Filters.<Shelf.Item<DataProvider>>on("Data providers")
          .byAny(
              "data-provider-identifier",
              item -> List.of(item.arn(), item.shape().dataProviderName()));

  private static final int PORT_MAX = 65_535;
  private static final Set<String> ENGINES_WITH_DATABASE = Set.of("postgres", "aurora-postgresql");

  private final Store store;
  private final Engines engines;
  private final ProjectUse use;
  private final Shelf<DataProvider> shelf;

  DataProviderOperations(Store store, Engines engines) {
    this.store = store;
    this.engines = engines;
    this.use = new ProjectUse(store);
    this.shelf = ProjectUse.providers(store);
  }

  public CreateDataProviderResponse createDataProvider(
      CreateDataProviderRequest request, Caller caller) {
    EngineCatalog.requireServed(engines, request.engine());
    String arn = Arn.fresh(caller, ResourceKind.DATA_PROVIDER, null);
    String name = Identifiers.named("DataProviderName", request.dataProviderName(), arn);
    Map<String, String> tags = TagRules.checked(request.tags());
    DataProvider provider =
        DataProvider.builder()
            .dataProviderArn(arn)
            .dataProviderName(name)
            .dataProviderCreationTime(Instant.now())
            .description(request.description())
            .engine(request.engine())
            .virtual(request.virtual())
            .settings(request.settings())
            .build();
    check(provider);
    shelf.add(arn, name, provider, tags);
    return CreateDataProviderResponse.builder().dataProvider(provider).build();
  }

  private void check(DataProvider provider) {
    ObjectNode settings = Shapes.toJson(provider.settings());
    String structure = ProviderSettings.structure(provider.engine());
    if (settings.size() != 1 || !settings.has(structure)) {
      throw Fault.invalidParameterCombination(
          "A data provider of engine "
              + provider.engine()
              + " has its Settings in "
              + structure
              + ", and in nothing else.");
    }
    if (Boolean.TRUE.equals(provider.virtual())) {
      return; // Never connected to.
    }
    for (String member :
        ENGINES_WITH_DATABASE.contains(provider.engine())
            ? Set.of("ServerName", "DatabaseName")
            : Set.of("ServerName")) {
      if (settings.path(structure).path(member).asString("").isBlank()) {
        throw Fault.invalidParameterValue(
            structure + "." + member + " is missing; without it nothing can be connected to.");
      }
    }
    int port = settings.path(structure).path("Port").asInt(1);
    if (port < 1 || port > PORT_MAX) {
      throw Fault.invalidParameterValue(
          "The value "
              + port
              + " of "
              + structure
              + ".Port is not valid: it must be between 1 and "
              + PORT_MAX
              + ".");
    }
    String certificate = settings.path(structure).path("CertificateArn").asString("");
    if (!certificate.isEmpty()
        && store
            .resources()
            .find(certificate)
            .filter(found -> found.kind() == ResourceKind.CERTIFICATE)
            .isEmpty()) {
      // CreateDataProvider declares no ResourceNotFoundFault.
      throw Fault.failedDependency(
          "Certificate " + certificate + " not found. Import it with ImportCertificate first.");
    }
  }

  public DescribeDataProvidersResponse describeDataProviders(DescribeDataProvidersRequest request) {
    var page = shelf.page(FILTERS, request.filters(), request.maxRecords(), request.marker());
    return DescribeDataProvidersResponse.builder()
        .dataProviders(page.items().stream().map(Shelf.Item::shape).toList())
        .marker(page.marker())
        .build();
  }

  /** Merges the settings member by member, unless ExactSettings says that they are all. */
  public ModifyDataProviderResponse modifyDataProvider(ModifyDataProviderRequest request) {
    String arn = shelf.requireNamed(request.dataProviderIdentifier()).arn();
    if (request.engine() != null) {
      EngineCatalog.requireServed(engines, request.engine());
    }
    if (request.dataProviderName() != null) {
      Identifiers.check("DataProviderName", request.dataProviderName(), 255);
    }
    DataProvider changed =
        shelf.changeNamed(
            arn,
            DataProvider::dataProviderName,
            before -> {
              use.refuseRunning("Data provider", arn);
              DataProvider after = changed(before, request);
              check(after);
              return after;
            });
    return ModifyDataProviderResponse.builder().dataProvider(changed).build();
  }

  private static DataProvider changed(DataProvider before, ModifyDataProviderRequest request) {
    return before.toBuilder()
        .dataProviderName(
            Objects.requireNonNullElse(request.dataProviderName(), before.dataProviderName()))
        .description(request.description() == null ? before.description() : request.description())
        .engine(Objects.requireNonNullElse(request.engine(), before.engine()))
        .virtual(request.virtual() == null ? before.virtual() : request.virtual())
        .settings(settings(before, request))
        .build();
  }

  private static DataProviderSettings settings(
      DataProvider before, ModifyDataProviderRequest request) {
    if (request.settings() == null) {
      return before.settings();
    }
    if (Boolean.TRUE.equals(request.exactSettings())) {
      return request.settings();
    }
    ObjectNode merged = Shapes.toJson(before.settings());
    Shapes.toJson(request.settings())
        .forEachEntry((structure, given) -> {
          ObjectNode into = merged.withObjectProperty(structure);
          given.forEachEntry(into::set);
        });
    String engine = Objects.requireNonNullElse(request.engine(), before.engine());
    if (!engine.equals(before.engine())) {
      merged.retain(ProviderSettings.structure(engine));
    }
    return Shapes.fromJson(merged, DataProviderSettings.class);
  }

  public DeleteDataProviderResponse deleteDataProvider(DeleteDataProviderRequest request) {
    DataProvider deleted =
        shelf.deleteNamed(
            request.dataProviderIdentifier(), arn -> use.refuseAny("Data provider", arn));
    return DeleteDataProviderResponse.builder().dataProvider(deleted).build();
  }
}
