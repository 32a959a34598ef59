package wherry.server.run;

import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentRun;
import tools.jackson.databind.json.JsonMapper;
import wherry.plan.Finding;
import wherry.plan.TaskPlan;
import wherry.server.wire.Shapes;

/**
 * An assessment of a task, as it is kept.
 *
 * @param name AssessmentRunName; empty when StartReplicationTaskAssessment began it
 * @param asked the API's shape of the run as it was asked for
 * @param resting the task's status before it
 * @param status of the run
 * @param checks status of each individual assessment, by its name
 * @param failure of the first one that has not passed; empty when all have
 * @param plan as JSON; empty until it is there
 */
public record Assessment(
    String arn,
    String taskArn,
    String name,
    String asked,
    String resting,
    Instant startedAt,
    String status,
    Map<String, String> checks,
    String failure,
    String plan) {
  static final String RUNNING = "running";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public Assessment {
    checks = Collections.unmodifiableMap(new LinkedHashMap<>(checks));
  }

  /** One that begins now. */
  public static Assessment begun(
      ReplicationTaskAssessmentRun asked, String resting, Iterable<AssessmentCheck> wanted) {
    Map<String, String> checks = new LinkedHashMap<>();
    wanted.forEach(check -> checks.put(check.wire(), RUNNING));
    return new Assessment(
        asked.replicationTaskAssessmentRunArn(),
        asked.replicationTaskArn(),
        asked.assessmentRunName() == null ? "" : asked.assessmentRunName(),
        Shapes.encode(asked),
        resting,
        Instant.now(),
        RUNNING,
        checks,
        "",
        "");
  }

  static Assessment parse(String json) {
    return JSON.readValue(json, Assessment.class);
  }

  public String json() {
    return JSON.writeValueAsString(this);
  }

  public boolean isRunning() {
    return status.equals(RUNNING);
  }

  Assessment ended(TaskPlan found) {
    Map<String, String> results = new LinkedHashMap<>();
    checks.keySet().forEach(name -> results.put(name, AssessmentCheck.ofWire(name).status(found)));
    String result =
        results.containsValue("failed")
            ? "failed"
            : results.containsValue("warning") ? "warning" : "passed";
    String worst =
        found.findings().stream()
            .filter(finding -> finding.effect() != Finding.Effect.NOTE)
            .sorted(Comparator.comparing(Finding::effect))
            .map(Finding::message)
            .findFirst()
            .orElse("");
    return with(result, results, result.equals("passed") ? "" : worst, PlanJson.of(found));
  }

  Assessment broken(String message) {
    return with("error-executing", all("error"), message, "");
  }

  Assessment cancelled() {
    return with("cancelled", all("cancelled"), "", "");
  }

  private Map<String, String> all(String result) {
    return checks.keySet().stream().collect(Collectors.toMap(name -> name, name -> result));
  }

  private Assessment with(
      String result, Map<String, String> results, String message, String found) {
    return new Assessment(
        arn, taskArn, name, asked, resting, startedAt, result, results, message, found);
  }
}
