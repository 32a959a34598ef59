package wherry.plan;

import java.util.List;

/**
 * What a task would do.
 *
 * @param tables in load order
 * @param capture statements that the source runs so that its changes can be captured
 * @param findings what stands in the way, of all tables
 */
public record TaskPlan(List<TablePlan> tables, List<String> capture, List<Finding> findings) {
  public TaskPlan {
    tables = List.copyOf(tables);
    capture = List.copyOf(capture);
    findings = List.copyOf(findings);
  }

  /** Whether nothing would fail, and nothing would be lost. */
  public boolean isGood() {
    return findings.stream().allMatch(finding -> finding.effect() == Finding.Effect.NOTE);
  }
}
