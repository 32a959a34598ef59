package wherry.server.command;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.fixture.FixtureTable;
import wherry.fixture.TableLine;
import wherry.fixture.TableOutcome;
import wherry.mapping.MappedTable;
import wherry.schema.TableSchema;

/** What {@code ./wherry map --json} prints. */
final class MapReport {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private MapReport() {}

  /**
   * @param mapped null when the table is not selected, or refused
   */
  record Table(FixtureTable fixture, @Nullable MappedTable mapped, TableOutcome outcome) {
    boolean refused() {
      return outcome.head().startsWith("refused: ");
    }
  }

  static String json(List<String> warnings, List<Table> tables) {
    ObjectNode report = JSON.createObjectNode();
    texts(report.putArray("warnings"), warnings);
    ArrayNode all = report.putArray("tables");
    tables.forEach(table -> add(all.addObject(), table));
    return JSON.writeValueAsString(report) + "\n";
  }

  private static void add(ObjectNode node, Table table) {
    node.put("source", table.fixture().source().id().toString());
    MappedTable mapped = table.mapped();
    if (mapped == null) {
      node.put("outcome", table.outcome().head());
      return;
    }
    node.put("outcome", "mapped");
    node.put("target", mapped.target().id().toString());
    ArrayNode selection = node.putArray("selectedByRules");
    mapped.rules().selection().forEach(selection::add);
    ArrayNode rules = node.putArray("rules");
    mapped
        .rules()
        .transformations()
        .forEach(use -> rules.addObject().put("rule", use.rule()).put("object", use.object()));
    columns(node.putArray("columns"), mapped.target());
    texts(node.putArray("notes"), mapped.notes());
    step(node.putObject("load"), table.outcome().loaded());
    if (!table.fixture().changes().isEmpty()) {
      step(node.putObject("changes"), table.outcome().changed());
    }
  }

  private static void columns(ArrayNode columns, TableSchema target) {
    for (int i = 0; i < target.columns().size(); i++) {
      columns
          .addObject()
          .put("name", target.columns().get(i).name())
          .put("type", TableLine.type(target.columns().get(i)))
          .put("nullable", target.columns().get(i).nullable())
          .put("key", target.isKeyColumn(i));
    }
  }

  private static void step(ObjectNode node, TableOutcome.Rows rows) {
    ArrayNode all = node.putArray("rows");
    rows.rows()
        .forEach(row -> {
          ArrayNode cells = all.addArray();
          row.forEach(cells::add);
        });
    texts(node.putArray("rejected"), rows.rejected());
    node.put("filtered", rows.filtered());
  }

  private static void texts(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  static String list(List<Long> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
