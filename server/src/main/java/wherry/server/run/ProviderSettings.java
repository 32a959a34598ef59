package wherry.server.run;

import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.databasemigration.model.DataProvider;
import software.amazon.awssdk.services.databasemigration.model.DataProviderDescriptor;
import software.amazon.awssdk.services.databasemigration.model.MigrationProject;
import tools.jackson.databind.JsonNode;
import wherry.connector.Endpoint;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Shapes;

/**
 * From a migration project's data providers and secrets to what a connector needs. Safe for all
 * threads.
 */
public final class ProviderSettings {
  private final Store store;
  private final Secrets secrets;
  private final Certificates certificates;

  public ProviderSettings(Store store) {
    this.store = store;
    this.secrets = new Secrets(store);
    this.certificates = new Certificates(store);
  }

  /** The member of DataProviderSettings that is an engine's. */
  public static String structure(String engine) {
    return switch (engine) {
      case "mysql", "aurora" -> "MySqlSettings";
      case "mariadb" -> "MariaDbSettings";
      default -> "PostgreSqlSettings";
    };
  }

  /**
   * @throws DmsException SETTING_INVALID when data cannot be moved between two engines as it is
   */
  public static void requireHomogeneous(String source, String target) {
    if (!family(source).equals(family(target))) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "A data migration moves between engines of one family; the source is "
              + source
              + " and the target "
              + target
              + ". Use a replication task.");
    }
  }

  private static String family(String engine) {
    return structure(engine).equals("PostgreSqlSettings") ? "postgresql" : "mysql";
  }

  /**
   * @throws DmsException SETTING_INVALID when the project, a provider or a secret is missing or
   *     cannot be used
   */
  public Endpoint source(String projectArn) {
    return endpoint(project(projectArn).sourceDataProviderDescriptors().getFirst());
  }

  /** As {@link #source}. */
  public Endpoint target(String projectArn) {
    return endpoint(project(projectArn).targetDataProviderDescriptors().getFirst());
  }

  private MigrationProject project(String arn) {
    return Shapes.decode(
        store.resources().find(arn).orElseThrow(() -> gone("migration project", arn)).wireJson(),
        MigrationProject.class);
  }

  private static DmsException gone(String what, String arn) {
    return new DmsException(
        ErrorCode.SETTING_INVALID, "There is no " + what + " " + arn + " any more.");
  }

  private Endpoint endpoint(DataProviderDescriptor descriptor) {
    DataProvider provider = provider(descriptor.dataProviderArn());
    if (Boolean.TRUE.equals(provider.virtual())) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "Data provider "
              + provider.dataProviderName()
              + " is virtual, so there is no database to connect to. Set Virtual to false and give"
              + " its settings with ModifyDataProvider.");
    }
    Map<String, String> settings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    JsonNode given = Shapes.toJson(provider.settings()).path(structure(provider.engine()));
    given.forEachEntry((name, value) -> settings.put(name, value.asString()));
    settings.putAll(
        secrets.login(descriptor.secretsManagerSecretId(), provider.dataProviderName()).settings());
    certificates.addTo(settings);
    return new Endpoint(provider.dataProviderArn(), provider.engine(), settings);
  }

  private DataProvider provider(String arn) {
    return Shapes.decode(
        store
            .resources()
            .find(arn)
            .filter(found -> found.kind() == ResourceKind.DATA_PROVIDER)
            .orElseThrow(() -> gone("data provider", arn))
            .wireJson(),
        DataProvider.class);
  }
}
