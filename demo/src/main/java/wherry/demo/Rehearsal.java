package wherry.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.sql.SQLException;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/**
 * A short life of the service, after a build: it starts, answers some calls, moves some rows and
 * ends. Meanwhile the JVM writes down which classes a start needs and how the hot loops behave (JEP
 * 514 and 515, ahead-of-time cache), so that the next start is fast and the next load soon
 * compiled.
 */
final class Rehearsal {
  private static final String DATABASE = "rehearsal";
  private static final String SCHEMA = "tpch";

  /** 120,000 line items: each loop runs often enough to be worth compiling. */
  private static final double SCALE = 0.02;

  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException, SQLException {
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    try (ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client()) {
      client.describeEndpoints();
      client.describeReplicationInstances();
      client.describeReplicationTasks();
      Display silent = new Display(new PrintWriter(Writer.nullWriter()), false);
      try {
        moveRows(new MigrationApi(service, client, silent));
      } catch (SandboxException e) {
        // No private servers on this machine: what has been rehearsed until here is kept.
        System.err.println("Rehearsed without a load: " + e.getMessage());
      }
    }
  }

  /** From PostgreSQL to MariaDB, from there to PostgreSQL, and within PostgreSQL. */
  private static void moveRows(MigrationApi api) throws IOException, SQLException {
    try (PostgresServer postgres = PostgresServer.start();
        MariaDbServer mariaDb = MariaDbServer.start()) {
      postgres.createDatabase(DATABASE);
      postgres.executeIn(DATABASE, "CREATE SCHEMA " + SCHEMA);
      Tpch.load(postgres, DATABASE, SCHEMA, Tpch.lineItem(), SCALE);
      String instance = api.createInstance("rehearsal");
      move(api, instance, postgres, mariaDb, SCHEMA);
      move(api, instance, mariaDb, postgres, "back");
      move(api, instance, postgres, postgres, "copy");
    }
  }

  private static void move(
      MigrationApi api, String instance, DatabaseServer from, DatabaseServer to, String schema) {
    String source = endpoint(api, ReplicationEndpointTypeValue.SOURCE, from, schema);
    String target = endpoint(api, ReplicationEndpointTypeValue.TARGET, to, schema);
    String mappings = Mappings.wholeSchema(SCHEMA, schema);
    String task =
        api.createTask(
            "into-" + schema,
            MigrationTypeValue.FULL_LOAD,
            instance,
            source,
            target,
            mappings,
            "{}");
    api.startTask(task);
    api.awaitStopped(task);
  }

  private static String endpoint(
      MigrationApi api, ReplicationEndpointTypeValue type, DatabaseServer server, String schema) {
    boolean postgres = server instanceof PostgresServer;
    return api.createEndpoint(
        type + "-" + schema,
        type,
        postgres ? Engine.POSTGRESQL : Engine.MARIADB,
        server,
        postgres ? DATABASE : "");
  }
}
