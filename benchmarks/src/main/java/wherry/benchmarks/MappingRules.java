package wherry.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * The mappings that are compared. All of them leave the table its name and every row, so that the
 * rates are of the same rows; the filter is one that each row has to pass.
 *
 * @param name as the report shows it
 * @param rules transformation rules, and filters of the selection rule
 */
record MappingRules(String name, String filters, List<String> rules) {
  static final List<String> COMPILED =
      List.of(
          "$l_returnflag || '/' || $l_linestatus",
          "CASE WHEN $l_quantity > 25 THEN 'large' ELSE 'small' END",
          "upper(substr($l_comment, 1, 10))");
  static final String BY_SQLITE = "strftime('%Y-%m', $l_shipdate)";

  static List<MappingRules> all() {
    List<String> compiled = new ArrayList<>();
    for (String expression : COMPILED) {
      compiled.add(added(10 + compiled.size(), expression));
    }
    return List.of(
        new MappingRules("no rule", "", List.of()),
        new MappingRules(
            "rename, remove, retype, filter",
            """
            {"filter-type": "source", "column-name": "l_quantity", "filter-conditions": [
              {"filter-operator": "between", "start-value": "1", "end-value": "50"}]}\
            """,
            List.of(
                ofColumn(10, "l_comment", "\"rule-action\": \"rename\", \"value\": \"remark\""),
                ofColumn(11, "l_shipinstruct", "\"rule-action\": \"remove-column\""),
                ofColumn(
                    12,
                    "l_linenumber",
                    "\"rule-action\": \"change-data-type\", \"data-type\": {\"type\": \"int8\"}"))),
        new MappingRules("three compiled expressions", "", compiled),
        new MappingRules("one expression by SQLite", "", List.of(added(10, BY_SQLITE))));
  }

  String document() {
    List<String> all = new ArrayList<>();
    all.add(
        """
        {"rule-type": "selection", "rule-id": 1, "rule-action": "include", "filters": [%s],
         "object-locator": {"schema-name": "%s", "table-name": "%s"}}\
        """
            .formatted(filters, BenchmarkTable.SCHEMA, BenchmarkTable.NAME));
    all.addAll(rules);
    return "{\"rules\": [" + String.join(",\n", all) + "]}";
  }

  private static String ofColumn(int id, String column, String action) {
    return """
    {"rule-type": "transformation", "rule-id": %d, "rule-target": "column", %s,
     "object-locator": {"schema-name": "%s", "table-name": "%s", "column-name": "%s"}}\
    """
        .formatted(id, action, BenchmarkTable.SCHEMA, BenchmarkTable.NAME, column);
  }

  private static String added(int id, String expression) {
    return """
    {"rule-type": "transformation", "rule-id": %d, "rule-target": "column", "rule-action": "add-column",
     "value": "added_%d", "expression": "%s", "data-type": {"type": "string", "length": 20},
     "object-locator": {"schema-name": "%s", "table-name": "%s"}}\
    """
        .formatted(id, id, expression, BenchmarkTable.SCHEMA, BenchmarkTable.NAME);
  }
}
