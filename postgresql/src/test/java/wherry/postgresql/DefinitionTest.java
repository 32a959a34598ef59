package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a table's columns have become, from names and numbers. */
class DefinitionTest {
  private static final int INT = 23;

  /** Columns as {@code name}, {@code name#number} or {@code name#number:type}. */
  private static Definition definition(String... columns) {
    List<Attribute> attributes = new ArrayList<>();
    for (String column : columns) {
      String[] parts = column.split("[#:]");
      int number = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      int type = parts.length > 2 ? Integer.parseInt(parts[2]) : INT;
      attributes.add(new Attribute(number, parts[0], type, -1, false, true, false, null, null));
    }
    return new Definition(attributes);
  }

  private static List<String> steps(Definition before, Definition after, Integer... dropped) {
    return before
        .stepsTo(after, Set.of(dropped))
        .map(steps -> steps.stream().map(DefinitionTest::step).toList())
        .orElse(List.of("unknown"));
  }

  private static String step(Definition.Step step) {
    return switch (step) {
      case Definition.Step.Added added -> "+" + added.column().name();
      case Definition.Step.Dropped dropped -> "-" + dropped.column().name();
      case Definition.Step.Altered altered ->
          altered.before().name() + "=" + altered.after().name() + ":" + altered.after().type();
    };
  }

  @Test
  void numbers_tell_a_renamed_column_from_a_dropped_and_an_added_one() {
    assertThat(steps(definition("id#1", "a#2"), definition("id#1", "b#2")))
        .containsExactly("a=b:23");
    assertThat(steps(definition("id#1", "a#2"), definition("id#1", "b#3"), 2))
        .containsExactly("-a", "+b");
    assertThat(steps(definition("id#1", "a#2"), definition("id#1", "a#3"), 2))
        .containsExactly("-a", "+a");
    assertThat(steps(definition("a#1", "b#2"), definition("b#1", "a#2")))
        .containsExactly("a=b:23", "b=a:23");
    assertThat(steps(definition("id#1", "a#2:23"), definition("id#1", "a#2:20")))
        .containsExactly("a=a:20");
  }

  @Test
  void names_alone_tell_what_only_came_or_only_went() {
    assertThat(steps(definition("id#1", "a#2"), definition("id", "a", "b"))).containsExactly("+b");
    assertThat(steps(definition("id#1", "a#2"), definition("id"))).containsExactly("-a");
    assertThat(steps(definition("id#1", "a#2"), definition("id", "b"))).containsExactly("unknown");
  }

  @Test
  void numbers_are_found_where_the_neighbours_leave_no_choice() {
    assertThat(steps(definition("id", "a", "c"), definition("id#1", "b#2", "c#3")))
        .containsExactly("a=b:23");
    assertThat(steps(definition("id", "a", "c"), definition("id#1", "c#3"), 2))
        .containsExactly("-a");
    assertThat(steps(definition("id", "a"), definition("id#1", "b#3"), 2))
        .containsExactly("unknown");
    assertThat(steps(definition("id", "a"), definition("id#1", "a#2", "b#3")))
        .containsExactly("+b");
  }

  @Test
  void a_definition_between_two_known_ones_is_numbered_by_both() {
    Definition before = definition("id#1", "a#2");
    List<Attribute> catalogue = definition("id#1", "b#2", "c#3:20", "d#4").columns();
    Definition between = before.numbering(definition("id", "a", "c"), catalogue);
    assertThat(between.columns()).extracting(Attribute::number).containsExactly(1, 2, 3);
    assertThat(between.columns().getLast().type()).isEqualTo(INT);
    assertThat(steps(between, new Definition(catalogue))).containsExactly("a=b:23", "c=c:20", "+d");
  }

  @Test
  void nothing_has_changed_when_a_table_is_only_described_again() {
    assertThat(steps(definition("id#1", "a#2"), definition("id#1", "a#2"))).isEmpty();
    assertThat(steps(definition("id", "a"), definition("id", "a"))).isEmpty();
  }
}
