package wherry.server.store;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of resources that have an ARN, with the word that stands for them in it. */
public enum ResourceKind {
  INSTANCE("rep"),
  SUBNET_GROUP("subgrp"),
  ENDPOINT("endpoint"),
  TASK("task"),
  CERTIFICATE("cert"),
  EVENT_SUBSCRIPTION("es"),
  DATA_PROVIDER("data-provider"),
  INSTANCE_PROFILE("instance-profile"),
  MIGRATION_PROJECT("migration-project"),
  DATA_MIGRATION("data-migration"),
  ASSESSMENT_RUN("assessment-run"),
  /** Of AWS Secrets Manager; its ARN is of that service. */
  SECRET("secret"),
  REPLICATION_GROUP("replicationgroup"),
  CACHE_SUBNET_GROUP("subnetgroup"),
  CACHE_PARAMETER_GROUP("parametergroup");

  private final String arnSegment;

  ResourceKind(String arnSegment) {
    this.arnSegment = arnSegment;
  }

  /** The sixth part of the ARN, for example {@code rep}. */
  public String arnSegment() {
    return arnSegment;
  }

  public static Optional<ResourceKind> ofArnSegment(String segment) {
    return Arrays.stream(values()).filter(kind -> kind.arnSegment.equals(segment)).findFirst();
  }
}
