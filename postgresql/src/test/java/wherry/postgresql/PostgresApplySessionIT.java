package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.postgresql.Changes.delete;
import static wherry.postgresql.Changes.insert;
import static wherry.postgresql.Changes.row;
import static wherry.postgresql.Changes.update;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Checkpoint;
import wherry.change.SchemaChange.TableDropped;
import wherry.change.TableTruncated;
import wherry.connector.ChangeRefused;
import wherry.connector.ChangeWriter;
import wherry.connector.ChangeWriter.NetCounts;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * What a session may do to a table that others use, constrain or have prepared in their own way.
 */
class PostgresApplySessionIT {
  private static final Databases databases = new Databases();
  private static final Checkpoint CHECKPOINT =
      new Checkpoint("0/1", Instant.EPOCH, "0/1", List.of(), "log");

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static TableRoute route(Target target) {
    return Changes.route(target, databases.sourceTable("public", "t"));
  }

  @Test
  void foreign_keys_and_triggers_of_the_target_do_not_act_where_the_role_may_silence_them()
      throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, parent int)");
    databases.inTarget(
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES parent)",
        "CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id = NEW.id * 2;"
            + " RETURN NEW; END'",
        "CREATE TRIGGER double BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION double()");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      assertThat(writer.checksForeignKeys()).isFalse();
      TableRoute route = route(target);
      writer.apply(route, insert(route, "1", "7"));
      writer.apply(route, Changes.inserts(route, List.<String[]>of(row("2", "8"))));
      writer.commit(CHECKPOINT);
    }
    assertThat(databases.targetRows("SELECT * FROM t ORDER BY id")).containsExactly("1|7", "2|8");
  }

  @Test
  void a_plain_role_applies_changes_and_says_that_foreign_keys_are_checked() throws Exception {
    String role = "plain_" + databases.targetName();
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, parent int)");
    databases.inTarget(
        "CREATE ROLE %s LOGIN PASSWORD 'secret'".formatted(role),
        "GRANT ALL ON SCHEMA public TO " + role,
        "CREATE TABLE t (id int PRIMARY KEY, parent int)",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON t TO " + role);
    try (Target target = databases.target("Username", role, "Password", "secret");
        ChangeWriter writer = target.changes(Changes.request())) {
      assertThat(writer.checksForeignKeys()).isFalse();
      TableRoute route = route(target);
      List<String[]> rows = IntStream.range(0, 300).mapToObj(i -> row("" + i, "" + i)).toList();
      writer.apply(route, Changes.inserts(route, rows));
      assertThat(writer.apply(route, Changes.updates(route, List.of(1), rows)).updated())
          .isEqualTo(300);
      writer.commit(CHECKPOINT);

      databases.inTarget(
          "CREATE TABLE parent (id int PRIMARY KEY)",
          "ALTER TABLE t ADD FOREIGN KEY (parent) REFERENCES parent NOT VALID");
      assertThat(writer.checksForeignKeys()).isTrue();
      writer.savepoint();
      assertThatThrownBy(() -> writer.apply(route, insert(route, "1000", "1")))
          .isInstanceOfSatisfying(
              ChangeRefused.class, e -> assertThat(e.sqlState()).isEqualTo("23503"));
      writer.rollBack();

      databases.inTarget("REVOKE UPDATE ON t FROM " + role);
      assertThatThrownBy(() -> writer.apply(route, update(route, "1", "2")))
          .isInstanceOfSatisfying(
              DmsException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING);
                assertThat(e).hasMessageContaining("GRANT SELECT, INSERT, UPDATE, DELETE");
                assertThat(e).hasMessageNotContaining("secret");
              });
    } finally {
      databases.inTarget("DROP OWNED BY " + role, "DROP ROLE " + role);
    }
  }

  @Test
  void a_lock_that_others_hold_makes_the_target_busy() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    try (Target target = databases.target("AfterConnectScript", "SET lock_timeout = '200ms'");
        ChangeWriter writer = target.changes(Changes.request());
        Connection other = Databases.server().connect(databases.targetName());
        Statement statement = other.createStatement()) {
      TableRoute route = route(target);
      other.setAutoCommit(false);
      statement.execute("DELETE FROM t");
      assertThatThrownBy(() -> writer.apply(route, delete(route, "1")))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
      writer.rollBack();
      other.rollback();
      assertThat(writer.apply(route, delete(route, "1"))).isEqualTo(1);
      writer.commit(CHECKPOINT);
    }
  }

  @Test
  void identity_columns_keep_the_values_of_the_source_however_the_target_generates_them()
      throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, number int, v text)");
    databases.inTarget(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number int GENERATED"
            + " ALWAYS AS IDENTITY, v text, extra int DEFAULT 5)");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      TableRoute route = route(target);
      List<String[]> rows =
          IntStream.rangeClosed(1, 300).mapToObj(i -> row("" + i, "" + 10 * i, "old")).toList();
      List<String[]> newer =
          IntStream.rangeClosed(1, 300).mapToObj(i -> row("" + i, "" + 10 * i, "new")).toList();
      writer.apply(route, Changes.inserts(route, rows));
      assertThat(writer.apply(route, insert(route, "1000", "10000", "old"))).isEqualTo(1);
      assertThat(writer.apply(route, Changes.updates(route, List.of(1, 2), newer)))
          .isEqualTo(new NetCounts(0, 300, 0));
      assertThat(
              writer
                  .apply(route, Changes.updates(route, List.of(1, 2), newer.subList(0, 5)))
                  .updated())
          .isEqualTo(5);
      assertThat(
              writer
                  .apply(route, Changes.updates(route, List.of(1), newer.subList(0, 5)))
                  .updated())
          .isEqualTo(5);
      assertThat(writer.apply(route, update(route, "1000", "10000", "new"))).isEqualTo(1);
      assertThat(writer.apply(route, update(route, "1000", "7", "other")))
          .as("a value that no UPDATE can give it")
          .isZero();
      writer.commit(CHECKPOINT);
    }
    assertThat(
            databases.targetRows(
                "SELECT count(*), sum(id), sum(number), min(v), max(v), min(extra) FROM t"))
        .containsExactly("301|46150|461500|new|new|5");
  }

  @Test
  void a_change_is_told_as_a_statement_with_its_values() {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, \"o\"\"dd\" text, b bytea, f float8)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY, \"o\"\"dd\" text, b bytea, f float8)");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      TableRoute route = route(target);
      assertThat(writer.statement(route, insert(route, "1", "it's", "a", "NaN")))
          .isEqualTo(
              "INSERT INTO \"public\".\"t\" (\"id\", \"o\"\"dd\", \"b\", \"f\") VALUES (1, 'it''s',"
                  + " '\\x61', 'NaN')");
      assertThat(writer.statement(route, update(route, "-1", null, Changes.ABSENT, "1.5")))
          .isEqualTo(
              "UPDATE \"public\".\"t\" SET \"id\" = -1, \"o\"\"dd\" = NULL, \"f\" = '1.5' WHERE"
                  + " \"id\" = -1");
      assertThat(writer.statement(route, delete(route, "1", null, null, null)))
          .isEqualTo("DELETE FROM \"public\".\"t\" WHERE \"id\" = 1");
      assertThat(writer.statement(route, insert(route, "1", "x".repeat(100_000), null, null)))
          .hasSizeLessThan(2000)
          .contains("xxx… (100000 bytes)");
      TableId table = new TableId("public", "t");
      assertThat(writer.statement(route, new TableTruncated(table)))
          .isEqualTo("TRUNCATE TABLE \"public\".\"t\"");
      assertThat(writer.statement(route, new TableDropped(table, "é".repeat(40_000))).getBytes())
          .hasSizeLessThanOrEqualTo(64 * 1024);
    }
  }
}
