package wherry.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/** Runs {@code ./wherry plan} with the files of one folder, and reads what it says. */
final class Plans {
  static final String ALL_OF_APP =
      """
      {"rules": [
        {"rule-type": "selection", "rule-id": 1, "rule-action": "include",
         "object-locator": {"schema-name": "app", "table-name": "%"}},
        {"rule-type": "transformation", "rule-id": 2, "rule-target": "schema", "rule-action": "rename",
         "value": "shop", "object-locator": {"schema-name": "app"}},
        {"rule-type": "transformation", "rule-id": 3, "rule-target": "column", "rule-action": "remove-column",
         "object-locator": {"schema-name": "app", "table-name": "%", "column-name": "secret"}},
        {"rule-type": "transformation", "rule-id": 4, "rule-target": "column", "rule-action": "rename",
         "value": "title", "object-locator": {"schema-name": "app", "table-name": "%", "column-name": "name"}}]}
      """;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  final Commands commands;

  Plans(Path folder) {
    this.folder = folder;
    this.commands = new Commands(folder);
    commands.file("mappings.json", ALL_OF_APP);
    commands.file("password", "sandbox\n");
  }

  /**
   * @param database of PostgreSQL
   */
  static String url(DatabaseServer server, String database) {
    String place = "://%s@127.0.0.1:%d".formatted(server.user(), server.port());
    return server instanceof PostgresServer
        ? "postgresql" + place + "/" + database
        : (server instanceof MariaDbServer ? "mariadb" : "mysql") + place;
  }

  Commands.Answer plan(String source, String target, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "plan",
                "--source",
                source,
                "--target",
                target,
                "--mappings",
                folder.resolve("mappings.json").toString(),
                "--source-password-file",
                folder.resolve("password").toString(),
                "--target-password-file",
                folder.resolve("password").toString()));
    arguments.addAll(List.of(more));
    return commands.run(arguments.toArray(String[]::new));
  }

  JsonNode planned(String source, String target, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add("--json");
    Commands.Answer answer = plan(source, target, all.toArray(String[]::new));
    assertThat(answer.err()).isEmpty();
    return JSON.readTree(answer.out());
  }

  static JsonNode table(JsonNode plan, String source) {
    for (JsonNode table : plan.path("tables")) {
      if (table.path("source").asString().equals(source)) {
        return table;
      }
    }
    throw new AssertionError("No table " + source + " in " + plan.toPrettyString());
  }

  /** {@code LOSES column rows message}. */
  static List<String> told(JsonNode plan, String table) {
    List<String> told = new ArrayList<>();
    for (JsonNode finding : plan.path("findings")) {
      if (finding.path("table").asString("").equals(table)) {
        told.add(
            finding.path("effect").asString()
                + " "
                + finding.path("column").asString()
                + " "
                + finding.path("rows").asLong()
                + " "
                + finding.path("message").asString());
      }
    }
    return told;
  }

  /** The last column of the first row. */
  static String single(DatabaseServer server, String database, String query) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(row.getMetaData().getColumnCount());
    }
  }
}
