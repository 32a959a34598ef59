package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.demo.ServiceProcess;

/** The tour of the README through the real AWS CLI, unchanged but for --endpoint-url. */
class AwsCliIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @BeforeAll
  static void needs_the_cli() {
    boolean installed;
    try {
      installed =
          new ProcessBuilder("aws", "--version")
              .redirectErrorStream(true)
              .start()
              .waitFor(60, TimeUnit.SECONDS);
    } catch (IOException e) {
      installed = false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Assumptions.assumeTrue(installed, "The AWS CLI (aws) is not installed; its tests are skipped");
  }

  private record Answer(int exitCode, String output) {
    JsonNode json() {
      assertThat(exitCode).as(output).isZero();
      return JSON.readTree(output);
    }
  }

  private static Answer aws(ServiceProcess service, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("aws", "--endpoint-url", service.endpoint().toString(), "--output", "json"));
    command.addAll(List.of(arguments));
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process
        .environment()
        .putAll(
            Map.of(
                "AWS_ACCESS_KEY_ID", ServiceProcess.ACCESS_KEY_ID,
                "AWS_SECRET_ACCESS_KEY", ServiceProcess.SECRET_ACCESS_KEY,
                "AWS_DEFAULT_REGION", ServiceProcess.REGION,
                "AWS_PAGER", ""));
    try {
      Process running = process.start();
      String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(running.waitFor(), output);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Test
  void moves_a_table_with_the_commands_of_the_guide(@TempDir Path directory) throws IOException {
    String from = newDatabase(postgres());
    String to = newDatabase(postgres());
    postgres()
        .executeIn(
            from,
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "INSERT INTO t VALUES (1, 'one'), (2, NULL)");
    Path mappings = directory.resolve("mappings.json");
    Files.writeString(mappings, Migration.wholeSchema("public", "copied"));
    try (ServiceProcess service = ServiceProcess.startTemporary()) {
      assertThat(aws(service, "sts", "get-caller-identity").json().path("Account").asString())
          .matches("\\d{12}");
      String instance =
          aws(
                  service,
                  "dms",
                  "create-replication-instance",
                  "--replication-instance-identifier",
                  "cli",
                  "--replication-instance-class",
                  "dms.t3.micro")
              .json()
              .path("ReplicationInstance")
              .path("ReplicationInstanceArn")
              .asString();
      aws(
          service,
          "dms",
          "wait",
          "replication-instance-available",
          "--filters",
          "Name=replication-instance-arn,Values=" + instance);
      String source = createEndpoint(service, "source", from);
      String target = createEndpoint(service, "target", to);
      for (String endpoint : List.of(source, target)) {
        aws(
                service,
                "dms",
                "test-connection",
                "--replication-instance-arn",
                instance,
                "--endpoint-arn",
                endpoint)
            .json();
        assertThat(
                aws(
                        service,
                        "dms",
                        "wait",
                        "test-connection-succeeds",
                        "--filters",
                        "Name=endpoint-arn,Values=" + endpoint)
                    .exitCode())
            .isZero();
      }
      String task =
          aws(
                  service,
                  "dms",
                  "create-replication-task",
                  "--replication-task-identifier",
                  "cli",
                  "--source-endpoint-arn",
                  source,
                  "--target-endpoint-arn",
                  target,
                  "--replication-instance-arn",
                  instance,
                  "--migration-type",
                  "full-load",
                  "--table-mappings",
                  "file://" + mappings)
              .json()
              .path("ReplicationTask")
              .path("ReplicationTaskArn")
              .asString();
      String filter = "Name=replication-task-arn,Values=" + task;
      assertThat(
              aws(service, "dms", "wait", "replication-task-ready", "--filters", filter).exitCode())
          .isZero();
      JsonNode started =
          aws(
                  service,
                  "dms",
                  "start-replication-task",
                  "--replication-task-arn",
                  task,
                  "--start-replication-task-type",
                  "start-replication")
              .json();
      assertThat(started.path("ReplicationTask").path("Status").asString()).isEqualTo("starting");
      assertThat(
              aws(service, "dms", "wait", "replication-task-running", "--filters", filter)
                  .exitCode())
          .isZero();
      assertThat(
              aws(service, "dms", "wait", "replication-task-stopped", "--filters", filter)
                  .exitCode())
          .isZero();
      JsonNode statistics =
          aws(service, "dms", "describe-table-statistics", "--replication-task-arn", task)
              .json()
              .path("TableStatistics");
      assertThat(statistics).hasSize(1);
      assertThat(statistics.get(0).path("FullLoadRows").asInt()).isEqualTo(2);
      assertThat(rows(postgres(), to, "SELECT * FROM copied.t ORDER BY id"))
          .containsExactly("1|one", "2|null");

      Answer missing =
          aws(
              service,
              "dms",
              "describe-replication-tasks",
              "--filters",
              "Name=replication-task-arn,Values=" + task + "X");
      assertThat(missing.exitCode()).isNotZero();
      assertThat(missing.output())
          .contains("ResourceNotFoundFault")
          .contains("No Tasks found matching provided filters");
    }
  }

  private static String createEndpoint(ServiceProcess service, String type, String database) {
    return aws(
            service,
            "dms",
            "create-endpoint",
            "--endpoint-identifier",
            type,
            "--endpoint-type",
            type,
            "--engine-name",
            "postgres",
            "--server-name",
            postgres().host(),
            "--port",
            String.valueOf(postgres().port()),
            "--username",
            postgres().user(),
            "--password",
            postgres().password(),
            "--database-name",
            database)
        .json()
        .path("Endpoint")
        .path("EndpointArn")
        .asString();
  }
}
