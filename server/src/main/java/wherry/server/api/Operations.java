package wherry.server.api;

import java.util.ArrayList;
import java.util.List;
import wherry.server.run.ConnectionTester;
import wherry.server.run.Engines;
import wherry.server.run.MigrationSupervisor;
import wherry.server.run.SchemaRefresher;
import wherry.server.run.TaskAssessor;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.Store;
import wherry.server.wire.JsonService;

/** The objects that carry the operations out, for the router. */
public final class Operations {
  private Operations() {}

  /** All of them. */
  public static List<Object> of(
      Store store,
      Engines engines,
      ConnectionTester tester,
      SchemaRefresher refresher,
      TaskSupervisor supervisor,
      TaskAssessor assessor,
      MigrationSupervisor migrations) {
    List<Object> operations =
        new ArrayList<>(of(store, engines, tester, refresher, new TaskHooks(store, supervisor)));
    operations.add(new ReplicationTaskOperations(store, supervisor));
    operations.add(new TaskRunOperations(store, supervisor));
    operations.add(new AssessmentOperations(store, supervisor, assessor));
    operations.add(new DataMigrationOperations(store, migrations));
    operations.add(new DataMigrationRunOperations(store, migrations));
    return operations;
  }

  /** The secrets that data providers log in with, another service on the same port. */
  public static JsonService secrets(Store store) {
    return new SecretOperations(store);
  }

  /** All but those that run something. */
  static List<Object> of(
      Store store,
      Engines engines,
      ConnectionTester tester,
      SchemaRefresher refresher,
      InstanceHooks hooks) {
    AccountFacts account = new AccountFacts(store);
    SubnetGroups subnetGroups = new SubnetGroups(store, account);
    return List.of(
        new ReplicationInstanceOperations(store, subnetGroups, account, hooks),
        new InstanceCatalogOperations(store, hooks),
        new SubnetGroupOperations(store, subnetGroups),
        new EndpointOperations(store, engines, account, tester),
        new EndpointCatalogOperations(engines),
        new ConnectionOperations(store, tester),
        new SchemaOperations(store, refresher),
        new CertificateOperations(store, account),
        new TagOperations(store),
        new EventOperations(store),
        new EventSubscriptionOperations(store),
        new DataProviderOperations(store, engines),
        new InstanceProfileOperations(store, subnetGroups, account),
        new MigrationProjectOperations(store),
        new AccountOperations(store, account));
  }
}
