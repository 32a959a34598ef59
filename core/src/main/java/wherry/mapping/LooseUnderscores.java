package wherry.mapping;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.schema.TableId;
import wherry.schema.TableSchema.Kind;

/**
 * Rules that take more tables than their writer may have meant: {@code my_table} is a pattern and
 * matches {@code my-table}, too ("Wildcards in table mapping", AWS DMS guide). Told only where the
 * source has both; a pattern that matches nothing literally was meant as one. Of one thread.
 */
final class LooseUnderscores {
  private static final int NAMES_TOLD = 5;

  private final Map<TableId, Kind> offered;
  private final boolean ignoreCase;

  /** What the rules do beside what is written, and the ids of those that do it. */
  private final Map<String, List<String>> told = new LinkedHashMap<>();

  /**
   * @param offered everything that the source has
   */
  LooseUnderscores(Map<TableId, Kind> offered, boolean ignoreCase) {
    this.offered = offered;
    this.ignoreCase = ignoreCase;
  }

  /**
   * @param does what the rule does to a table, as a verb
   * @param concerned whether it does so to this one
   */
  void look(
      long rule,
      String does,
      NamePattern schema,
      NamePattern table,
      BiPredicate<TableId, Kind> concerned) {
    if (!schema.hasUnderscores() && !table.hasUnderscores()) {
      return;
    }
    NamePattern literalSchema = schema.withUnderscoresLiteral();
    NamePattern literalTable = table.withUnderscoresLiteral();
    boolean meant = false;
    TreeSet<TableId> others = new TreeSet<>();
    for (Map.Entry<TableId, Kind> entry : offered.entrySet()) {
      TableId id = entry.getKey();
      if (literalSchema.matches(id.schema(), ignoreCase)
          && literalTable.matches(id.name(), ignoreCase)) {
        meant = true;
      } else if (schema.matches(id.schema(), ignoreCase)
          && table.matches(id.name(), ignoreCase)
          && concerned.test(id, entry.getValue())) {
        others.add(id);
      }
    }
    if (meant && !others.isEmpty()) {
      told.merge(does + " " + names(others), List.of(String.valueOf(rule)), LooseUnderscores::both);
    }
  }

  private static List<String> both(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static String names(TreeSet<TableId> tables) {
    String first =
        tables.stream().limit(NAMES_TOLD).map(TableId::toString).collect(Collectors.joining(", "));
    return tables.size() > NAMES_TOLD
        ? first + " and " + (tables.size() - NAMES_TOLD) + " more"
        : first;
  }

  /** One sentence for rules that do the same, in the order in which they were looked at. */
  List<String> notes() {
    return told.entrySet().stream()
        .map(entry ->
            "Rule "
                + String.join(", ", entry.getValue())
                + " "
                + entry.getKey()
                + ", too, for _ in a name is any one character; write [_] for an underscore itself")
        .toList();
  }
}
