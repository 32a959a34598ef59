package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The AWS CLI, that is botocore's real signer and parser, where it is installed. */
class AwsCliIT {
  private static HttpApi api;

  private record Outcome(int exitCode, String output) {}

  @BeforeAll
  static void start() {
    Assumptions.assumeTrue(
        cliIsInstalled(), "SKIPPED: the AWS CLI ('aws') is not installed on this machine");
    var keys =
        new SigV4(
            id -> id.equals("AKIDTEST") ? Optional.of("a secret") : Optional.empty(),
            Clock.systemUTC());
    Router router = new Router(Contract.load(), List.of(new EchoApi()));
    api =
        HttpApi.start(
            HttpConfig.loopback(0, "1").withAccountId("123456789012"),
            router,
            Optional.of(keys),
            () -> "");
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      api.close();
    }
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

  private static Outcome aws(String secret, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("aws", "--endpoint-url", "http://127.0.0.1:" + api.port()));
    command.addAll(List.of("--region", "eu-central-1", "--output", "json"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder.environment().put("AWS_PAGER", "");
    builder.environment().put("AWS_ACCESS_KEY_ID", "AKIDTEST");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", secret);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    String errors = new String(process.getErrorStream().readAllBytes());
    return new Outcome(process.waitFor(), output.isEmpty() ? errors : output);
  }

  @Test
  void the_cli_creates_and_lists_an_endpoint() throws Exception {
    Outcome created =
        aws(
            "a secret",
            "dms",
            "create-endpoint",
            "--endpoint-identifier",
            "orders",
            "--endpoint-type",
            "source",
            "--engine-name",
            "mysql",
            "--port",
            "3306");
    assertThat(created.exitCode()).as(created.output()).isZero();
    Outcome listed =
        aws("a secret", "dms", "describe-endpoints", "--query", "Endpoints[].EndpointArn");
    assertThat(Json.parse(listed.output()).get(0).asString())
        .isEqualTo("arn:aws:dms:eu-central-1:123456789012:endpoint:orders");
  }

  @Test
  void the_cli_shows_faults_with_code_and_message() throws Exception {
    Outcome missing =
        aws("a secret", "dms", "describe-endpoints", "--filters", "Name=endpoint-id,Values=x");
    assertThat(missing.exitCode()).isNotZero();
    assertThat(missing.output())
        .contains(
            "An error occurred (ResourceNotFoundFault) when calling the DescribeEndpoints operation: "
                + "No Endpoints found matching provided filters");
  }

  @Test
  void the_cli_with_a_wrong_secret_is_refused() throws Exception {
    assertThat(aws("another secret", "dms", "describe-endpoints").output())
        .contains("(InvalidSignatureException)");
    assertThat(aws("another secret", "sts", "get-caller-identity").output())
        .contains("(SignatureDoesNotMatch)");
  }

  @Test
  void the_cli_learns_who_it_is() throws Exception {
    Outcome identity = aws("a secret", "sts", "get-caller-identity");
    assertThat(Json.parse(identity.output()).get("Account").asString()).isEqualTo("123456789012");
  }
}
