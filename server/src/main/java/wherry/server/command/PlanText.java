package wherry.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import wherry.plan.ColumnPlan;
import wherry.plan.Finding;
import wherry.plan.TablePlan;
import wherry.plan.TaskPlan;

/** A plan for people. */
final class PlanText {
  private static final double MEBIBYTE = 1 << 20;
  private static final int LINE_CHARACTERS = 120;

  private final List<String> lines = new ArrayList<>();

  private PlanText() {}

  static String of(TaskPlan plan, String title) {
    PlanText text = new PlanText();
    text.lines.add(title);
    for (TablePlan table : plan.tables()) {
      text.table(table);
      text.findings(
          plan.findings().stream()
              .filter(f -> f.table().filter(table.source()::equals).isPresent())
              .toList());
    }
    text.statements("On the target, for the books of the task:", plan.control());
    text.statements("On the source, to capture its changes:", plan.capture());
    List<Finding> others =
        plan.findings().stream()
            .filter(f ->
                plan.tables().stream()
                    .noneMatch(table -> f.table().filter(table.source()::equals).isPresent()))
            .toList();
    if (!others.isEmpty()) {
      text.lines.add("");
      text.findings(others);
    }
    text.lines.add("");
    text.lines.add(sum(plan));
    return String.join("\n", text.lines) + "\n";
  }

  private void table(TablePlan table) {
    lines.add("");
    lines.add(table.source() + " -> " + table.target());
    lines.add(
        "  selected by rule "
            + MapReport.list(table.selectedBy())
            + (table.filtered() ? ", with its filter" : "")
            + (table.rules().isEmpty() ? "" : "; named by rule " + MapReport.list(table.rules())));
    lines.add(
        String.format(
            Locale.ROOT,
            "  about %,d rows, %.1f MB; %,d rows tried, %,d rejected",
            table.expectedRows(),
            table.expectedBytes() / MEBIBYTE,
            table.sampledRows(),
            table.rejectedRows()));
    int source = width(table.columns(), true);
    int target = width(table.columns(), false);
    for (ColumnPlan column : table.columns()) {
      String rules =
          column.rules().isEmpty() ? "" : "  (rule " + MapReport.list(column.rules()) + ")";
      lines.add(
          ("    "
                  + padded(left(column), source)
                  + " -> "
                  + padded(right(column), rules.isEmpty() ? 0 : target)
                  + rules)
              .stripTrailing());
    }
    table.statements().forEach(statement -> statement("  ", statement));
    table.afterLoad().forEach(statement -> statement("  after the load: ", statement));
  }

  private static int width(List<ColumnPlan> columns, boolean source) {
    return columns.stream()
        .mapToInt(column -> (source ? left(column) : right(column)).length())
        .max()
        .orElse(0);
  }

  private static String left(ColumnPlan column) {
    return column.source().isEmpty() ? "(added)" : column.source() + " " + column.sourceType();
  }

  private static String right(ColumnPlan column) {
    return column.target().isEmpty() ? "(left out)" : column.target() + " " + column.targetType();
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private void statement(String before, String statement) {
    String line = before + statement.strip().replaceAll("\\s*\n\\s*", " ") + ";";
    lines.add(line.length() > LINE_CHARACTERS ? broken(line) : line);
  }

  /** The statement with a line for each of its columns; what stands in quotes stays whole. */
  private static String broken(String statement) {
    StringBuilder broken = new StringBuilder();
    int depth = 0;
    char quote = 0;
    for (int i = 0; i < statement.length(); i++) {
      char c = statement.charAt(i);
      broken.append(c);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"' || c == '`') {
        quote = c;
      } else if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      }
      if (c == ',' && quote == 0 && depth == 1) {
        broken.append("\n     ");
      }
    }
    return broken.toString();
  }

  private void statements(String title, List<String> statements) {
    if (!statements.isEmpty()) {
      lines.add("");
      lines.add(title);
      statements.forEach(statement -> statement("  ", statement));
    }
  }

  private void findings(List<Finding> findings) {
    for (Finding finding : findings) {
      lines.add("  " + padded(finding.effect().name(), 5) + " " + finding.message());
    }
  }

  private static String sum(TaskPlan plan) {
    long rows = plan.tables().stream().mapToLong(TablePlan::expectedRows).sum();
    long bytes = plan.tables().stream().mapToLong(TablePlan::expectedBytes).sum();
    String found =
        plan.findings().stream()
            .collect(Collectors.groupingBy(Finding::effect, Collectors.counting()))
            .entrySet()
            .stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getValue() + " " + e.getKey())
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "%d tables, about %,d rows and %,.1f MB. %s",
        plan.tables().size(),
        rows,
        bytes / MEBIBYTE,
        plan.isGood()
            ? "Nothing would fail, and nothing that was tried would be lost."
            : "Findings: " + found + ".");
  }
}
