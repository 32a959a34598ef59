package wherry.benchmarks;

import java.util.Optional;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.PostgresServer;

/** The peer: PostgreSQL's own logical replication, with its default settings. */
final class NativeReplication implements Replicator {
  private static final String DATABASE = "native";
  private static final String SUBSCRIPTION = "bench_native";

  private final PostgresServer source;
  private final PostgresServer target;
  private int turn;

  /** Copies the source's tables and returns when the copy is complete. */
  NativeReplication(PostgresServer source, PostgresServer target) {
    this.source = source;
    this.target = target;
    target.createDatabase(DATABASE);
    ChangeTable.createTables(target, DATABASE);
    source.executeIn(
        ChangeTable.DATABASE, "CREATE PUBLICATION bench_native FOR TABLE bench.item, bench.mark");
    target.executeIn(
        DATABASE,
        "CREATE SUBSCRIPTION %s CONNECTION 'host=%s port=%d dbname=%s user=%s password=%s' PUBLICATION bench_native"
            .formatted(
                SUBSCRIPTION,
                source.host(),
                source.port(),
                ChangeTable.DATABASE,
                source.user(),
                source.password()));
    Waiting.until(
        "the subscription's first copy",
        () ->
            ChangeTable.value(
                    target,
                    DATABASE,
                    "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'")
                .equals("0"));
    target.executeIn(DATABASE, "VACUUM (FREEZE, ANALYZE) bench.item");
  }

  @Override
  public String name() {
    return "CREATE SUBSCRIPTION";
  }

  @Override
  public DatabaseServer source() {
    return source;
  }

  @Override
  public DatabaseServer target() {
    return target;
  }

  @Override
  public Optional<String> copy() {
    return Optional.of(DATABASE);
  }

  @Override
  public void upTo(int turn) {
    this.turn = turn;
  }

  @Override
  public void prepare() {
    target.executeIn(DATABASE, "ALTER SUBSCRIPTION " + SUBSCRIPTION + " DISABLE");
    Waiting.until(
        "the subscription to rest",
        () ->
            ChangeTable.value(
                    source,
                    ChangeTable.DATABASE,
                    "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '%s' AND active"
                        .formatted(SUBSCRIPTION))
                .equals("0"));
  }

  @Override
  public void move() {
    target.executeIn(DATABASE, "ALTER SUBSCRIPTION " + SUBSCRIPTION + " ENABLE");
    ChangeTable.await(target, DATABASE, turn, () -> {});
  }

  /** All of its work is done by the servers. */
  @Override
  public double cpuSeconds() {
    return 0;
  }
}
