package wherry.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/**
 * From the source's commit to the target's, when one small transaction comes now and then. Both
 * servers keep the time of each commit (track_commit_timestamp) and have the same clock, so nobody
 * has to look on.
 *
 * @param p50 milliseconds
 * @param p99 milliseconds
 */
record IdleLatency(double p50, double p99, int samples) {
  private static final int SAMPLES = 300;
  private static final int PAUSE_MILLISECONDS_LEAST = 20;
  private static final int PAUSE_MILLISECONDS_MOST = 150;
  private static final String COMMITTED =
      "SELECT round(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint"
          + " FROM bench.mark WHERE turn = ";

  /** Measures with whatever carries the source's changes to this database of the target. */
  static IdleLatency measure(PostgresServer source, PostgresServer target, String database) {
    SplittableRandom random = new SplittableRandom(1);
    double[] milliseconds = new double[SAMPLES];
    try (Connection connection = source.connect(ChangeTable.DATABASE);
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO bench.mark VALUES (?)")) {
      for (int sample = 0; sample < SAMPLES; sample++) {
        insert.setInt(1, -1 - sample);
        insert.executeUpdate();
        TimeUnit.MILLISECONDS.sleep(
            random.nextInt(PAUSE_MILLISECONDS_LEAST, PAUSE_MILLISECONDS_MOST));
      }
    } catch (SQLException e) {
      throw new SandboxException("cannot write a sample: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted", e);
    }
    Waiting.until("the last sample", () -> ChangeTable.has(target, database, -SAMPLES));
    for (int sample = 0; sample < SAMPLES; sample++) {
      String query = COMMITTED + (-1 - sample);
      long sent = Long.parseLong(ChangeTable.value(source, ChangeTable.DATABASE, query));
      long arrived = Long.parseLong(ChangeTable.value(target, database, query));
      milliseconds[sample] = (arrived - sent) / 1000.0;
    }
    Arrays.sort(milliseconds);
    return new IdleLatency(milliseconds[SAMPLES / 2], milliseconds[SAMPLES * 99 / 100], SAMPLES);
  }
}
