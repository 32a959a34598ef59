package wherry.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.mapping.RuleText.map;
import static wherry.mapping.RuleText.mapping;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.schema.TableId;
import wherry.schema.TableSchema.Kind;
import wherry.testing.Seed;

/** Which tables a task takes, and in which order. */
class TableSelectionTest {
  private final RuleText text = new RuleText();

  @Test
  void exclude_beats_include_whatever_the_order_and_the_ids() {
    TableMapping mapping =
        mapping(
            text.select("exclude", "app", "DMS%").replace("100", "1"),
            text.select("include", "app", "%").replace("101", "2"));

    assertThat(mapping.selects(id("app.orders"), Kind.TABLE, false)).isTrue();
    assertThat(mapping.selects(id("app.DMS_LOG"), Kind.TABLE, false)).isFalse();
    assertThat(mapping.selects(id("other.orders"), Kind.TABLE, false)).isFalse();
  }

  @Test
  void an_explicit_rule_names_one_object_takes_wildcards_literally_and_beats_exclude() {
    TableMapping mapping =
        mapping(text.select("explicit", "app", "a_b"), text.select("exclude", "%", "%"));

    assertThat(mapping.selects(id("app.a_b"), Kind.TABLE, false)).isTrue();
    assertThat(mapping.selects(id("app.axb"), Kind.TABLE, false)).isFalse();
  }

  @Test
  void an_underscore_that_takes_more_than_the_name_with_an_underscore_is_told() {
    Map<TableId, Kind> offered =
        Map.of(
            id("app.a_b"), Kind.TABLE,
            id("app.axb"), Kind.TABLE,
            id("app.ayb"), Kind.VIEW,
            id("app.azbc"), Kind.TABLE,
            id("other.a_b"), Kind.TABLE);

    assertThat(mapping(text.select("include", "app", "a_b")).looseUnderscores(offered, false))
        .as("a view is not what the rule takes")
        .containsExactly(
            "Rule 100 takes app.axb, too, for _ in a name is any one character; write [_] for an"
                + " underscore itself");
    assertThat(
            mapping(text.select("include", "%", "a%"), text.select("exclude", "app", "a_b"))
                .looseUnderscores(offered, false))
        .containsExactly(
            "Rule 102 leaves out app.axb, too, for _ in a name is any one character; write [_] for"
                + " an underscore itself");
    assertThat(
            mapping(
                    text.select("include", "%", "%"),
                    text.transform("table", "add-prefix", "'value':'p_'", "app", "a_b", "%"))
                .looseUnderscores(offered, false))
        .containsExactly(
            "Rule 104 changes app.axb, too, for _ in a name is any one character; write [_] for an"
                + " underscore itself");
  }

  @Test
  void an_underscore_that_is_escaped_or_meant_or_takes_nothing_else_is_not_told() {
    Map<TableId, Kind> offered =
        Map.of(id("app.a_b"), Kind.TABLE, id("app.axb"), Kind.TABLE, id("app.c_d"), Kind.TABLE);

    assertThat(
            mapping(
                    text.select("include", "app", "a[_]b"),
                    text.select("explicit", "app", "a_b"),
                    text.select("include", "app", "c_d"),
                    text.select("include", "ap_", "%"),
                    text.select("include", "app", "a__"))
                .looseUnderscores(offered, false))
        .isEmpty();
    assertThat(
            mapping(text.select("include", "app", "a_b"), text.select("exclude", "app", "axb"))
                .looseUnderscores(offered, false))
        .as("another rule takes care of it")
        .isEmpty();
  }

  @Test
  void only_exclude_rules_select_nothing() {
    assertThat(
            mapping(text.select("exclude", "app", "x"))
                .selects(id("app.orders"), Kind.TABLE, false))
        .isFalse();
  }

