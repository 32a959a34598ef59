package wherry.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static wherry.mapping.RuleText.map;
import static wherry.mapping.RuleText.mapping;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.table;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.TableMapping.NameCase;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** The names that tables, columns and indexes get, and what they cannot be. */
class TableMappingTest {
  private static final NameCase EXACT = new NameCase(false, false);

  private final RuleText text = new RuleText();

  // Indexes

  @Test
  void indexes_of_one_name_get_their_tables_before_it_whichever_is_loaded_first() {
    TableMapping mapping =
        mapping(
            text.select("include", "%", "%"),
            text.transform("schema", "rename", "'value':'to'", "%", "%", "%"));
    TableSchema b = indexed("app.b", "by_id", "b_by_id");
    TableSchema c = indexed("other.c", "by_id", "b");

    List<List<String>> names =
        IndexNames.distinct(map(mapping, c, indexed("app.a", "by_id"), b)).stream()
            .map(table -> table.target().indexes().stream().map(Index::name).toList())
            .toList();

    assertThat(names)
        .containsExactly(
            List.of("by_id"), List.of("b_by_id", "b_b_by_id"), List.of("c_by_id", "c_b"));
  }

  private static TableSchema indexed(String name, String... indexes) {
    TableSchema plain = table(name, "id:INT4");
    return new TableSchema(
        plain.id(),
        plain.kind(),
        plain.columns(),
        plain.key(),
        Stream.of(indexes)
            .map(index -> new Index(index, false, List.of(new Index.Part(0, false, 0))))
            .toList(),
        List.of());
  }

  // Names

  @ParameterizedTest(name = "{0} {1}: {2} becomes {3}")
  @CsvSource(
      textBlock =
          """
          rename,            'value':'x',                     Orders,    x
          convert-uppercase, '',                              Straße,    STRASSE
          convert-lowercase, '',                              ORDERS,    orders
          add-prefix,        'value':'p_',                    Orders,    p_Orders
          add-suffix,        'value':'_s',                    Orders,    Orders_s
          remove-prefix,     'value':'Ord',                   Orders,    ers
          remove-prefix,     'value':'ord',                   Orders,    Orders
          remove-suffix,     'value':'ers',                   Orders,    Ord
          remove-suffix,     'value':'x',                     Orders,    Orders
          replace-prefix,    "'value':'X','old-value':'Or'",  Orders,    Xders
          replace-prefix,    "'value':'X','old-value':'x'",   Orders,    Orders
          replace-suffix,    "'value':'Z','old-value':'rs'",  Orders,    OrdeZ
          """,
      quoteCharacter = '"')
  void each_name_action_applies_to_schema_table_and_column(
      String action, String keys, String name, String expected) {
    String value = keys == null || keys.equals("''") ? "" : keys;
    TableSchema source = table(name + "." + name, name);

    assertThat(target(source, text.transform("schema", action, value, "%", "%", "%")).id())
        .isEqualTo(new TableId(expected, name));
    assertThat(target(source, text.transform("table", action, value, "%", "%", "%")).id())
        .isEqualTo(new TableId(name, expected));
    assertThat(target(source, text.transform("column", action, value, "%", "%", "%")).columns())
        .extracting(Column::name)
        .containsExactly(expected);
  }

  @Test
  void locators_match_source_names_never_names_already_changed() {
    TableSchema target =
        target(
            table("app.orders", "id"),
            text.transform("schema", "rename", "'value':'shop'", "app", "%", "%"),
            text.transform("table", "rename", "'value':'sales'", "app", "orders", "%"),
            text.transform("column", "rename", "'value':'key'", "app", "orders", "id"),
            text.transform("column", "rename", "'value':'never'", "shop", "sales", "%"));

    assertThat(target.id()).isEqualTo(id("shop.sales"));
    assertThat(target.columns()).extracting(Column::name).containsExactly("key");
  }

  @Test
  void
      of_several_rules_on_one_object_the_lowest_rule_id_wins_as_a_number_and_the_losers_are_told() {
    text.nextRule = 9;
    String general = text.transform("table", "convert-uppercase", "", "%", "%", "%");
    String specific = text.transform("table", "rename", "'value':'sales'", "app", "orders", "%");

    MappedTable mapped =
        map(
                mapping(text.select("include", "%", "%").replace("11", "1"), specific, general),
                table("app.orders", "id"))
            .getFirst();

    assertThat(mapped.target().id()).isEqualTo(id("app.ORDERS"));
    assertThat(mapped.notes())
        .containsExactly(
            "Rule 10 does not apply to table app.orders: rule 9 has the lower rule-id");
  }

