package wherry.server.run;

import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.plan.ColumnPlan;
import wherry.plan.Finding;
import wherry.plan.TablePlan;
import wherry.plan.TaskPlan;

/** A plan for programs. */
public final class PlanJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private PlanJson() {}

  public static String of(TaskPlan plan) {
    ObjectNode node = JSON.createObjectNode();
    node.put("good", plan.isGood());
    ArrayNode tables = node.putArray("tables");
    plan.tables().forEach(table -> add(tables.addObject(), table));
    texts(node.putArray("controlStatements"), plan.control());
    texts(node.putArray("captureStatements"), plan.capture());
    ArrayNode findings = node.putArray("findings");
    plan.findings().forEach(finding -> add(findings.addObject(), finding));
    return JSON.writeValueAsString(node) + "\n";
  }

  private static void add(ObjectNode node, TablePlan table) {
    node.put("source", table.source().toString()).put("target", table.target().toString());
    numbers(node.putArray("selectedByRules"), table.selectedBy());
    numbers(node.putArray("namedByRules"), table.rules());
    node.put("filtered", table.filtered());
    ArrayNode columns = node.putArray("columns");
    for (ColumnPlan column : table.columns()) {
      ObjectNode each = columns.addObject();
      each.put("source", column.source()).put("sourceType", column.sourceType());
      each.put("target", column.target()).put("targetType", column.targetType());
      numbers(each.putArray("rules"), column.rules());
    }
    texts(node.putArray("statements"), table.statements());
    texts(node.putArray("statementsAfterLoad"), table.afterLoad());
    node.put("expectedRows", table.expectedRows()).put("expectedBytes", table.expectedBytes());
    node.put("triedRows", table.sampledRows()).put("rejectedRows", table.rejectedRows());
  }

  private static void add(ObjectNode node, Finding finding) {
    node.put("effect", finding.effect().name()).put("subject", finding.subject().name());
    finding.table().ifPresent(table -> node.put("table", table.toString()));
    node.put("column", finding.column()).put("rows", finding.rows());
    node.put("message", finding.message());
  }

  private static void texts(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static void numbers(ArrayNode array, List<Long> numbers) {
    numbers.forEach(array::add);
  }
}
