package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.schema.TableId;

class StatementTextTest {
  private static final MySqlServer SERVER = MySqlServer.of("8.4.0", 0, 1 << 20, true, true);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rename tables a TO b",
        "DROP TABLES a, b",
        "/* why */ ALTER ONLINE TABLE a ADD b int",
        "TRUNCATE a",
        "DROP SCHEMA s"
      })
  void a_statement_defines_tables_in_whichever_words_the_server_takes(String statement) {
    assertThat(StatementText.definesTables(statement)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_table_is_renamed_in_the_plural_too(boolean mariaDb) {
    DdlTree tree = DdlTree.of("RENAME TABLES a TO b", mariaDb).orElseThrow();
    assertThat(new DdlReader("shop").read(tree))
        .containsExactly(
            new TableStatement.Rename(new TableId("shop", "a"), new TableId("shop", "b")));
  }

  /** A pattern that takes one frame of the stack for each character ends the whole task. */
  @Test
  void a_value_may_be_as_long_as_the_server_takes() {
    for (String quote : List.of("'", "\"", "`")) {
      String statement =
          "INSERT INTO t VALUES ("
              + quote
              + "x\\y".repeat(300_000)
              + quote
              + ", u /*!80000 + v */)";
      assertThat(StatementText.firstWord(statement)).isEqualTo("INSERT");
      assertThat(StatementText.names(statement)).contains("t", "u");
      assertThat(StatementText.withConditions(statement, SERVER)).endsWith(", u   + v  )");
    }
  }
}