  @ParameterizedTest(name = "table-type {0}: tables {1}, views {2}")
  @CsvSource({"table, true, false", "view, false, true", "all, true, true"})
  void table_type_tells_tables_from_views(String type, boolean tables, boolean views) {
    TableMapping mapping = mapping(text.typed("include", "%", type));

    assertThat(mapping.selects(id("app.t"), Kind.TABLE, false)).isEqualTo(tables);
    assertThat(mapping.selects(id("app.t"), Kind.VIEW, false)).isEqualTo(views);
  }

  @Test
  void an_exclude_takes_away_only_what_its_table_type_names() {
    TableMapping mapping =
        mapping(text.typed("include", "%", "all"), text.typed("exclude", "tmp%", "table"));

    assertThat(mapping.selects(id("app.tmp1"), Kind.TABLE, false)).isFalse();
    assertThat(mapping.selects(id("app.tmp1"), Kind.VIEW, false)).isTrue();
  }

  @Test
  void names_are_compared_as_the_source_compares_them() {
    TableMapping mapping = mapping(text.select("include", "App", "Orders"));

    assertThat(mapping.selects(id("app.orders"), Kind.TABLE, false)).isFalse();
    assertThat(mapping.selects(id("app.orders"), Kind.TABLE, true)).isTrue();
  }

  @Test
  void any_set_of_rules_selects_as_the_definition_says() {
    Random random = Seed.random("any_set_of_rules_selects_as_the_definition_says");
    List<String> patterns = List.of("%", "a%", "a", "ab", "_b", "[ab]%");
    List<String> names = List.of("a", "b", "ab", "bb", "abc");
    for (int i = 0; i < 2_000; i++) {
      List<String[]> rules = new ArrayList<>();
      for (int rule = random.nextInt(4) + 1; rule > 0; rule--) {
        rules.add(
            new String[] {
              pick(random, List.of("include", "exclude", "explicit")),
              pick(random, patterns),
              pick(random, patterns)
            });
      }
      TableMapping mapping =
          mapping(rules.stream().map(r -> text.select(r[0], r[1], r[2])).toArray(String[]::new));
      TableId table = new TableId(pick(random, names), pick(random, names));
      boolean expected =
          any(rules, "explicit", table)
              || (any(rules, "include", table) && !any(rules, "exclude", table));

      assertThat(mapping.selects(table, Kind.TABLE, false))
          .as("%s by %s", table, rules.stream().map(List::of).toList())
          .isEqualTo(expected);
    }
  }

  private static boolean any(List<String[]> rules, String action, TableId table) {
    return rules.stream()
        .filter(rule -> rule[0].equals(action))
        .anyMatch(rule ->
            action.equals("explicit")
                ? rule[1].equals(table.schema()) && rule[2].equals(table.name())
                : NamePattern.of(rule[1]).matches(table.schema(), false)
                    && NamePattern.of(rule[2]).matches(table.name(), false));
  }

  @Test
  void load_order_comes_from_the_most_specific_rule_and_ties_take_the_highest() {
    TableMapping mapping =
        mapping(
            text.ordered("include", "%", "%", "9"),
            text.ordered("include", "app", "ord%", "5"),
            text.ordered("include", "app", "orders", "1"),
            text.ordered("include", "app", "o%", "7"),
            text.ordered("include", "app", "p%", "3"),
            text.ordered("include", "app", "%p", "4"));

    List<MappedTable> mapped =
        map(
            mapping,
            table("app.orders", "id"),
            table("app.orderx", "id"),
            table("app.pop", "id"),
            table("x.y", "id"));

    assertThat(mapped)
        .extracting(t -> t.source().id().name() + " " + t.loadOrder())
        .containsExactly("y 9", "orderx 5", "pop 4", "orders 1");
  }

  @Test
  void tables_without_load_order_come_last_by_name() {
    TableMapping mapping =
        mapping(text.select("include", "%", "%"), text.ordered("include", "app", "z", "1"));

    assertThat(map(mapping, table("app.b", "id"), table("app.z", "id"), table("app.a", "id")))
        .extracting(t -> t.source().id().name())
        .containsExactly("z", "a", "b");
  }

  private static <T> T pick(Random random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
