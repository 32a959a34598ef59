package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkPojo;
import tools.jackson.databind.node.ObjectNode;

class ContractTest {
  private static final Contract CONTRACT = Contract.load();

  private static ObjectNode request(String json) {
    return Json.parseRequest(json.getBytes(StandardCharsets.UTF_8));
  }

  private static Fault refusal(String operation, String json) {
    Fault fault =
        catchThrowableOfType(Fault.class, () -> CONTRACT.validate(operation, request(json)));
    assertThat(fault).as(operation + " " + json).isNotNull();
    assertThat(fault.status()).isEqualTo(400);
    return fault;
  }

  static List<String> operations() {
    return List.copyOf(CONTRACT.operations());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void a_generated_valid_request_of_every_operation_passes(String operation) {
    if (!CONTRACT.inputShape(operation).isEmpty()) {
      ObjectNode json =
          new GeneratedJson(CONTRACT, operation.hashCode())
              .structure(CONTRACT.inputShape(operation));
      assertThat(CONTRACT.validate(operation, json)).isEqualTo(json);
    }
  }

  /** The codec must never meet a value that the check let through and that it cannot take. */
  @ParameterizedTest
  @MethodSource("operations")
  void what_the_contract_lets_through_the_codec_can_build(String operation) throws Exception {
    if (CONTRACT.inputShape(operation).isEmpty()) {
      return;
    }
    long seed = new Random().nextLong();
    System.out.println(operation + " damaged with seed " + seed);
    var random = new Random(seed);
    Class<? extends SdkPojo> type =
        Class.forName(
                "software.amazon.awssdk.services.databasemigration.model." + operation + "Request")
            .asSubclass(SdkPojo.class);
    for (int i = 0; i < 50; i++) {
      ObjectNode json =
          new GeneratedJson(CONTRACT, random.nextLong()).structure(CONTRACT.inputShape(operation));
      damage(json, random);
      try {
        Shapes.fromJson(CONTRACT.validate(operation, json), type);
      } catch (Fault fault) {
        assertThat(fault.code()).isIn("SerializationException", "ValidationException");
      }
    }
  }

  /** Replaces one member somewhere inside by a value of any kind. */
  private static void damage(ObjectNode json, Random random) {
    List<String> names = List.copyOf(json.propertyNames());
    if (names.isEmpty()) {
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    if (json.get(name) instanceof ObjectNode inner && random.nextInt(4) > 0) {
      damage(inner, random);
      return;
    }
    String[] values = {
      "null",
      "true",
      "0",
      "-1",
      "2147483648",
      "1e400",
      "1.5",
      "1e-999999999",
      "\"\"",
      "\"x\"",
      "\"=\"",
      "[]",
      "[null]",
      "[{}]",
      "[[]]",
      "{}",
      "{\"a\":null}",
      "\"2018-03-08T12:12:12Z\"",
      "9223372036854775808"
    };
    json.set(name, Json.parse(values[random.nextInt(values.length)]));
  }

  @Test
  void a_missing_member_is_named_in_the_words_of_aws() {
    Fault fault = refusal("DeleteEndpoint", "{}");
    assertThat(fault.code()).isEqualTo("ValidationException");
    assertThat(fault.text())
        .isEqualTo(
            "1 validation error detected: Value null at 'endpointArn' failed to satisfy constraint: Member must not be null");
  }

  @Test
  void every_broken_constraint_of_a_request_is_reported_at_once() {
    Fault fault = refusal("CreateEndpoint", "{\"EndpointType\":\"middle\"}");
    assertThat(fault.text())
        .startsWith("3 validation errors detected: Value null at 'endpointIdentifier'")
        .contains(
            "; Value 'middle' at 'endpointType' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [source, target]")
        .contains("; Value null at 'engineName'");
  }

  @Test
  void nested_required_members_are_checked_with_their_position() {
    Fault fault =
        refusal(
            "DescribeEndpoints", "{\"Filters\":[{\"Name\":\"a\",\"Values\":[]},{\"Name\":\"b\"}]}");
    assertThat(fault.text()).contains("Value null at 'filters.2.member.values'");
  }

  @Test
  void null_is_absent_for_members_but_an_error_in_lists() {
    assertThat(CONTRACT.validate("DescribeEndpoints", request("{\"Filters\":null}")).isEmpty())
        .isTrue();
    Fault fault = refusal("DescribeEndpoints", "{\"Filters\":[null]}");
    assertThat(fault.text()).contains("Value null at 'filters.1.member'");
  }

  @Test
  void unknown_members_are_dropped() {
    ObjectNode checked =
        CONTRACT.validate(
            "DeleteEndpoint", request("{\"EndpointArn\":\"a\",\"Future\":{\"x\":[1]}}"));
    assertThat(checked.propertyNames()).containsExactly("EndpointArn");
  }

  @Test
  void too_long_text_is_refused_and_not_repeated_in_full() {
    Fault fault = refusal("DescribeDataMigrations", "{\"Marker\":\"" + "m".repeat(5000) + "\"}");
    assertThat(fault.text())
        .contains(
            "at 'marker' failed to satisfy constraint: "
                + "Member must have length less than or equal to 1024")
        .hasSizeLessThan(500);
  }

  @Test
  void a_list_that_needs_items_is_refused_when_empty() {
    Fault fault =
        refusal(
            "ExportMetadataModelAssessment",
            "{\"MigrationProjectIdentifier\":\"p\",\"SelectionRules\":\"{}\",\"AssessmentReportTypes\":[]}");
    assertThat(fault.text())
        .contains(
            "'assessmentReportTypes' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1");
  }

  @ParameterizedTest
  @CsvSource({
    "PostgreSQLSettings, PluginName, TEST_DECODING, test-decoding",
    "PostgreSQLSettings, PluginName, PgLogical, pglogical",
    "KafkaSettings, SecurityProtocol, SASL_SSL, sasl-ssl",
    "MongoDbSettings, AuthMechanism, SCRAM-SHA-1, scram_sha_1",
    "S3Settings, DataFormat, PARQUET, parquet",
    "S3Settings, CompressionType, GZIP, GZIP",
    "S3Settings, EncryptionMode, SSE_S3, SSE_S3",
    "S3Settings, DatePartitionDelimiter, slash, slash",
  })
  void nested_enums_are_matched_loosely(String settings, String member, String given, String kept) {
    ObjectNode checked =
        CONTRACT.validate(
            "CreateEndpoint",
            request(
                "{\"EndpointIdentifier\":\"e\",\"EndpointType\":\"target\",\"EngineName\":\"s3\",\"%s\":{\"%s\":\"%s\"}}"
                    .formatted(settings, member, given)));
    assertThat(checked.path(settings).path(member).asString()).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource({
    "StartReplicationTask, StartReplicationTaskType, RESUME-PROCESSING, startReplicationTaskType",
    "CreateReplicationTask, MigrationType, Full-Load, migrationType",
    "CreateEndpoint, EndpointType, SOURCE, endpointType",
    "StartDataMigration, StartType, reload_target, startType",
    "ReloadTables, ReloadOption, DATA-RELOAD, reloadOption",
  })
  void top_level_enums_are_strict(String operation, String member, String given, String path) {
    Fault fault = refusal(operation, "{\"" + member + "\":\"" + given + "\"}");
    assertThat(fault.text())
        .contains(
            "Value '"
                + given
                + "' at '"
                + path
                + "' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"Port\":\"5432\"}",
        "{\"Port\":5432.0}",
        "{\"Port\":2147483648}",
        "{\"Port\":1e400}",
        "{\"Port\":-1e-999999999}",
        "{\"Port\":true}",
        "{\"EndpointIdentifier\":7}",
        "{\"EndpointIdentifier\":{}}",
        "{\"Tags\":{}}",
        "{\"Tags\":[\"a\"]}",
        "{\"MySQLSettings\":\"{}\"}",
        "{\"MySQLSettings\":{\"CleanSourceMetadataOnMismatch\":\"true\"}}",
        "{\"MySQLSettings\":{\"ServerTimezone\":[\"a\"]}}",
      })
  void a_wrong_type_is_a_serialization_exception(String json) {
    assertThat(refusal("CreateEndpoint", json).code()).isEqualTo("SerializationException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e400",
        "1e-999999999",
        "-1e999999999",
        "\"yesterday\"",
        "\"\"",
        "true",
        "253402300800"
      })
  void a_time_that_is_none_is_a_serialization_exception(String time) {
    assertThat(refusal("CreateReplicationTask", "{\"CdcStartTime\":" + time + "}").code())
        .isEqualTo("SerializationException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "\"x\"",
        "1",
        "null",
        "{",
        "{\"a\":}",
        "{} {}",
        "{\"a\":1,\"a\":2}",
        "{'a':1}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":\"\\ud800\"}",
        "{\"\\udc00\":1}",
        "{\"a\":[[\"\\udc00\\ud800\"]]}",
        "not json"
      })
  void what_is_not_a_json_object_of_characters_is_a_serialization_exception(String body) {
    Fault fault = catchThrowableOfType(Fault.class, () -> request(body));
    assertThat(fault).isNotNull();
    assertThat(fault.code()).isEqualTo("SerializationException");
  }

  @Test
  void invalid_utf_8_is_a_serialization_exception() {
    byte[] body = {'{', '"', 'a', '"', ':', '"', (byte) 0xc3, '(', '"', '}'};
    Fault fault = catchThrowableOfType(Fault.class, () -> Json.parseRequest(body));
    assertThat(fault.code()).isEqualTo("SerializationException");
  }

  @Test
  void a_hundred_thousand_brackets_are_refused() {
    Fault fault = catchThrowableOfType(Fault.class, () -> request("{\"a\":" + "[".repeat(100_000)));
    assertThat(fault.code()).isEqualTo("SerializationException");
  }

  @Test
  void an_empty_body_is_an_empty_object() {
    assertThat(Json.parseRequest(new byte[0]).isEmpty()).isTrue();
  }

  @Test
  void a_secret_that_breaks_a_rule_is_not_repeated() {
    Fault fault = refusal("CreateEndpoint", "{\"Password\":12345678}");
    assertThat(fault.text()).doesNotContain("12345678").contains("password");
  }

  @Test
  void an_unknown_operation_is_named() {
    Fault fault = refusal("CreateUniverse", "{}");
    assertThat(fault.code()).isEqualTo("UnknownOperationException");
    assertThat(fault.text()).contains("'CreateUniverse'");
  }
}
