package wherry.benchmarks;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import wherry.demo.Engine;
import wherry.demo.Mappings;
import wherry.demo.MigrationApi;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.PostgresServer;

/**
 * A full load by the service, through its API: from the call that starts the task until the moment
 * that the API gives as its end. The task has its default settings but for the number of streams
 * and the moment of the primary key, which is that of the peer.
 */
final class WherryLoad implements Mover {
  private final String name;
  private final String mappings;
  private final ServiceProcess service;
  private final MigrationApi api;
  private final DatabaseServer source;
  private final PostgresServer target;
  private final int streams;
  private final boolean keyAfterLoad;
  private final String instanceArn;
  private final String sourceArn;
  private final String targetArn;
  private final AtomicInteger tasks = new AtomicInteger();
  private String taskArn = "";
  private @Nullable Instant ended;

  /** The table as it is. */
  WherryLoad(
      ServiceProcess service,
      MigrationApi api,
      String instanceArn,
      Engine sourceEngine,
      DatabaseServer source,
      PostgresServer target,
      int streams) {
    this(
        switch (sourceEngine) {
          case POSTGRESQL -> "Wherry PostgreSQL to PostgreSQL";
          case MARIADB -> "Wherry MariaDB to PostgreSQL";
        },
        Mappings.wholeSchema(BenchmarkTable.SCHEMA, BenchmarkTable.SCHEMA),
        service,
        api,
        instanceArn,
        sourceEngine,
        source,
        target,
        streams);
  }

  /**
   * @param mappings that leave the table its name, and all of its rows
   */
  WherryLoad(
      String name,
      String mappings,
      ServiceProcess service,
      MigrationApi api,
      String instanceArn,
      Engine sourceEngine,
      DatabaseServer source,
      PostgresServer target,
      int streams) {
    this.name = name;
    this.mappings = mappings;
    this.service = service;
    this.api = api;
    this.source = source;
    this.target = target;
    this.streams = streams;
    // Like its peer each time: psql copies into a table with its key, pgloader builds keys
    // afterwards.
    this.keyAfterLoad = sourceEngine == Engine.MARIADB;
    this.instanceArn = instanceArn;
    String database = sourceEngine == Engine.POSTGRESQL ? BenchmarkTable.DATABASE : "";
    String suffix = name.replaceAll("[^A-Za-z]+", "-");
    sourceArn =
        api.createEndpoint(
            "source-" + suffix,
            ReplicationEndpointTypeValue.SOURCE,
            sourceEngine,
            source,
            database);
    targetArn =
        api.createEndpoint(
            "target-" + suffix,
            ReplicationEndpointTypeValue.TARGET,
            Engine.POSTGRESQL,
            target,
            BenchmarkTable.DATABASE);
  }

  @Override
  public String name() {
    return name;
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
  public void prepare() {
    BenchmarkTable.clear(target);
    taskArn =
        api.createTask(
            sourceArn.substring(sourceArn.lastIndexOf(':') + 1).replaceAll("[^A-Za-z]", "x")
                + "-"
                + tasks.incrementAndGet(),
            MigrationTypeValue.FULL_LOAD,
            instanceArn,
            sourceArn,
            targetArn,
            mappings,
            "{\"FullLoadSettings\": {\"MaxFullLoadSubTasks\": "
                + streams
                + ", \"CreatePkAfterFullLoad\": "
                + keyAfterLoad
                + "}}");
  }

  @Override
  public void move() {
    api.startTask(taskArn);
    ended = api.awaitStopped(taskArn).replicationTaskStats().stopDate();
  }

  @Override
  public Optional<Instant> ended() {
    return Optional.ofNullable(ended);
  }

  @Override
  public double cpuSeconds() {
    return service.usage().cpuSeconds();
  }
}
