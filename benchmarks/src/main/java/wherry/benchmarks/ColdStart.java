package wherry.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import wherry.demo.ServiceProcess;

/** How long after its start the service answers its first call. */
final class ColdStart {
  private static final double NANOS_PER_SECOND = 1e9;

  private ColdStart() {}

  /**
   * Seconds from starting the process, on an empty data directory, to the answer of a signed call.
   */
  static double medianSeconds(int runs) {
    List<Double> seconds = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      long start = System.nanoTime();
      try (ServiceProcess service = ServiceProcess.startTemporary();
          DatabaseMigrationClient client = service.client()) {
        client.describeEndpoints();
        seconds.add((System.nanoTime() - start) / NANOS_PER_SECOND);
      }
    }
    Collections.sort(seconds);
    return seconds.get(seconds.size() / 2);
  }
}