  @Test
  void a_rule_on_the_schema_takes_precedence_over_target_schema() {
    TableSchema orders = table("app.orders", "id");

    assertThat(
            mapping(text.select("include", "%", "%"))
                .map(List.of(orders), "warehouse", c -> true, EXACT, false)
                .getFirst()
                .target()
                .id())
        .isEqualTo(id("warehouse.orders"));
    assertThat(
            mapping(
                    text.select("include", "%", "%"),
                    text.transform("schema", "add-prefix", "'value':'x_'", "app", "%", "%"))
                .map(List.of(orders), "warehouse", c -> true, EXACT, false)
                .getFirst()
                .target()
                .id())
        .isEqualTo(id("x_app.orders"));
  }

  @Test
  void a_removed_column_is_neither_read_nor_created_and_takes_its_key_along() {
    MappedTable mapped =
        map(
                mapping(
                    text.select("include", "%", "%"),
                    text.transform("column", "remove-column", "", "app", "orders", "secret%")),
                table("app.orders", "id", "secret1", "note", "secret2"))
            .getFirst();

    assertThat(mapped.source().columns()).extracting(Column::name).containsExactly("id", "note");
    assertThat(mapped.target().columns()).extracting(Column::name).containsExactly("id", "note");
    assertThat(mapped.source().key().map(Key::columns)).contains(List.of(0));
    assertThat(
            target(
                    table("app.orders", "id", "note"),
                    text.transform("column", "remove-column", "", "app", "orders", "id"))
                .key())
        .isEmpty();
  }

  @Test
  void a_rename_and_a_removal_do_not_compete() {
    MappedTable mapped =
        map(
                mapping(
                    text.select("include", "%", "%"),
                    text.transform("column", "convert-uppercase", "", "%", "%", "%"),
                    text.transform("column", "remove-column", "", "%", "%", "note")),
                table("app.orders", "id", "note"))
            .getFirst();

    assertThat(mapped.target().columns()).extracting(Column::name).containsExactly("ID");
    assertThat(mapped.notes()).isEmpty();
  }

  @Test
  void the_locators_data_type_narrows_a_rule_to_columns_of_that_type() {
    TableSchema target =
        target(
            table("app.orders", "id:INT8", "total:NUMERIC", "tax:NUMERIC"),
            "{'rule-type':'transformation','rule-id':7,'rule-target':'column','rule-action':'add-suffix','value':'_n',"
                + "'object-locator':{'schema-name':'%','table-name':'%','column-name':'%','data-type':'Numeric'}}");

    assertThat(target.columns()).extracting(Column::name).containsExactly("id", "total_n", "tax_n");
  }

  @Test
  void columns_are_compared_without_case_where_the_source_does_so() {
    String rule = text.transform("column", "rename", "'value':'key'", "app", "orders", "ID");

    assertThat(target(table("app.orders", "id"), rule).columns().getFirst().name()).isEqualTo("id");
    assertThat(
            mapping(text.select("include", "%", "%"), rule)
                .map(
                    List.of(table("app.orders", "id")),
                    "",
                    c -> true,
                    new NameCase(false, true),
                    false)
                .getFirst()
                .target()
                .columns()
                .getFirst()
                .name())
        .isEqualTo("key");
  }

  // What cannot be

  @Test
  void two_tables_of_the_same_target_name_are_refused() {
    refused(() ->
            map(
                mapping(
                    text.select("include", "%", "%"),
                    text.transform("table", "rename", "'value':'x'", "%", "%", "%")),
                table("app.a", "id"),
                table("app.b", "id")))
        .withMessageContaining(
            "Tables app.a and app.b would both become app.x on the target, by rule 101. Give");
  }

  @Test
  void names_that_differ_in_case_only_clash_where_the_target_ignores_case() {
    List<TableSchema> tables = List.of(table("app.T", "id"), table("app.t", "id"));
    TableMapping mapping = mapping(text.select("include", "%", "%"));

    assertThat(mapping.map(tables, "", c -> true, EXACT, false)).hasSize(2);
    refused(() -> mapping.map(tables, "", c -> true, EXACT, true))
        .withMessageContaining("would both become app.t");
  }

  @Test
  void two_columns_of_the_same_target_name_are_refused() {
    refused(() ->
            target(
                table("app.orders", "a", "b"),
                text.transform("column", "rename", "'value':'x'", "%", "%", "%")))
        .withMessageContaining(
            "Two columns of table app.orders would both be named x on the target, by rule 100.");
    refused(() ->
            target(
                table("app.orders", "a", "b"),
                text.transform("column", "rename", "'value':'x'", "%", "%", "a"),
                text.transform(
                    "column",
                    "add-column",
                    "'value':'x','data-type':{'type':'int4'}",
                    "%",
                    "%",
                    "a")))
        .withMessageContaining("both be named x on the target, by rules 102, 103.");
  }

