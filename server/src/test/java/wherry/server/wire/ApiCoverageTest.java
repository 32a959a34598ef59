package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.ServerConfig;
import wherry.server.Service;
import wherry.server.api.Operations;

class ApiCoverageTest {
  private static final Contract CONTRACT = Contract.load();
  private static final Path PAGE = Path.of("..", "docs", "api-coverage.md");

  /**
   * By the house's rule, the classes of {@code wherry.server.api} whose names end so carry the
   * operations out.
   */
  private static Set<String> carriedOut() throws Exception {
    Set<String> operations = new TreeSet<>();
    Path classes = Path.of(Operations.class.getResource("Operations.class").toURI()).getParent();
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file :
          files.filter(path -> path.toString().endsWith("Operations.class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        operations.addAll(Router.operationsOf(Class.forName("wherry.server.api." + name)).keySet());
      }
    }
    return operations;
  }

  @Test
  void every_operation_is_either_carried_out_or_answered_honestly() throws Exception {
    Set<String> both = new TreeSet<>(carriedOut());
    both.retainAll(UnavailableOperations.table().keySet());
    assertThat(both).as("carried out and yet said to be unavailable").isEmpty();
    Set<String> answered = new TreeSet<>(carriedOut());
    answered.addAll(UnavailableOperations.table().keySet());
    assertThat(answered).isEqualTo(CONTRACT.operations());
  }

  @Test
  void the_service_knows_every_operation_that_is_carried_out(@TempDir Path data) throws Exception {
    var config =
        new ServerConfig(
            0, "127.0.0.1", data, Duration.ZERO, false, Optional.empty(), Optional.empty());
    try (Service service = Service.start(config, Map.of());
        HttpClient client = HttpClient.newHttpClient()) {
      for (String operation : CONTRACT.operations()) {
        ObjectNode request = GeneratedJson.hostileRequest(CONTRACT, operation, new Random(1));
        HttpRequest post =
            HttpRequest.newBuilder(URI.create(service.url()))
                .header("X-Amz-Target", Contract.TARGET_PREFIX + "." + operation)
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(request)))
                .build();
        HttpResponse<String> answer = client.send(post, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body())
            .as(operation)
            .doesNotContain("UnknownOperationException", "InternalFailure");
      }
    }
  }

  @Test
  void the_page_shows_what_the_routes_are() throws Exception {
    String expected = ApiCoverage.render(CONTRACT, carriedOut());
    if (!expected.equals(read())) {
      Files.writeString(PAGE, expected);
      throw new AssertionError(
          "docs/api-coverage.md was out of date; it is written anew now: look at it and commit it.");
    }
  }

  private static String read() throws IOException {
    return Files.exists(PAGE) ? Files.readString(PAGE) : "";
  }
}
