package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.ChangeEvent;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableCreated;
import wherry.change.SchemaChange.TableDropped;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SchemaChange.TableRenamed;
import wherry.change.TableTruncated;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * Rows have the columns that their table had when they were written. The reader begins when all is
 * done, so that the catalogue never helps by chance.
 */
class CaptureDefinitionsIT {
  private static List<String> captured(Engine engine, String[] before, String[] after)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", before);
    try (Capture capture = Capture.of(engine.source(), id -> id.schema().equals("shop"))) {
      engine.execute("shop", after);
      return capture.toTheEnd().events().stream().map(CaptureDefinitionsIT::told).toList();
    }
  }

  private static String told(ChangeEvent event) {
    return switch (event) {
      case TableCreated created -> "created " + created.table().name() + columns(created.created());
      case TableDropped dropped -> "dropped " + dropped.table().name();
      case TableRenamed renamed ->
          "renamed " + renamed.table().name() + " to " + renamed.renamed().id();
      case ColumnsChanged changed ->
          changed.table().name() + columns(changed.after()) + changes(changed.changes());
      case TableLost lost -> "lost " + lost.table().name() + ": " + lost.reason();
      case TableTruncated truncated -> "truncated " + truncated.table().name();
      default -> Capture.told(event);
    };
  }

  private static String columns(TableSchema table) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      names.add(table.columns().get(i).name() + (table.isKeyColumn(i) ? "*" : ""));
    }
    return "(" + String.join(" ", names) + ")";
  }

  private static String changes(List<ColumnChange> changes) {
    StringBuilder text = new StringBuilder();
    for (ColumnChange change : changes) {
      text.append(
          switch (change) {
            case ColumnChange.Added added ->
                " +"
                    + type(added.column())
                    + added.existing().map(cell -> "=" + cell.text(0, 0)).orElse("");
            case ColumnChange.Dropped dropped -> " -" + dropped.column();
            case ColumnChange.Renamed renamed -> " " + renamed.from() + ">" + type(renamed.to());
            case ColumnChange.Retyped retyped -> " ~" + type(retyped.to());
          });
    }
    return text.toString();
  }

  private static String type(Column column) {
    return column.name() + ":" + column.type() + (column.nullable() ? "" : "!");
  }

  private static String[] sql(String... statements) {
    return statements;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void columns_come_go_move_and_change_and_rows_keep_theirs(Engine engine) throws Exception {
    List<String> told =
        captured(
            engine,
            sql("CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(10))"),
            sql(
                "INSERT INTO t VALUES (1, 10, 'x')",
                "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 7 FIRST, ADD d text AFTER id",
                "INSERT INTO t VALUES (2, 2, 'd', 20, 'y')",
                "ALTER TABLE `shop`.`t` DROP a, CHANGE b `B 2` varchar(20) CHARACTER SET latin1 FIRST",
                "INSERT INTO t VALUES ('ä', 3, 3, 'd')",
                "/* a comment */ ALTER TABLE t MODIFY c bigint unsigned NULL AFTER d",
                "INSERT INTO t VALUES ('z', 4, 'e', 18446744073709551615)",
                "ALTER TABLE t ADD (e enum('p','q'), f decimal(6,3)) /*! , DROP COLUMN d */",
                "INSERT INTO t VALUES ('z', 5, 1, 'q', 1.5)",
                "ALTER TABLE t RENAME COLUMN e TO g, ADD INDEX (f), COMMENT 'none'",
                "UPDATE t SET g = 'p' WHERE id = 5",
                "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4, DROP PRIMARY KEY, ADD PRIMARY KEY (id, c)",
                "UPDATE t SET `B 2` = '😀' WHERE id = 5"));
    assertThat(told.stream().map(line -> line.replaceAll(" ~B 2:WSTRING", "")))
        .containsExactly(
            "INSERT t (1|10|x)",
            "t(c id* d a b) +c:INT4!=7 +d:WSTRING",
            "INSERT t (2|2|d|20|y)",
            "t(B 2 c id* d) -a b>B 2:WSTRING",
            "INSERT t (ä|3|3|d)",
            "t(B 2 id* d c) ~c:UINT8",
            "INSERT t (z|4|e|18446744073709551615)",
            "t(B 2 id* c e f) +e:WSTRING +f:NUMERIC -d",
            "INSERT t (z|5|1|q|1.500)",
            "t(B 2 id* c g f) e>g:WSTRING",
            "UPDATE t (z|5|1|q|1.500) -> (z|5|1|p|1.500)",
            "t(B 2 id* c* g f)",
            "UPDATE t (z|5|1|p|1.500) -> (😀|5|1|p|1.500)");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_come_go_are_emptied_and_get_other_names(Engine engine) throws Exception {
    List<String> told =
        captured(
            engine,
            sql(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE b (id int PRIMARY KEY, v int)"),
            sql(
                "INSERT INTO a VALUES (1)",
                "RENAME TABLE a TO old, b TO a, old TO b",
                "INSERT INTO a VALUES (2, 2)",
                "INSERT INTO b VALUES (3)",
                "TRUNCATE b",
                "ALTER TABLE b RENAME TO c, ADD w char(3)",
                "INSERT INTO c VALUES (4, 'w')",
                "CREATE TABLE IF NOT EXISTS c (other int)",
                "CREATE TABLE d LIKE c",
                "INSERT INTO d VALUES (5, 'v')",
                "CREATE TABLE `e ``1` (k serial, v double precision, w bool, PRIMARY KEY (w, k))",
                "INSERT INTO `e ``1` VALUES (6, 1.5, true)",
                "CREATE TEMPORARY TABLE c (x int)",
                "INSERT INTO c VALUES (7)",
                "DROP TEMPORARY TABLE c",
                "DROP TABLE c, `e ``1`",
                "CREATE TABLE f (id int PRIMARY KEY) SELECT 8 AS id, 'x' AS v",
                "CREATE VIEW v AS SELECT * FROM f",
                "DROP TABLE IF EXISTS nothing",
                "DROP DATABASE shop"));
    assertThat(told.subList(0, told.size() - 3))
        .containsExactly(
            "INSERT a (1)",
            "renamed a to shop.old",
            "renamed b to shop.a",
            "renamed old to shop.b",
            "INSERT a (2|2)",
            "INSERT b (3)",
            "truncated b",
            "b(id* w) +w:WSTRING",
            "renamed b to shop.c",
            "INSERT c (4|w)",
            "created d(id* w)",
            "INSERT d (5|v)",
            "created e `1(k* v w*)",
            "INSERT e `1 (6|1.5|1)",
            "dropped c",
            "dropped e `1",
            "created f(id* v)",
            "INSERT f (8|x)");
    assertThat(told.subList(told.size() - 3, told.size()))
        .containsExactlyInAnyOrder("dropped a", "dropped d", "dropped f");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_that_cannot_be_followed_is_lost_with_the_reason_and_the_others_go_on(Engine engine)
      throws Exception {
    List<String> told =
        captured(
            engine,
            sql(
                "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id)"
                    + " (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
                "CREATE TABLE s (id int PRIMARY KEY)",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "CREATE TABLE x (id int PRIMARY KEY)",
                "CREATE DATABASE IF NOT EXISTS elsewhere",
                "CREATE TABLE elsewhere.n (id int PRIMARY KEY)",
                "CREATE TABLE IF NOT EXISTS elsewhere.s (id int PRIMARY KEY)"),
            sql(
                "INSERT INTO p VALUES (1)",
                "ALTER TABLE p ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))",
                "INSERT INTO p VALUES (21)",
                "ALTER TABLE p DROP PARTITION p0",
                "INSERT INTO p VALUES (11)",
                "INSERT INTO t VALUES (1)",
                "ALTER TABLE p EXCHANGE PARTITION p1 WITH TABLE x",
                "INSERT INTO x VALUES (12)",
                "RENAME TABLE elsewhere.n TO n",
                "INSERT INTO n VALUES (1)",
                "SET SESSION binlog_format = 'STATEMENT'",
                "USE elsewhere",
                "REPLACE INTO s VALUES (1)",
                "USE shop",
                "INSERT INTO s VALUES (2)",
                "SET SESSION binlog_format = 'ROW'",
                "INSERT INTO s VALUES (3)",
                "INSERT INTO t VALUES (2)"));
    assertThat(told).hasSize(9);
    assertThat(told).startsWith("INSERT p (1)", "INSERT p (21)").endsWith("INSERT t (2)");
    assertThat(told.get(2)).startsWith("lost p: ").contains("not in the binary log", "Reload");
    assertThat(told.get(3)).isEqualTo("INSERT t (1)");
    assertThat(told.get(4)).startsWith("lost x: ").contains("not in the binary log", "Reload");
    assertThat(told.subList(5, 7)).containsExactly("created n(id*)", "INSERT n (1)");
    assertThat(told.get(7))
        .startsWith("lost s: ")
        .contains("SET GLOBAL binlog_format = 'ROW'", "reload");
  }
}
