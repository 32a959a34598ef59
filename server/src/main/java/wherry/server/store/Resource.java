package wherry.server.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A thing that the API made.
 *
 * @param kind what it is
 * @param arn unique for all kinds; never changes
 * @param identifier unique within the kind when compared without case; as the API shows it
 * @param wireJson the SDK's shape as JSON, without secrets
 * @param createdAt to the millisecond; never changes
 */
public record Resource(
    ResourceKind kind, String arn, String identifier, String wireJson, Instant createdAt) {
  public Resource {
    createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
  }

  public Resource withWireJson(String json) {
    return new Resource(kind, arn, identifier, json, createdAt);
  }
}
