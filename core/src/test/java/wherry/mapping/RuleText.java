package wherry.mapping;

import java.util.List;
import wherry.mapping.TableMapping.NameCase;
import wherry.schema.TableSchema;

/** Rules of a table mapping as text, numbered from 100 on, and what they make of tables. */
final class RuleText {
  private static final NameCase EXACT = new NameCase(false, false);

  int nextRule = 100;

  static List<MappedTable> map(TableMapping mapping, TableSchema... tables) {
    return mapping.map(List.of(tables), "", column -> true, EXACT, false);
  }

  static TableMapping mapping(String... rules) {
    return TableMapping.parse(("{'rules':[" + String.join(",", rules) + "]}").replace('\'', '"'));
  }

  String select(String action, String schema, String table) {
    return "{'rule-type':'selection','rule-id':%d,'rule-action':'%s','object-locator':{'schema-name':'%s','table-name':'%s'}}"
        .formatted(nextRule++, action, schema, table);
  }

  String ordered(String action, String schema, String table, String order) {
    return select(action, schema, table)
        .replace("'rule-action'", "'load-order':" + order + ",'rule-action'");
  }

  String typed(String action, String table, String type) {
    return select(action, "app", table)
        .replace("'table-name'", "'table-type':'" + type + "','table-name'");
  }

  String transform(
      String target, String action, String keys, String schema, String table, String column) {
    return "{'rule-type':'transformation','rule-id':%d,'rule-target':'%s','rule-action':'%s',%s'object-locator':{'schema-name':'%s','table-name':'%s','column-name':'%s'}}"
        .formatted(
            nextRule++, target, action, keys.isEmpty() ? "" : keys + ",", schema, table, column);
  }
}
