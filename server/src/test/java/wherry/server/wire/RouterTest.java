package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteEndpointResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventsResponse;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import tools.jackson.databind.node.ObjectNode;

class RouterTest {
  private static final Contract CONTRACT = Contract.load();
  private static final Caller CALLER = new Caller("123456789012", "eu-central-1", "AKIDEXAMPLE");

  /** Two operations, one of which wants to know who calls. */
  public static final class Endpoints {
    public CreateEndpointResponse createEndpoint(CreateEndpointRequest request, Caller caller) {
      String arn = "arn:aws:dms:" + caller.region() + ":" + caller.accountId() + ":endpoint:X";
      return CreateEndpointResponse.builder()
          .endpoint(
              Endpoint.builder()
                  .endpointIdentifier(request.endpointIdentifier())
                  .endpointArn(arn)
                  .build())
          .build();
    }

    public DeleteEndpointResponse deleteEndpoint(DeleteEndpointRequest request) {
      throw Fault.resourceNotFound("Endpoint " + request.endpointArn() + " not found.");
    }

    public String describe() {
      return "no operation";
    }
  }

  /** An operation whose model declares no fault. */
  public static final class Events {
    public DescribeEventsResponse describeEvents(DescribeEventsRequest request) {
      throw Fault.resourceNotFound("No events.");
    }
  }

  /** A method whose name does not fit its parameter. */
  public static final class Misnamed {
    public DescribeEventsResponse events(DescribeEventsRequest request) {
      return DescribeEventsResponse.builder().build();
    }
  }

  private final Router router = new Router(CONTRACT, List.of(new Endpoints()));

  private static ObjectNode json(String text) {
    return (ObjectNode) Json.parse(text);
  }

  @Test
  void an_operation_is_carried_out_with_its_caller() {
    CreateEndpointResponse response =
        router.call(
            CreateEndpointRequest.builder()
                .endpointIdentifier("e")
                .endpointType("source")
                .engineName("mysql")
                .build(),
            CreateEndpointResponse.class,
            CALLER);
    assertThat(response.endpoint().endpointArn())
        .isEqualTo("arn:aws:dms:eu-central-1:123456789012:endpoint:X");
  }

  @Test
  void a_declared_fault_passes() {
    assertThatThrownBy(
            () -> router.answer("DeleteEndpoint", json("{\"EndpointArn\":\"a\"}"), CALLER))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("ResourceNotFoundFault"))
        .hasMessage("Endpoint a not found.");
  }

  @Test
  void an_undeclared_fault_is_reported_and_still_sent() {
    List<String> reported = new ArrayList<>();
    var strict =
        new Router(
            CONTRACT,
            List.of(new Events()),
            (operation, fault) -> reported.add(operation + " " + fault.code()));
    assertThatThrownBy(() -> strict.answer("DescribeEvents", json("{}"), CALLER))
        .isInstanceOf(Fault.class);
    assertThat(reported).containsExactly("DescribeEvents ResourceNotFoundFault");
  }

  @Test
  void the_contract_is_checked_before_the_method_is_called() {
    assertThatThrownBy(() -> router.answer("DeleteEndpoint", json("{}"), CALLER))
        .hasMessageContaining("'endpointArn'");
  }

  @Test
  void one_operation_has_one_method_of_the_right_name() {
    assertThatThrownBy(() -> new Router(CONTRACT, List.of(new Endpoints(), new Endpoints())))
        .hasMessageContaining("Two methods carry out");
    assertThatThrownBy(() -> new Router(CONTRACT, List.of(new Misnamed())))
        .hasMessageContaining("its name must be describeEvents");
  }

  static List<String> unavailable() {
    return List.copyOf(UnavailableOperations.table().keySet());
  }

  @ParameterizedTest
  @MethodSource("unavailable")
  void an_unavailable_operation_answers_with_its_own_output_or_a_fault_that_its_model_declares(
      String operation) {
    var strict =
        new Router(
            CONTRACT,
            List.of(),
            (undeclared, fault) -> {
              throw new AssertionError(undeclared + " does not declare " + fault.code());
            });
    ObjectNode request =
        CONTRACT.inputShape(operation).isEmpty()
            ? json("{}")
            : new GeneratedJson(CONTRACT, 7).structure(CONTRACT.inputShape(operation));
    Fault fault =
        catchThrowableOfType(Fault.class, () -> strict.answer(operation, request, CALLER));
    if (fault != null) {
      assertThat(CONTRACT.faults(operation)).contains(fault.code());
      assertThat(fault.text()).endsWith(".");
    }
  }

  @ParameterizedTest
  @MethodSource("unavailable")
  void an_unavailable_operation_names_members_that_its_shapes_have(String operation) {
    switch (UnavailableOperations.table().get(operation)) {
      case UnavailableOperations.Refused refused ->
          assertThat(CONTRACT.faults(operation)).contains(refused.code());
      case UnavailableOperations.Missing missing -> {
        assertThat(CONTRACT.faults(operation)).contains("ResourceNotFoundFault");
        assertThat(CONTRACT.hasInputMember(operation, missing.member())).isTrue();
      }
      case UnavailableOperations.Empty empty -> {
        var output =
            (ContractShape.Structure) CONTRACT.shapes().get(CONTRACT.outputShape(operation));
        assertThat(output.members()).containsKey(empty.list());
        assertThat(empty.selectors())
            .allMatch(member -> CONTRACT.hasInputMember(operation, member));
      }
    }
  }

  @Test
  void nothing_unavailable_is_listed_but_something_looked_for_is_not_found() {
    assertThat(router.answer("DescribeReplicationConfigs", json("{}"), CALLER))
        .isEqualTo(json("{\"ReplicationConfigs\":[]}"));
    assertThat(
            router
                .answer("DescribeReplicationConfigs", json("{\"Filters\":[]}"), CALLER)
                .has("ReplicationConfigs"))
        .isTrue();
    assertThatThrownBy(() ->
            router.answer(
                "DescribeReplicationConfigs",
                json("{\"Filters\":[{\"Name\":\"replication-config-id\",\"Values\":[\"x\"]}]}"),
                CALLER))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("ResourceNotFoundFault"));
  }
}
