package wherry.server.run;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import wherry.plan.Finding;
import wherry.plan.Finding.Effect;
import wherry.plan.Finding.Subject;
import wherry.plan.TaskPlan;
import wherry.task.MigrationType;

/**
 * The individual assessments: what a plan looks at. One has AWS's name, for it asks what AWS's
 * asks; each of the others takes the place of several of AWS's.
 */
public enum AssessmentCheck {
  SOURCE("wherry-check-source", Subject.SOURCE),
  TARGET("wherry-check-target", Subject.TARGET),
  SELECTION("all-check-source-selection-rules", Subject.SELECTION),
  MAPPING("wherry-check-table-mappings", Subject.MAPPING),
  TARGET_TABLES("wherry-check-target-tables", Subject.TARGET_TABLE),
  CHANGE_CAPTURE("wherry-check-change-capture", Subject.CHANGE_CAPTURE),
  ROWS("wherry-check-rows", Subject.ROWS);

  private final String wire;
  private final Subject subject;

  AssessmentCheck(String wire, Subject subject) {
    this.wire = wire;
    this.subject = subject;
  }

  /** Its IndividualAssessmentName. */
  public String wire() {
    return wire;
  }

  /** Those that mean something for a task of this type. */
  public static List<AssessmentCheck> of(MigrationType type) {
    return Arrays.stream(values())
        .filter(check ->
            switch (check) {
              case SOURCE, TARGET, SELECTION, MAPPING, TARGET_TABLES -> true;
              case CHANGE_CAPTURE -> type.capturesChanges();
              case ROWS -> type.loads();
            })
        .toList();
  }

  static AssessmentCheck ofWire(String name) {
    return Arrays.stream(values())
        .filter(check -> check.wire.equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** {@code failed}, {@code warning}, {@code passed}, or {@code skipped} when nothing was asked. */
  String status(TaskPlan plan) {
    Optional<Effect> worst =
        plan.findings().stream()
            .filter(finding -> finding.subject() == subject)
            .map(Finding::effect)
            .sorted()
            .findFirst();
    if (worst.isEmpty() && isUnreachable(plan)) {
      return "skipped";
    }
    return switch (worst.orElse(Effect.NOTE)) {
      case FAILS -> "failed";
      case LOSES -> "warning";
      case NOTE -> "passed";
    };
  }

  private static boolean isUnreachable(TaskPlan plan) {
    return plan.tables().isEmpty()
        && plan.findings().stream()
            .anyMatch(finding ->
                finding.effect() == Effect.FAILS
                    && (finding.subject() == Subject.SOURCE
                        || finding.subject() == Subject.TARGET));
  }
}
