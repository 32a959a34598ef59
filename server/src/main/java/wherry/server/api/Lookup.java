package wherry.server.api;

import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** Finds what a request names, or says that it is not there. */
final class Lookup {
  private Lookup() {}

  /**
   * @throws Fault ResourceNotFoundFault, also when the ARN is one of another kind; as {@link
   *     #checked}
   */
  static Resource require(Store store, ResourceKind kind, String arn) {
    checked(arn);
    return store
        .resources()
        .find(arn)
        .filter(resource -> resource.kind() == kind)
        .orElseThrow(() -> missing(kind, arn));
  }

  /**
   * @throws Fault InvalidParameterValueException when it is no ARN at all
   */
  static void checked(String arn) {
    if (Arn.parse(arn).isEmpty()) {
      throw Fault.invalidParameterValue(
          "Invalid ARN \"" + arn + "\": it has the form arn:aws:dms:region:account:kind:id.");
    }
  }

  /**
   * @param name ARN or identifier
   */
  static Fault missing(ResourceKind kind, String name) {
    return Fault.resourceNotFound(noun(kind) + " " + name + " not found.");
  }

  /** What one is called in messages. */
  static String noun(ResourceKind kind) {
    return switch (kind) {
      case INSTANCE -> "Replication instance";
      case SUBNET_GROUP -> "Replication subnet group";
      case ENDPOINT -> "Endpoint";
      case TASK -> "Replication task";
      case CERTIFICATE -> "Certificate";
      case EVENT_SUBSCRIPTION -> "Event subscription";
      case DATA_PROVIDER -> "Data provider";
      case INSTANCE_PROFILE -> "Instance profile";
      case MIGRATION_PROJECT -> "Migration project";
      case DATA_MIGRATION -> "Data migration";
      case ASSESSMENT_RUN -> "Assessment run";
      case SECRET -> "Secret";
      case REPLICATION_GROUP -> "Replication group";
      case CACHE_SUBNET_GROUP -> "Cache subnet group";
      case CACHE_PARAMETER_GROUP -> "Cache parameter group";
    };
  }
}
