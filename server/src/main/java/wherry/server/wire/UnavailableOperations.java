package wherry.server.wire;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The honest answers of the operations that this service does not carry out: an empty list where
 * nothing can exist, else a fault that the operation's model declares and a message that says why.
 * Never a 500, never a made-up success.
 */
final class UnavailableOperations {
  private static final String NOT_FOUND = "ResourceNotFoundFault";
  private static final String DENIED = "AccessDeniedFault";
  private static final String WRONG_STATE = "InvalidResourceStateFault";

  private static final String RETIRED = "Fleet Advisor reached end of support on May 20, 2026.";

  private static final Map<String, Answer> ANSWERS = answers();

  private UnavailableOperations() {}

  /** What such an operation says to every request. */
  sealed interface Answer {
    /** The operation's output, when it is a truthful one. @throws Fault otherwise */
    ObjectNode to(ObjectNode request);

    /** One cell of {@code docs/api-coverage.md}. */
    String summary();
  }

  /** Always the same fault. */
  record Refused(String code, String message) implements Answer {
    @Override
    public ObjectNode to(ObjectNode request) {
      throw Fault.of(code, message);
    }

    @Override
    public String summary() {
      return "`" + code + "`: " + message;
    }
  }

  /** The resource that the request names cannot exist here. */
  record Missing(String kind, String member, String fault, String reason) implements Answer {
    Missing(String kind, String member, String reason) {
      this(kind, member, NOT_FOUND, reason);
    }

    @Override
    public ObjectNode to(ObjectNode request) {
      String name = Printable.shortened(request.path(member).asString(""));
      throw Fault.of(fault, kind + " '" + name + "' was not found. " + reason);
    }

    @Override
    public String summary() {
      return "`" + fault + "`: " + reason;
    }
  }

  /**
   * An empty list; a request that looks for something in particular finds nothing, which AWS
   * answers with a fault.
   */
  record Empty(String list, String things, List<String> selectors, String fault, String reason)
      implements Answer {
    Empty(String list, String things, List<String> selectors, String reason) {
      this(list, things, selectors, NOT_FOUND, reason);
    }

    @Override
    public ObjectNode to(ObjectNode request) {
      for (String selector : selectors) {
        JsonNode given = request.path(selector);
        if (given.isArray() ? !given.isEmpty() : given.isString()) {
          throw Fault.of(fault, "No " + things + " found matching provided filters. " + reason);
        }
      }
      ObjectNode output = JsonNodeFactory.instance.objectNode();
      output.putArray(list);
      return output;
    }

    @Override
    public String summary() {
      return "`\"" + list + "\": []`: " + reason;
    }
  }

  /** All entries, by operation. */
  static Map<String, Answer> table() {
    return Collections.unmodifiableMap(ANSWERS);
  }

  private static Map<String, Answer> answers() {
    Map<String, Answer> table = new TreeMap<>();
    serverless(table);
    schemaConversion(table);
    fleetAdvisor(table);
    table.put(
        "UpdateSubscriptionsToEventBridge",
        new Refused(DENIED, "There is no EventBridge here to move subscriptions to."));
    return table;
  }

  private static void serverless(Map<String, Answer> table) {
    String reason =
        "Serverless replications are not available in this version of Wherry; use replication tasks.";
    table.put("CreateReplicationConfig", new Refused(DENIED, reason));
    for (String operation :
        List.of(
            "ModifyReplicationConfig",
            "DeleteReplicationConfig",
            "StartReplication",
            "StopReplication",
            "DescribeReplicationTableStatistics",
            "ReloadReplicationTables")) {
      table.put(operation, new Missing("Replication config", "ReplicationConfigArn", reason));
    }
    table.put(
        "DescribeReplicationConfigs",
        new Empty("ReplicationConfigs", "ReplicationConfigs", List.of("Filters"), reason));
    table.put(
        "DescribeReplications",
        new Empty("Replications", "Replications", List.of("Filters"), reason));
  }

  private static void schemaConversion(Map<String, Answer> table) {
    String reason = "Schema conversion is not available in this implementation.";
    for (String operation :
        List.of(
            "StartMetadataModelImport",
            "DescribeMetadataModelImports",
            "StartMetadataModelAssessment",
            "DescribeMetadataModelAssessments",
            "ExportMetadataModelAssessment",
            "StartMetadataModelConversion",
            "DescribeMetadataModelConversions",
            "CancelMetadataModelConversion",
            "StartMetadataModelCreation",
            "DescribeMetadataModelCreations",
            "CancelMetadataModelCreation",
            "StartMetadataModelExportAsScript",
            "DescribeMetadataModelExportsAsScript",
            "StartMetadataModelExportToTarget",
            "DescribeMetadataModelExportsToTarget",
            "StartExtensionPackAssociation",
            "DescribeMetadataModel",
            "DescribeMetadataModelChildren",
            "GetTargetSelectionRules",
            "DescribeConversionConfiguration",
            "ModifyConversionConfiguration")) {
      table.put(operation, new Missing("Migration project", "MigrationProjectIdentifier", reason));
    }
    table.put(
        "DescribeExtensionPackAssociations", new Empty("Requests", "Requests", List.of(), reason));
  }

  private static void fleetAdvisor(Map<String, Answer> table) {
    for (String things :
        List.of("Collectors", "Databases", "LsaAnalysis", "Schemas", "SchemaObjectSummary")) {
      table.put("DescribeFleetAdvisor" + things, new Refused(WRONG_STATE, RETIRED));
    }
    table.put("RunFleetAdvisorLsaAnalysis", new Refused(WRONG_STATE, RETIRED));
    table.put("DeleteFleetAdvisorCollector", new Refused("CollectorNotFoundFault", RETIRED));
    for (String operation :
        List.of(
            "CreateFleetAdvisorCollector",
            "DeleteFleetAdvisorDatabases",
            "DescribeRecommendations",
            "DescribeRecommendationLimitations",
            "StartRecommendations",
            "BatchStartRecommendations")) {
      table.put(operation, new Refused(DENIED, RETIRED));
    }
  }
}
