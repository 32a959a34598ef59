package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AWS CLI, that is botocore's own idea of the Query protocol, where it is installed. */
class CacheCliIT {
  @TempDir private static Path data;

  @BeforeAll
  static void needBoth() {
    CacheService.assumeServerIsInstalled();
    Assumptions.assumeTrue(
        cliIsInstalled(), "SKIPPED: the AWS CLI ('aws') is not installed on this machine");
  }

  private static boolean cliIsInstalled() {
    try {
      return new ProcessBuilder("aws", "--version").redirectErrorStream(true).start().waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String aws(CacheService service, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("aws", "--endpoint-url", service.url));
    command.addAll(List.of("--region", "eu-central-1", "--output", "text", "elasticache"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder.environment().put("AWS_PAGER", "");
    builder.environment().put("AWS_ACCESS_KEY_ID", "AKIDTEST");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "a secret");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return output.strip();
  }

  @Test
  void the_cli_makes_a_group_sees_it_and_is_told_its_faults() throws Exception {
    try (var service = new CacheService(data)) {
      assertThat(
              aws(
                  service,
                  "create-replication-group",
                  "--replication-group-id",
                  "cli",
                  "--replication-group-description",
                  "by the CLI",
                  "--security-group-ids",
                  "sg-1",
                  "sg-2",
                  "--tags",
                  "Key=stage,Value=test",
                  "--query",
                  "ReplicationGroup.Status"))
          .isEqualTo("creating");
      service.awaitAvailable("cli");
      assertThat(
              aws(
                  service,
                  "describe-cache-clusters",
                  "--show-cache-node-info",
                  "--query",
                  "CacheClusters[].[CacheClusterId,CacheClusterStatus,SecurityGroups[1].SecurityGroupId]"))
          .isEqualTo("cli-001\tavailable\tsg-2");
      assertThat(
              aws(
                  service,
                  "start-migration",
                  "--replication-group-id",
                  "none",
                  "--customer-node-endpoint-list",
                  "Address=127.0.0.1,Port=6379"))
          .contains("An error occurred (ReplicationGroupNotFoundFault) when calling");
    }
  }
}
