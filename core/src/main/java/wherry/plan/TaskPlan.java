package wherry.plan;

import java.util.List;

/**
 * What a task would do.
 *
 * @param tables in load order
 * @param control statements that create the task's control tables on the target
 * @param capture statements that the source runs so that its changes can be captured
 * @param findings what stands in the way, of all tables, each once
 */
public record TaskPlan(
    List<TablePlan> tables, List<String> control, List<String> capture, List<Finding> findings) {
  public TaskPlan {
    tables = List.copyOf(tables);
    control = List.copyOf(control);
    capture = List.copyOf(capture);
    findings = findings.stream().distinct().toList();
  }

  /** Whether nothing would fail, and nothing would be lost. */
  public boolean isGood() {
    return findings.stream().allMatch(finding -> finding.effect() == Finding.Effect.NOTE);
  }
}
