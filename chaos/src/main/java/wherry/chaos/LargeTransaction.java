package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.chaos.Workload.Fence;
import wherry.demo.Display;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.SandboxException;
import wherry.sandbox.ServerOptions;

/** One transaction of many rows between two PostgreSQL servers, by a service of 512 MB of heap. */
final class LargeTransaction {
  private static final Duration LOAD_PATIENCE = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofHours(1);
  private static final long MEBIBYTE = 1 << 20;

  private LargeTransaction() {}

  /**
   * @throws SandboxException when the copy is not equal in the end
   */
  static void run(long rows, Path directory, Display display)
      throws IOException, SQLException, InterruptedException {
    Files.createDirectories(directory);
    try (DatabaseServer from = Dialect.POSTGRES.start(ServerOptions.standard());
        DatabaseServer to = Dialect.POSTGRES.start(ServerOptions.standard());
        Service service = Service.start(directory, Map.of())) {
      Place source = Place.of(Dialect.POSTGRES, from, "shop");
      Place target = Place.of(Dialect.POSTGRES, to, "copy");
      source.createTables();
      target.createSchema();
      TaskApi task = new TaskApi(service, "chaos", source, target);
      task.create(from.port(), to.port(), "{}");
      Workload workload = Workload.start(source, new History(), new SplittableRandom(1));
      workload.close();
      task.start(StartReplicationTaskTypeValue.START_REPLICATION);
      Patience.await("the load", LOAD_PATIENCE, task::isLoaded);
      display.line(String.format(Locale.ROOT, "Writing one transaction of %,d rows", rows));
      from.executeIn(
          source.database(),
          "INSERT INTO %s SELECT 1000000000000 + i, 9, 0, md5(i::text) FROM generate_series(1, %d) i"
              .formatted(source.table(Table.BULK), rows));
      long start = System.nanoTime();
      Fence fence = workload.fence();
      Patience.await(
          "the transaction to arrive",
          PATIENCE,
          () -> {
            task.describe();
            return fence.isIn(target);
          });
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      checkEqual(source, target);
      display.line(
          String.format(
              Locale.ROOT,
              "%,d rows arrived %d s after their commit, once each; most heap in use %d of 512 MB",
              rows,
              took.toSeconds(),
              service.peakHeapBytes() / MEBIBYTE));
    }
  }

  private static void checkEqual(Place source, Place target) throws SQLException {
    for (String figure :
        new String[] {"count(*)", "count(DISTINCT id)", "sum(id - 1000000000000)"}) {
      long wanted = source.number("SELECT " + figure + " FROM " + source.table(Table.BULK));
      long found = target.number("SELECT " + figure + " FROM " + target.table(Table.BULK));
      if (wanted != found) {
        throw new SandboxException("%s is %d instead of %d".formatted(figure, found, wanted));
      }
    }
  }
}
