package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class DefinitionHistoryTest {
  private static TableSchema table(String name, String... columns) {
    return new TableSchema(
        new TableId("shop", name),
        Stream.of(columns).map(DefinitionHistoryTest::column).toList(),
        Optional.empty());
  }

  private static Column column(String name) {
    NativeType type = new NativeType(MySqlColumns.FAMILY, "int");
    return new Column(name, DataType.INT4, Meaning.PLAIN, 0, 0, 0, List.of(), true, type);
  }

  private static DefinitionHistory before(int lowerCaseTableNames, String... statements) {
    MySqlServer server = MySqlServer.of("8.4.0", lowerCaseTableNames, 1 << 20, true, true);
    DefinitionHistory history =
        new DefinitionHistory(
            List.of(table("moved", "b", "a"), table("added", "a", "b"), table("again", "a")),
            server);
    history.takeBack(
        Stream.of(statements)
            .map(statement -> new QueryEvent("Shop", statement, SqlMode.NONE))
            .toList());
    return history;
  }

  @Test
  void names_in_statements_are_compared_as_the_server_does() {
    String[] statements = {
      "ALTER TABLE Moved MODIFY a int AFTER b",
      "ALTER TABLE SHOP.added ADD b int",
      "DROP TABLE Again",
      "CREATE TABLE AGAIN (a int)"
    };
    DefinitionHistory sameTables = before(1, statements);
    assertThat(sameTables.lost()).containsOnlyKeys(new TableId("shop", "moved"));
    assertThat(sameTables.replaced()).containsExactly(new TableId("shop", "again"));
    assertThat(sameTables.tables())
        .filteredOn(table -> table.id().name().equals("added"))
        .singleElement()
        .satisfies(
            table -> assertThat(table.columns()).extracting(Column::name).containsExactly("a"));

    DefinitionHistory others = before(0, statements);
    assertThat(others.lost()).isEmpty();
    assertThat(others.replaced()).isEmpty();
    assertThat(others.tables()).hasSize(3);
  }
}
