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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.ServerConfig;
import wherry.server.Service;
import wherry.server.api.Operations;
import wherry.server.elasticache.CacheOperations;

class ApiCoverageTest {
  private static final Contract CONTRACT = Contract.load();
  private static final Path PAGE = Path.of("..", "docs", "api-coverage.md");

  private static final Contract ELASTI_CACHE = Contract.elastiCache();

  /**
   * By the house's rule, the classes of these packages whose names end so carry the operations out.
   */
  private static Set<String> carriedOut(Class<?> neighbour) throws Exception {
    Set<String> operations = new TreeSet<>();
    String simpleName = neighbour.getSimpleName() + ".class";
    Path classes = Path.of(neighbour.getResource(simpleName).toURI()).getParent();
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file :
          files.filter(path -> path.toString().endsWith("Operations.class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        operations.addAll(
            Router.operationsOf(Class.forName(neighbour.getPackageName() + "." + name)).keySet());
      }
    }
    return operations;
  }

  private static ApiCoverage.Part dms() throws Exception {
    return new ApiCoverage.Part(
        "AWS DMS, 2016-01-01",
        CONTRACT,
        carriedOut(Operations.class),
        UnavailableOperations.table());
  }

  private static ApiCoverage.Part elastiCache() throws Exception {
    return new ApiCoverage.Part(
        "Amazon ElastiCache, 2015-02-02",
        ELASTI_CACHE,
        carriedOut(CacheOperations.class),
        UnavailableCacheOperations.table());
  }

  @Test
  void every_operation_is_either_carried_out_or_answered_honestly() throws Exception {
    for (ApiCoverage.Part part : List.of(dms(), elastiCache())) {
      Set<String> both = new TreeSet<>(part.carriedOut());
      both.retainAll(part.unavailable().keySet());
      assertThat(both).as("carried out and yet said to be unavailable").isEmpty();
      Set<String> answered = new TreeSet<>(part.carriedOut());
      answered.addAll(part.unavailable().keySet());
      assertThat(answered).isEqualTo(part.contract().operations());
    }
  }

  @Test
  void an_unavailable_cache_operation_answers_only_what_its_model_declares() {
    UnavailableCacheOperations.table()
        .forEach((operation, answer) -> {
          try {
            ObjectNode everyName = JsonNodeFactory.instance.objectNode();
            ELASTI_CACHE.inputMembers(operation).forEach(name -> everyName.put(name, "x"));
            answer.to(everyName);
          } catch (Fault fault) {
            assertThat(ELASTI_CACHE.faults(operation)).as(operation).contains(fault.code());
          }
        });
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
      for (String operation : ELASTI_CACHE.operations()) {
        HttpRequest post =
            HttpRequest.newBuilder(URI.create(service.url()))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "Version=2015-02-02&Action=" + operation + "&ReplicationGroupId=-x-"))
                .build();
        HttpResponse<String> answer = client.send(post, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body())
            .as(operation)
            .startsWith("<")
            .doesNotContain("InvalidAction", "UnknownOperation", "InternalFailure");
      }
    }
  }

  @Test
  void the_page_shows_what_the_routes_are() throws Exception {
    String expected = ApiCoverage.render(dms(), elastiCache());
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