  @Test
  void a_transformation_that_matches_nothing_is_told() {
    TableMapping mapping =
        mapping(
            text.select("include", "%", "%"),
            text.transform("column", "remove-column", "", "app", "%", "Password"),
            text.transform("column", "remove-column", "", "app", "%", "b"),
            text.transform("table", "add-prefix", "'value':'p'", "other", "%", "%"),
            text.transform(
                "column", "add-column", "'value':'c','data-type':{'type':'int4'}", "%", "%", "c"));
    List<TableSchema> tables = List.of(table("app.a", "id"), table("app.b", "b", "password"));

    assertThat(mapping.unusedTransformations(tables, EXACT))
        .containsExactly(
            "Rule 101 changes nothing: no table that the task takes has what its object-locator"
                + " names; locators go by the names in the source",
            "Rule 103 changes nothing: no table that the task takes has what its object-locator"
                + " names; locators go by the names in the source");
    assertThat(mapping.unusedTransformations(tables, new NameCase(false, true))).hasSize(1);
  }

  @Test
  void a_table_of_which_no_column_is_left_is_refused() {
    refused(() ->
            target(
                table("app.orders", "a", "b"),
                text.transform("column", "remove-column", "", "%", "%", "%")))
        .withMessageContaining("Table app.orders has no column left");
  }

  @Test
  void a_name_of_which_nothing_is_left_is_refused() {
    refused(() ->
            target(
                table("app.orders", "id"),
                text.transform("table", "remove-prefix", "'value':'orders'", "%", "%", "%")))
        .withMessageContaining("leaves nothing of the name of table app.orders");
  }

  @Test
  void everything_that_does_not_fit_a_table_is_told_at_once_with_its_rules() {
    String typed = "'value':'%s','data-type':{'type':'int4'}";
    refused(() ->
            map(
                mapping(
                    text.select("include", "app", "%")
                        .replace(
                            "'rule-action'",
                            "'filters':[{'filter-type':'source','column-name':'gone','filter-conditions':"
                                + "[{'filter-operator':'eq','value':'1'}]},"
                                + "{'filter-type':'source','column-name':'n','filter-conditions':"
                                + "[{'filter-operator':'eq','value':'many'}]}],'rule-action'"),
                    text.transform("table", "remove-prefix", "'value':'orders'", "%", "%", "%"),
                    text.transform("column", "remove-prefix", "'value':'n'", "%", "%", "n"),
                    text.transform("column", "data-masking-hash-mask", "", "%", "%", "n"),
                    text.transform(
                        "column",
                        "change-data-type",
                        "'data-type':{'type':'uint8'}",
                        "%",
                        "%",
                        "b"),
                    text.transform("column", "add-column", typed.formatted("id"), "%", "%", "x"),
                    text.transform(
                        "column",
                        "add-column",
                        typed.formatted("sum") + ",'expression':'$nope + $neither'",
                        "%",
                        "%",
                        "x"),
                    text.transform("column", "data-masking-digits-randomize", "", "%", "%", "id"),
                    text.transform(
                        "table",
                        "define-primary-key",
                        "'primary-key-def':{'name':'pk','columns':['id','missing','lost']}",
                        "app",
                        "orders",
                        "%")),
                table("app.orders", "id:INT4", "n:INT4", "b:BYTES")))
        .matches(e -> e.table().orElseThrow().equals(id("app.orders")))
        .withMessageContainingAll(
            "Rule 100: table app.orders has no column gone to be filtered by",
            "Rule 100: column n of table app.orders is of type",
            "Rule 101 leaves nothing of the name of table app.orders",
            "Rule 102 leaves nothing of the name of column n",
            "Rule 103: data-masking-hash-mask cannot mask column n",
            "Rule 104: column b of app.orders is of type",
            "Rule 105 adds column id to table app.orders",
            "Rule 106: $nope in its expression",
            "Rule 106: $neither in its expression",
            "masked by data-masking-digits-randomize, by rule 107:",
            "Rule 108 defines a primary key with column missing",
            "Rule 108 defines a primary key with column lost");
  }

  @Test
  void all_tables_that_the_rules_do_not_fit_are_told_at_once() {
    TableMapping mapping =
        mapping(
            text.select("include", "%", "%"),
            text.transform("column", "remove-column", "", "app", "%", "%"));
    TableSchema[] tables =
        Stream.concat(
                Stream.of(table("other.t", "id")),
                IntStream.range(0, 12).mapToObj(i -> table("app.t" + i, "id")))
            .toArray(TableSchema[]::new);

    refused(() -> map(mapping, tables))
        .withMessageStartingWith(
            "Table app.t0 has no column left: the rules remove all of them, by rule 101. Exclude it."
                + " Table app.t1 has")
        .withMessageEndingWith("The rules do not fit 2 more tables.");
  }

  private static org.assertj.core.api.ThrowableAssertAlternative<DmsException> refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatExceptionOfType(DmsException.class)
        .isThrownBy(call)
        .matches(e -> e.code() == ErrorCode.SETTING_INVALID);
  }

  private TableSchema target(TableSchema source, String... transformations) {
    String[] rules =
        Stream.concat(Stream.of(text.select("include", "%", "%")), Stream.of(transformations))
            .toArray(String[]::new);
    return map(mapping(rules), source).getFirst().target();
  }
}
