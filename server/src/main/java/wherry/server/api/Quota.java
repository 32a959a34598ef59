package wherry.server.api;

import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** How many of each kind an account may have; AWS's defaults. */
enum Quota {
  INSTANCES("ReplicationInstances", ResourceKind.INSTANCE, 60),
  ENDPOINTS("Endpoints", ResourceKind.ENDPOINT, 1000),
  TASKS("ReplicationTasks", ResourceKind.TASK, 600),
  SUBNET_GROUPS("ReplicationSubnetGroups", ResourceKind.SUBNET_GROUP, 60),
  EVENT_SUBSCRIPTIONS("EventSubscriptions", ResourceKind.EVENT_SUBSCRIPTION, 60),
  CERTIFICATES("Certificates", ResourceKind.CERTIFICATE, 100),
  DATA_PROVIDERS("DataProviders", ResourceKind.DATA_PROVIDER, 1000),
  INSTANCE_PROFILES("InstanceProfiles", ResourceKind.INSTANCE_PROFILE, 60),
  MIGRATION_PROJECTS("MigrationProjects", ResourceKind.MIGRATION_PROJECT, 50),
  DATA_MIGRATIONS("DataMigrations", ResourceKind.DATA_MIGRATION, 600);

  /** Storage of all replication instances together, in GB. */
  static final int ALLOCATED_STORAGE_GIGABYTES = 30_000;

  /** Tasks on one replication instance. */
  static final int TASKS_ON_INSTANCE = 200;

  /** Endpoints that the tasks of one replication instance use. */
  static final int ENDPOINTS_ON_INSTANCE = 100;

  /** Data migrations that are under way. */
  static final int DATA_MIGRATIONS_RUNNING = 100;

  private final String wireName;
  private final ResourceKind kind;
  private final int most;

  Quota(String wireName, ResourceKind kind, int most) {
    this.wireName = wireName;
    this.kind = kind;
    this.most = most;
  }

  /** As DescribeAccountAttributes calls it. */
  String wireName() {
    return wireName;
  }

  int most() {
    return most;
  }

  long used(Store store) {
    return store.resources().count(kind);
  }

  /** As {@link #requireRoom}, for a kind. */
  static void check(Store store, ResourceKind kind) {
    for (Quota quota : values()) {
      if (quota.kind == kind) {
        quota.requireRoom(store);
      }
    }
  }

  /**
   * @throws Fault ResourceQuotaExceededFault when one more would be too many
   */
  void requireRoom(Store store) {
    if (used(store) >= most) {
      throw Fault.resourceQuotaExceeded(
          "The quota of "
              + most
              + " "
              + wireName
              + " is used up. Delete some that are not needed first.");
    }
  }
}
