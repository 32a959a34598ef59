package wherry.server.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The last test of an endpoint from an instance.
 *
 * @param status {@code testing}, {@code successful} or {@code failed}
 * @param lastFailure why it failed; empty otherwise
 * @param testedAt when it began, to the millisecond
 * @param fingerprint of the endpoint's settings that were tested; another one now means that the
 *     result is stale
 */
public record ConnectionTest(
    String endpointArn,
    String instanceArn,
    String status,
    String lastFailure,
    Instant testedAt,
    String fingerprint) {
  public ConnectionTest {
    testedAt = testedAt.truncatedTo(ChronoUnit.MILLIS);
  }
}
