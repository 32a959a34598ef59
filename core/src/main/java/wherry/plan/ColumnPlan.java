package wherry.plan;

import java.util.List;

/**
 * A column on its way.
 *
 * @param source its name in the source; empty when a rule adds it
 * @param sourceType in the source's words
 * @param target its name on the target; empty when it is left out
 * @param targetType in the target's words
 * @param rules ids of the rules that make it so
 */
public record ColumnPlan(
    String source, String sourceType, String target, String targetType, List<Long> rules) {
  public ColumnPlan {
    rules = List.copyOf(rules);
  }
}
