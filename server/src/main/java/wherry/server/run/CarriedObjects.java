package wherry.server.run;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.connector.ObjectReport;

/**
 * How far a data migration has come with what stands around its rows.
 *
 * @param step the last that is done
 * @param left what could not be carried, with the reasons
 */
public record CarriedObjects(Step step, List<ObjectReport> left) {
  static final CarriedObjects NONE = new CarriedObjects(Step.NOTHING, List.of());
  private static final int TOLD_MAX = 10;
  private static final String TABLE = "table";

  /** In their order. */
  public enum Step {
    NOTHING,
    BEFORE_ROWS,
    ROWS,
    AFTER_ROWS
  }

  public CarriedObjects {
    left = List.copyOf(left);
  }

  boolean hasDone(Step wanted) {
    return step.compareTo(wanted) >= 0;
  }

  /**
   * What is told of an object now replaces what was told before: it may have been carried since.
   */
  CarriedObjects done(Step now, List<ObjectReport> reports) {
    Stream<ObjectReport> before =
        left.stream().filter(old -> reports.stream().noneMatch(report -> isSame(report, old)));
    Stream<ObjectReport> more =
        reports.stream().filter(report -> report.outcome() == ObjectReport.Outcome.LEFT);
    return new CarriedObjects(now, Stream.concat(before, more).distinct().toList());
  }

  private static boolean isSame(ObjectReport one, ObjectReport other) {
    return one.kind().equals(other.kind()) && one.name().equals(other.name());
  }

  /** Names of tables that the target does not have. */
  public List<String> leftTables() {
    return left.stream()
        .filter(report -> report.kind().equals(TABLE))
        .map(ObjectReport::name)
        .toList();
  }

  /** What was left, for StopReason; empty when all was carried. */
  String summary() {
    return counted(
        "Objects not carried",
        left.stream()
            .map(report -> report.kind() + " " + report.name() + " (" + report.reason() + ")")
            .toList());
  }

  /** How many there are and the first of them; empty for none. */
  static String counted(String what, List<String> each) {
    if (each.isEmpty()) {
      return "";
    }
    String shown = each.stream().limit(TOLD_MAX).collect(Collectors.joining("; "));
    String rest = each.size() > TOLD_MAX ? "; the log of the data migration names all." : ".";
    return " " + what + ": " + each.size() + ": " + shown + rest;
  }
}
