package wherry.mapping;

import java.util.List;
import java.util.stream.Stream;
import wherry.schema.TableId;

/**
 * Which rules have made a table what it is on the target.
 *
 * @param selection ids of the selection rules that take the table and give it its filter
 * @param transformations in the order in which they were decided
 */
public record AppliedRules(List<Long> selection, List<Use> transformations) {
  /**
   * @param rule its id
   * @param object what of the source it changes: {@code schema app}, {@code table app.t}, {@code
   *     column n of app.t}
   */
  public record Use(long rule, String object) {}

  public AppliedRules {
    selection = List.copyOf(selection);
    transformations = List.copyOf(transformations);
  }

  /** The ids of the rules that change a column of the source, in order. */
  public List<Long> ofColumn(String column, TableId table) {
    return of(columnOf(column, table));
  }

  /** The ids of the rules that add a column of this name, or change the one that is added. */
  public List<Long> ofAdded(String column, TableId table) {
    return of(addedTo(column, table));
  }

  private List<Long> of(String object) {
    return transformations.stream()
        .filter(use -> use.object().equals(object))
        .map(Use::rule)
        .distinct()
        .toList();
  }

  /** The ids of the rules that give schema and table their names. */
  List<Long> namingTable() {
    return transformations.stream()
        .filter(use -> use.object().startsWith("schema ") || use.object().startsWith("table "))
        .map(Use::rule)
        .toList();
  }

  /** {@code , by rule 2}, {@code , by rules 2, 7}, for a message; empty when there are none. */
  static String told(Stream<Long> rules) {
    List<String> ids = rules.distinct().sorted().map(String::valueOf).toList();
    return switch (ids.size()) {
      case 0 -> "";
      case 1 -> ", by rule " + ids.getFirst();
      default -> ", by rules " + String.join(", ", ids);
    };
  }

  static String columnOf(String column, TableId table) {
    return "column " + column + " of " + table;
  }

  static String addedTo(String column, TableId table) {
    return "column " + column + " added to " + table;
  }
}
