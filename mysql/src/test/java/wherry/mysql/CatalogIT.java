package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.LoadCounts;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class CatalogIT {
  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_of_engines_without_transactions_are_no_part_of_the_snapshot(Engine engine) {
    engine.fresh("cat");
    engine.execute(
        "cat",
        "CREATE TABLE kept (id int PRIMARY KEY) ENGINE=InnoDB",
        "CREATE TABLE old (id int PRIMARY KEY) ENGINE=MyISAM",
        "CREATE TABLE unwanted (id int PRIMARY KEY) ENGINE=MyISAM");
    Source source = engine.source();
    List<TableSchema> tables =
        source.tables((id, kind) -> id.schema().equals("cat") && !id.name().equals("unwanted"));
    try (Snapshot snapshot = source.snapshot(tables, 1)) {
      assertThat(snapshot.exceptions(tables))
          .singleElement()
          .asString()
          .contains("Table cat.old is of the engine MyISAM")
          .contains("ALTER TABLE `cat`.`old` ENGINE=InnoDB");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_that_goes_while_the_catalogue_is_read_is_none(Engine engine) {
    engine.fresh("cat");
    engine.execute("cat", "CREATE TABLE kept (id int)", "CREATE TABLE moved (id int)");
    List<TableSchema> tables =
        engine
            .source()
            .tables((id, kind) -> {
              if (id.name().equals("moved")) {
                engine.execute("cat", "DROP TABLE moved");
              }
              return id.schema().equals("cat");
            });
    assertThat(tables).map(table -> table.id().name()).containsExactly("kept");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_and_views_come_with_keys_indexes_and_hidden_columns(Engine engine) {
    engine.fresh("cat");
    String invisible = engine == Engine.MARIADB ? "INVISIBLE DEFAULT 1" : "DEFAULT 1 INVISIBLE";
    engine.execute(
        "cat",
        "CREATE TABLE a (id int PRIMARY KEY, hidden int "
            + invisible
            + ", gen int AS (id * 2) STORED, txt text,"
            + " e enum('a','it''s','x,y','') NOT NULL, s set('r','g'), KEY part (txt(10), id DESC), FULLTEXT KEY words (txt))",
        "CREATE TABLE b (x int NOT NULL, y int NOT NULL, z int, n varchar(9) NOT NULL, UNIQUE KEY with_null (z),"
            + " UNIQUE KEY prefix (n(3)), UNIQUE KEY two (x, y), UNIQUE KEY three (x, y, n))",
        "CREATE TABLE c (x int)",
        "CREATE VIEW v AS SELECT id FROM a",
        "CREATE TABLE awsdms_status (x int)");
    Map<String, TableSchema> tables =
        engine.source().tables((id, kind) -> id.schema().equals("cat")).stream()
            .collect(Collectors.toMap(t -> t.id().name(), Function.identity()));

    assertThat(tables).containsOnlyKeys("a", "b", "c", "v");
    TableSchema a = tables.get("a");
    assertThat(a.columns())
        .extracting(Column::name)
        .containsExactly("id", "hidden", "gen", "txt", "e", "s");
    assertThat(a.columns().get(4).labels()).containsExactly("a", "it's", "x,y", "");
    assertThat(a.columns().get(5).meaning()).isEqualTo(Meaning.SET);
    assertThat(a.key()).contains(new Key(true, List.of(0)));
    boolean knowsDescending =
        engine == Engine.MYSQL || a.indexes().get(0).parts().get(1).descending();
    assertThat(a.indexes())
        .containsExactly(
            new Index(
                "part",
                false,
                List.of(new Index.Part(3, false, 10), new Index.Part(0, knowsDescending, 0))));
    assertThat(a.indexesLeftOut()).containsExactly("words");
    assertThat(tables.get("b").key()).contains(new Key(false, List.of(0, 1)));
    assertThat(tables.get("c").key()).isEmpty();
    assertThat(tables.get("v").kind()).isEqualTo(TableSchema.Kind.VIEW);
    assertThat(engine.source().schemas())
        .contains("cat")
        .doesNotContain("mysql", "sys", "information_schema");
  }

  @Test
  void types_of_mariadb_alone_find_their_equals_on_mysql() throws Exception {
    Engine.MARIADB.fresh("src");
    Engine.MYSQL.fresh("dst");
    Engine.MARIADB.execute(
        "src",
        "CREATE TABLE t (id uuid PRIMARY KEY, a6 inet6, a4 inet4, doc json, plain longtext,"
            + " name varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci, v int)"
            + " WITH SYSTEM VERSIONING",
        "INSERT INTO t VALUES ('550e8400-e29b-41d4-a716-446655440000', '2001:db8::1', '10.0.0.1', '{\"a\": 1}', 'x', 'é', 1)",
        "UPDATE t SET v = 2",
        "CREATE SEQUENCE no_table");
    Copy copy = new Copy(Engine.MARIADB.source(), Engine.MYSQL.target());

    LoadCounts counts = copy.run(new TableId("src", "t"), "dst");

    assertThat(copy.rejected).isEmpty();
    assertThat(counts.loaded()).isEqualTo(1);
    TableSchema source =
        Engine.MARIADB.source().tables((id, kind) -> id.schema().equals("src")).get(0);
    assertThat(source.columns())
        .extracting(Column::meaning)
        .containsExactly(
            Meaning.UUID,
            Meaning.LITERAL,
            Meaning.LITERAL,
            Meaning.JSON,
            Meaning.PLAIN,
            Meaning.PLAIN,
            Meaning.PLAIN);
    TableSchema target =
        Engine.MYSQL.source().tables((id, kind) -> id.schema().equals("dst")).get(0);
    assertThat(target.columns())
        .extracting(c -> c.nativeType().name())
        .containsExactly(
            "char(36) CHARACTER SET ascii COLLATE ascii_bin",
            "varchar(39) CHARACTER SET ascii COLLATE ascii_bin",
            "varchar(15) CHARACTER SET ascii COLLATE ascii_bin",
            "json",
            "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            "varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci",
            "int");
    Engine.MARIADB.fresh("dst2");
    Copy back = new Copy(Engine.MYSQL.source(), Engine.MARIADB.target());
    assertThat(back.run(new TableId("dst", "t"), "dst2").loaded()).isEqualTo(1);
    assertThat(back.rejected).isEmpty();
    assertThat(
            Engine.MARIADB
                .source()
                .tables((id, kind) -> id.schema().equals("dst2"))
                .get(0)
                .columns()
                .get(3)
                .type())
        .isEqualTo(DataType.NCLOB);
  }
}
