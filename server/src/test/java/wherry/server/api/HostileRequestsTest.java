package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.wire.Contract;
import wherry.server.wire.GeneratedJson;
import wherry.server.wire.Shapes;

/**
 * Requests that the contract allows and nobody would send: each gets an answer or a fault, never a
 * failure of ours.
 */
class HostileRequestsTest {
  private static final Contract CONTRACT = Contract.load();
  private static final int REQUESTS_PER_OPERATION = 15;

  @TempDir private static Path directory;

  private static FakeConnector connector;
  private static Service service;

  @BeforeAll
  static void start() {
    connector = new FakeConnector();
    service = new Service(directory, connector);
  }

  @AfterAll
  static void stop() {
    connector.answer.countDown();
    service.close();
  }

  static List<String> operations() {
    return List.copyOf(CONTRACT.operations());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void every_operation_answers_every_request_that_its_contract_allows(String operation)
      throws Exception {
    long seed = new Random().nextLong();
    System.out.println(operation + " with seed " + seed);
    var random = new Random(seed);
    Class<? extends SdkPojo> type =
        Class.forName(
                "software.amazon.awssdk.services.databasemigration.model." + operation + "Request")
            .asSubclass(SdkPojo.class);
    Method call =
        DatabaseMigrationClient.class.getMethod(
            operation.substring(0, 1).toLowerCase() + operation.substring(1), type);
    for (int i = 0; i < REQUESTS_PER_OPERATION; i++) {
      ObjectNode request = GeneratedJson.hostileRequest(CONTRACT, operation, random);
      try {
        call.invoke(service.client, Shapes.fromJson(request, type));
      } catch (InvocationTargetException e) {
        assertThat(e.getCause())
            .as("%s %s", operation, request)
            .isInstanceOf(DatabaseMigrationException.class);
        assertThat(((DatabaseMigrationException) e.getCause()).statusCode()).isEqualTo(400);
      }
    }
  }
}
