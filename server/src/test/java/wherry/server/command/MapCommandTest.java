package wherry.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MapCommandTest {
  private static final String MAPPINGS =
      """
      {"rules": [
        {"rule-type": "selection", "rule-id": 1, "rule-action": "include",
         "object-locator": {"schema-name": "app", "table-name": "%"},
         "filters": [{"filter-type": "source", "column-name": "id",
           "filter-conditions": [{"filter-operator": "gte", "value": "2"}]}]},
        {"rule-type": "transformation", "rule-id": 2, "rule-target": "column", "rule-action": "change-data-type",
         "data-type": {"type": "int2"},
         "object-locator": {"schema-name": "app", "table-name": "t", "column-name": "n"}}]}
      """;
  private static final String ROWS =
      """
      # Two tables, of which the rules take one.
      app.t (id int4 key, n wstring(20), note wstring(20))
      1 | 5 | left out
      2 | 6 | 'a | b'
      3 | many | c

      update 2: 2 | 7 | ''
      delete 3

      other.t (id int4 key)
      1
      """;

  @TempDir private Path folder;
  private Commands commands;

  @BeforeEach
  void files() {
    commands = new Commands(folder);
    commands.file("mappings.json", MAPPINGS);
    commands.file("rows.txt", ROWS);
  }

  private Commands.Answer map(String... more) {
    String[] arguments = new String[5 + more.length];
    System.arraycopy(more, 0, arguments, 5, more.length);
    arguments[0] = "map";
    arguments[1] = "--mappings";
    arguments[2] = folder.resolve("mappings.json").toString();
    arguments[3] = "--rows";
    arguments[4] = folder.resolve("rows.txt").toString();
    return commands.run(arguments);
  }

  @Test
  void it_prints_the_fixture_with_what_has_come_out_and_by_which_rule() {
    Commands.Answer answer = map();

    assertThat(answer.err()).isEmpty();
    assertThat(answer.exitCode()).isZero();
    assertThat(answer.out())
        .isEqualTo(
            """
            # Two tables, of which the rules take one.
            app.t (id int4 key, n wstring(20), note wstring(20))
            1 | 5 | left out
            2 | 6 | 'a | b'
            3 | many | c

            -> app.t (id int4 key, n int2, note wstring(20))
            # selected by rule 1
            # rule 2: column n of app.t
            # a filter leaves out 1
            rejected id=3 n: "many" is not a number.
            2 | 6 | 'a | b'

            update 2: 2 | 7 | ''
            delete 3

            ->
            rejected id=3 n: "many" is not a number.
            rejected DELETE of [3] is not applied: the target has no such row.
            2 | 7 | ''

            other.t (id int4 key)
            1

            -> not selected
            """);
  }

  @Test
  void what_was_updated_is_expected_from_then_on_and_a_difference_has_exit_code_1() {
    assertThat(map("--update").exitCode()).isZero();
    assertThat(commands.text("rows.txt")).isEqualTo(map().out());

    commands.file("mappings.json", MAPPINGS.replace("\"int2\"", "\"wstring\", \"length\": 9"));
    Commands.Answer answer = map();

    assertThat(answer.exitCode()).isEqualTo(1);
    assertThat(answer.err())
        .contains("table app.t:")
        .contains("- -> app.t (id int4 key, n int2, note wstring(20))")
        .contains("+ -> app.t (id int4 key, n wstring(9), note wstring(20))")
        .contains("+ 3 | many | c");
  }

  @Test
  void a_golden_file_is_written_and_compared() {
    String golden = folder.resolve("golden.txt").toString();
    assertThat(map("--expected", golden).exitCode()).isEqualTo(2);

    assertThat(map("--expected", golden, "--update").exitCode()).isZero();
    assertThat(map("--expected", golden).exitCode()).isZero();

    commands.file("golden.txt", commands.text("golden.txt").replace("2 | 6 |", "2 | ~[0-5] |"));
    assertThat(map("--expected", golden).err()).contains("- 2 | ~[0-5] |").contains("+ 2 | 6 |");
    commands.file("golden.txt", commands.text("golden.txt").replace("~[0-5]", "~[0-9]"));
    assertThat(map("--expected", golden).exitCode()).isZero();
    assertThat(commands.text("rows.txt")).isEqualTo(ROWS);
  }

  @Test
  void json_says_the_same_to_programs() {
    JsonNode report = JsonMapper.builder().build().readTree(map("--json").out());
    JsonNode table = report.path("tables").path(0);

    assertThat(table.path("target").asString()).isEqualTo("app.t");
    assertThat(table.path("selectedByRules").path(0).asInt()).isEqualTo(1);
    assertThat(table.path("columns").path(1).path("type").asString()).isEqualTo("int2");
    assertThat(table.path("load").path("rows").toString()).isEqualTo("[[\"2\",\"6\",\"a | b\"]]");
    assertThat(table.path("load").path("filtered").asInt()).isEqualTo(1);
    assertThat(table.path("load").path("rejected").path(0).asString()).contains("is not a number");
    assertThat(report.path("tables").path(1).path("outcome").asString()).isEqualTo("not selected");
  }

  @Test
  void help_keeps_the_lines_that_it_is_written_in() {
    assertThat(commands.run("map", "--help").out())
        .startsWith("Usage: ./wherry map ")
        .contains(
            "\nWhat is printed is the fixture with what has come out in it, behind ->. Put that into"
                + " the file (--update), and from\nthen on the command compares.");
    for (String command : new String[] {"serve", "plan", "map"}) {
      assertThat(commands.run(command, "--help").out().lines())
          .as("a line that a terminal of 120 characters breaks")
          .allMatch(line -> line.length() <= 120);
    }
  }

  @Test
  void a_table_that_is_refused_has_exit_code_1_unless_it_is_expected() {
    commands.file("rows.txt", "app.t (key int4 key)\n1\n");
    assertThat(map().exitCode()).isEqualTo(1);
    assertThat(map().out()).contains("-> refused: Rule 1: table app.t has no column id");
    assertThat(map().err()).contains("Rule 2 changes nothing");

    map("--update");
    assertThat(map().exitCode()).isZero();
  }

  @Test
  void mistakes_of_mappings_and_of_fixtures_are_told_with_exit_code_2() {
    commands.file("mappings.json", MAPPINGS.replace("\"int2\"", "\"int3\""));
    assertThat(map().exitCode()).isEqualTo(2);
    assertThat(map().err())
        .contains("Rule with ruleId = 2 failed validation")
        .contains("\"int3\" is not an AWS DMS data type");

    commands.file("mappings.json", MAPPINGS);
    commands.file("rows.txt", "app.t (id int4 key)\n1 | 2\n");
    assertThat(map().exitCode()).isEqualTo(2);
    assertThat(map().err()).contains("\"1 | 2\" has 2 cells, and app.t has 1 columns");

    commands.file("rows.txt", "app.t (id int4 key)\n1\ndelete 1\n");
    assertThat(map().exitCode()).isEqualTo(2);
    assertThat(map().err())
        .contains("\"delete 1\" is a change among rows; an empty line must stand");

    commands.file("rows.txt", "app.t (id int3 key)\n");
    assertThat(map().err()).contains("\"int3\" is no data type of AWS DMS; these are: uuid, ");
  }
}
