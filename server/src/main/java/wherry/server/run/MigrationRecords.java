package wherry.server.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Shapes;

/**
 * The data migrations in the store. Their runs and tables are kept as those of tasks, in {@link
 * TaskRecords}. Safe for all threads.
 */
public final class MigrationRecords {
  /** The name under which selection rules are sealed: the API treats them as a secret. */
  private static final String SELECTION_RULES = "SelectionRules";

  private final Store store;

  MigrationRecords(Store store) {
    this.store = store;
  }

  public Optional<DataMigration> find(String arn) {
    return store
        .resources()
        .find(arn)
        .filter(r -> r.kind() == ResourceKind.DATA_MIGRATION)
        .map(MigrationRecords::migration);
  }

  public List<DataMigration> list() {
    return store.resources().list(ResourceKind.DATA_MIGRATION).stream()
        .map(MigrationRecords::migration)
        .toList();
  }

  /**
   * Changes a migration if its status is as expected, in one transaction: of two callers with the
   * same expectation one loses.
   */
  public Optional<DataMigration> transition(
      String arn, Predicate<MigrationStatus> from, UnaryOperator<DataMigration> change) {
    return store
        .resources()
        .transition(
            arn,
            found -> from.test(MigrationStatus.of(migration(found))),
            json -> Shapes.encode(change.apply(Shapes.decode(json, DataMigration.class))))
        .map(MigrationRecords::migration);
  }

  /** Keeps selection rules; null for all tables. */
  public void putRules(String arn, String rules) {
    store.resources().putSecrets(arn, Map.of(SELECTION_RULES, rules));
  }

  public SelectionRules rules(String arn) {
    return SelectionRules.parse(store.resources().secrets(arn).getOrDefault(SELECTION_RULES, ""));
  }

  private static DataMigration migration(Resource resource) {
    return Shapes.decode(resource.wireJson(), DataMigration.class);
  }
}
