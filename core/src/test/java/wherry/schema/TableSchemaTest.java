package wherry.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.table;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableSchemaTest {
  private static final TableSchema ORDERS =
      new TableSchema(
          id("app.orders"),
          TableSchema.Kind.TABLE,
          table("app.orders", "a", "b", "c", "d").columns(),
          Optional.of(new Key(true, List.of(3, 1))),
          List.of(index("by_b_c", 1, 2), index("by_d", 3), index("by_a", 0)),
          List.of("by_expression"));

  @Test
  void a_column_left_out_moves_key_and_indexes_to_the_new_places() {
    TableSchema without = ORDERS.keepColumns(column -> column != 0);

    assertThat(without.columns()).extracting(Column::name).containsExactly("b", "c", "d");
    assertThat(without.key()).contains(new Key(true, List.of(2, 0)));
    assertThat(without.indexes()).containsExactly(index("by_b_c", 0, 1), index("by_d", 2));
    assertThat(without.indexesLeftOut()).containsExactly("by_expression");
  }

  @Test
  void a_key_or_index_that_loses_a_column_is_gone_because_the_rest_need_not_be_unique() {
    TableSchema without = ORDERS.keepColumns(column -> !Set.of(1).contains(column));

    assertThat(without.key()).isEmpty();
    assertThat(without.indexes()).extracting(Index::name).containsExactly("by_d", "by_a");
  }

  @Test
  void new_names_change_nothing_else() {
    TableSchema renamed =
        ORDERS.withId(id("shop.sales")).mapColumns(column -> column.withName(column.name() + "2"));

    assertThat(renamed.columns()).extracting(Column::name).containsExactly("a2", "b2", "c2", "d2");
    assertThat(renamed.key()).isEqualTo(ORDERS.key());
    assertThat(renamed.isKeyColumn(3)).isTrue();
    assertThat(renamed.isKeyColumn(0)).isFalse();
  }

  @Test
  void tables_sort_by_schema_then_name() {
    assertThat(List.of(id("b.a"), id("a.z"), id("a.b")).stream().sorted())
        .containsExactly(id("a.b"), id("a.z"), id("b.a"));
  }

  private static Index index(String name, int... columns) {
    return new Index(
        name,
        false,
        java.util.Arrays.stream(columns).mapToObj(c -> new Index.Part(c, false, 0)).toList());
  }
}
