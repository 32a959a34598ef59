package wherry.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeConnectionsRequest;
import software.amazon.awssdk.services.databasemigration.model.Filter;

class AwsCommandTest {
  private static final URI ENDPOINT = URI.create("http://127.0.0.1:8080");

  @Test
  void a_request_reads_as_the_command_that_sends_the_same() {
    CreateEndpointRequest request =
        CreateEndpointRequest.builder()
            .endpointIdentifier("source-1")
            .endpointType("source")
            .port(5432)
            .password("it's $ecret")
            .postgreSQLSettings(settings -> settings.heartbeatEnable(true))
            .build();
    assertThat(AwsCommand.of(ENDPOINT, request))
        .startsWith("aws dms create-endpoint --endpoint-url http://127.0.0.1:8080 \\\n")
        .contains(
            "--endpoint-identifier source-1 \\\n", "--port 5432", "--password 'it'\\''s $ecret'")
        .contains("--postgre-sql-settings '{\"HeartbeatEnable\":true}'");
  }

  @Test
  void lists_of_structures_are_json_and_booleans_are_switches() {
    DescribeConnectionsRequest request =
        DescribeConnectionsRequest.builder()
            .filters(Filter.builder().name("endpoint-arn").values("arn:x").build())
            .build();
    assertThat(AwsCommand.of(ENDPOINT, request))
        .endsWith("--filters '[{\"Name\":\"endpoint-arn\",\"Values\":[\"arn:x\"]}]'");
    assertThat(AwsCommand.hyphenated("MultiAZ")).isEqualTo("multi-az");
  }
}
