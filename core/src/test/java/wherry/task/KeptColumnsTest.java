package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import wherry.change.SchemaChange.ColumnChange;
import wherry.schema.Column;
import wherry.schema.TestTables;

class KeptColumnsTest {
  private final KeptColumns kept = new KeptColumns(List.of(), Map.of());

  private static Column column(String name) {
    return TestTables.table("app.t", name + ":INT4").columns().getFirst();
  }

  private List<String> named(String... now) {
    return kept
        .named(
            TestTables.table(
                "app.t", List.of(now).stream().map(name -> name + ":INT4").toArray(String[]::new)))
        .columns()
        .stream()
        .map(Column::name)
        .toList();
  }

  @Test
  void a_new_column_with_the_old_name_of_another_is_not_taken_for_it() {
    kept.keep(List.of(new ColumnChange.Renamed("b", column("c"))));
    kept.keep(List.of(new ColumnChange.Added(column("b"))));

    assertThat(named("id", "c", "b")).containsExactly("id", "b", "b (added)");
    assertThat(kept.notOnTarget()).containsExactly("b (added)");

    kept.keep(List.of(new ColumnChange.Renamed("b", column("d"))));
    assertThat(named("id", "c", "d")).containsExactly("id", "b", "b (added)");

    kept.keep(List.of(new ColumnChange.Dropped("d")));
    assertThat(kept.notOnTarget()).isEmpty();
    assertThat(named("id", "c")).containsExactly("id", "b");
  }
}
