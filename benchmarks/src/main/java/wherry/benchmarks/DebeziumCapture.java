package wherry.benchmarks;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import wherry.sandbox.SandboxException;

/**
 * Debezium's embedded engine, which hands its records over as they are (no JSON), with its default
 * settings but for the snapshot and the second record of each delete, which it leaves out.
 */
public final class DebeziumCapture {
  static final String SLOT = "bench_debezium";

  private final int turn;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile long records;
  private volatile @Nullable Throwable failure;

  private DebeziumCapture(int turn) {
    this.turn = turn;
  }

  /** Arguments: host, port, user, password, turn. */
  public static void main(String[] arguments) throws Exception {
    Properties settings = new Properties();
    settings.setProperty("name", "bench");
    settings.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    settings.setProperty(
        "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    settings.setProperty("offset.flush.interval.ms", "1000");
    settings.setProperty("topic.prefix", "bench");
    settings.setProperty("database.hostname", arguments[0]);
    settings.setProperty("database.port", arguments[1]);
    settings.setProperty("database.user", arguments[2]);
    settings.setProperty("database.password", arguments[3]);
    settings.setProperty("database.dbname", ChangeTable.DATABASE);
    settings.setProperty("plugin.name", "pgoutput");
    settings.setProperty("slot.name", SLOT);
    settings.setProperty("publication.name", SLOT);
    settings.setProperty("publication.autocreate.mode", "disabled");
    settings.setProperty("table.include.list", "bench.item,bench.mark");
    settings.setProperty("snapshot.mode", "no_data");
    settings.setProperty("tombstones.on.delete", "false");
    // Threads of Debezium's may outlive the engine and would keep the process alive.
    try {
      new DebeziumCapture(Integer.parseInt(arguments[4])).run(settings);
      System.exit(0);
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private void run(Properties settings) throws Exception {
    DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine =
        DebeziumEngine.create(Connect.class)
            .using(settings)
            .using((success, message, error) -> {
              if (!success) {
                failure = new SandboxException("Debezium ended: " + message, error);
              }
              done.countDown();
            })
            .notifying(this::take)
            .build();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    thread.execute(engine);
    done.await();
    engine.close();
    thread.shutdown();
    if (failure != null) {
      throw new SandboxException("the turn was not captured", failure);
    }
    System.out.println("turn " + turn + ": " + records + " records");
  }

  private void take(
      List<ChangeEvent<SourceRecord, SourceRecord>> batch,
      DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
      throws InterruptedException {
    records += batch.size();
    for (ChangeEvent<SourceRecord, SourceRecord> event : batch) {
      if (event.value().value() instanceof Struct value && isMark(event.value(), value)) {
        committer.markProcessed(event);
        committer.markBatchFinished();
        done.countDown();
        return;
      }
      committer.markProcessed(event);
    }
    committer.markBatchFinished();
  }

  private boolean isMark(SourceRecord record, Struct value) {
    return record.topic().endsWith(".mark") && value.getStruct("after").getInt32("turn") == turn;
  }
}
