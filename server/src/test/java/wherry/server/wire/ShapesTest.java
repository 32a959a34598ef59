package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointsResponse;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ShapesTest {
  private static final Contract CONTRACT = Contract.load();
  private static final String MODEL_PACKAGE =
      "software.amazon.awssdk.services.databasemigration.model.";

  static List<String> operations() {
    return List.copyOf(CONTRACT.operations());
  }

  @Test
  void the_sdk_and_the_contract_have_the_same_119_operations() {
    var ofSdk = new TreeSet<String>();
    for (Method method : DatabaseMigrationClient.class.getMethods()) {
      Class<?>[] parameters = method.getParameterTypes();
      if (parameters.length == 1
          && DatabaseMigrationRequest.class.isAssignableFrom(parameters[0])
          && !method.getName().endsWith("Paginator")) {
        ofSdk.add(parameters[0].getSimpleName().replaceAll("Request$", ""));
      }
    }
    assertThat(ofSdk).hasSize(119).isEqualTo(CONTRACT.operations());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void every_shape_of_every_operation_keeps_every_member_both_ways(String operation)
      throws Exception {
    long seed = new Random().nextLong();
    System.out.println(operation + " generated with seed " + seed);
    var generated = new GeneratedJson(CONTRACT, seed);
    roundTrip(generated, CONTRACT.inputShape(operation), operation + "Request");
    roundTrip(generated, CONTRACT.outputShape(operation), operation + "Response");
  }

  private static void roundTrip(GeneratedJson generated, String shape, String className)
      throws Exception {
    if (!shape.isEmpty()) {
      ObjectNode json = generated.structure(shape);
      Class<? extends SdkPojo> type =
          Class.forName(MODEL_PACKAGE + className).asSubclass(SdkPojo.class);
      SdkPojo built = Shapes.decode(Json.text(json), type);
      assertThat(Json.parse(Shapes.encode(built))).isEqualTo(Json.parse(Json.text(json)));
      assertThat(Shapes.decode(Shapes.encode(built), type)).isEqualTo(built);
    }
  }

  @Test
  void times_are_epoch_seconds_with_decimals() {
    ReplicationTask task =
        ReplicationTask.builder()
            .replicationTaskCreationDate(Instant.ofEpochMilli(1590524772505L))
            .build();
    assertThat(Shapes.encode(task)).isEqualTo("{\"ReplicationTaskCreationDate\":1590524772.505}");
  }

  @Test
  void whole_seconds_need_no_exponent() {
    ReplicationTask task =
        ReplicationTask.builder()
            .replicationTaskCreationDate(Instant.ofEpochSecond(1590000000))
            .build();
    assertThat(Shapes.encode(task)).isEqualTo("{\"ReplicationTaskCreationDate\":1590000000}");
  }

  @Test
  void times_of_data_migrations_are_iso_strings() {
    DataMigration migration =
        DataMigration.builder().dataMigrationCreateTime(Instant.ofEpochSecond(0)).build();
    assertThat(Shapes.encode(migration))
        .isEqualTo("{\"DataMigrationCreateTime\":\"1970-01-01T00:00:00.000Z\"}");
  }

  @ParameterizedTest
  @MethodSource
  void requests_may_give_times_in_every_form_that_aws_takes(String json) {
    var request =
        Shapes.decode("{\"CdcStartTime\":" + json + "}", CreateReplicationTaskRequest.class);
    assertThat(request.cdcStartTime()).isEqualTo(Instant.parse("2018-03-08T12:12:12Z"));
  }

  static List<String> requests_may_give_times_in_every_form_that_aws_takes() {
    return List.of(
        "1520511132",
        "1520511132.0",
        "\"2018-03-08T12:12:12Z\"",
        "\"2018-03-08T12:12:12\"",
        "\"2018-03-08T13:12:12+01:00\"");
  }

  @Test
  void unset_lists_are_left_out_and_empty_ones_written() {
    assertThat(Shapes.encode(DescribeEndpointsResponse.builder().build())).isEqualTo("{}");
    assertThat(Shapes.encode(DescribeEndpointsResponse.builder().endpoints(List.of()).build()))
        .isEqualTo("{\"Endpoints\":[]}");
  }

  @Test
  void an_enum_value_that_the_sdk_does_not_know_is_kept() {
    Endpoint endpoint = Shapes.decode("{\"SslMode\":\"future\"}", Endpoint.class);
    assertThat(Shapes.encode(endpoint)).isEqualTo("{\"SslMode\":\"future\"}");
  }

  @ParameterizedTest
  @MethodSource
  void a_value_of_another_type_is_refused_by_its_members_name(String json) {
    JsonNode tree = Json.parse(json);
    String member = tree.propertyNames().iterator().next();
    assertThatThrownBy(() -> Shapes.fromJson(tree, Endpoint.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(member + ": ");
  }

  static List<String> a_value_of_another_type_is_refused_by_its_members_name() {
    return List.of(
        "{\"EndpointIdentifier\":1}",
        "{\"Port\":\"5432\"}",
        "{\"Port\":5432.5}",
        "{\"Port\":99999999999}",
        "{\"MySQLSettings\":[]}",
        "{\"MySQLSettings\":{\"Port\":{}}}");
  }
}
