package wherry.demo;

import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;

/**
 * A short life of the service, after a build: it starts, answers some calls and ends, so that the
 * JVM can write down which classes a start needs (JEP 514, ahead-of-time cache) and the next start
 * is fast.
 */
final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] arguments) {
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    try (ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client()) {
      client.describeEndpoints();
      client.describeReplicationInstances();
      client.describeReplicationTasks();
    }
  }
}
