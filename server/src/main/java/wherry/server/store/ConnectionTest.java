package wherry.server.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The last test of an endpoint from an instance.
 *
 * @param status {@code testing}, {@code successful} or {@code failed}
 * @param lastFailure why it failed; empty otherwise
 * @param testedAt when it began, to the millisecond
 * @param attempt random; whoever ends a test must name it, so that a test overtaken by a later one
 *     says nothing
 */
public record ConnectionTest(
    String endpointArn,
    String instanceArn,
    String status,
    String lastFailure,
    Instant testedAt,
    String attempt) {
  public ConnectionTest {
    testedAt = testedAt.truncatedTo(ChronoUnit.MILLIS);
  }
}
