package wherry.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import wherry.chaos.StormTable.Column;

/**
 * Draws statements that define tables. Some make no sense and are refused by the server, which is
 * part of the storm.
 */
final class StormDefinitions {
  /** Whose row is the last to arrive; nothing else is done to it. */
  static final String FENCE = "fence";

  private static final List<String> NAMES = List.of("t1", "t2", "t3", "t4", "t5", "t6");
  private static final List<String> COLUMNS = List.of("a", "b", "c", "d", "e");

  /** Of partitions, whose rows are drawn with keys below sixty, and a last row far above. */
  private static final List<String> BOUNDS = List.of("MINVALUE", "20", "40", "MAXVALUE");

  private final Place source;
  private final String aside;
  private final StormDraw draw;
  private final StormRows rows;

  /**
   * Draws for this source.
   *
   * @param aside the schema to which tables are moved away
   */
  StormDefinitions(Place source, String aside, StormDraw draw, StormRows rows) {
    this.source = source;
    this.aside = aside;
    this.draw = draw;
    this.rows = rows;
  }

  private boolean postgres() {
    return source.dialect() == Dialect.POSTGRES;
  }

  /**
   * Statements that belong together.
   *
   * @param here the tables that the task follows
   * @param away those that were moved away
   */
  List<String> statements(Map<String, StormTable> here, Map<String, StormTable> away) {
    List<StormTable> tables = tables(here);
    if (tables.size() < 2) {
      return create(freeName(here).orElse("t1"));
    }
    StormTable table = draw.oneOf(tables);
    StormTable other = draw.oneOf(tables);
    return switch (draw.below(20)) {
      case 0, 1 -> freeName(here).map(this::create).orElseGet(() -> drop(table));
      case 2 -> drop(table);
      case 3 -> again(table);
      case 4 -> freeName(here).map(free -> rename(table, free)).orElseGet(() -> swap(table, other));
      case 5 -> swap(table, other);
      case 6 -> moveAway(table);
      case 7 -> away.isEmpty() ? moveAway(table) : moveBack(draw.oneOf(List.copyOf(away.values())));
      case 8, 9, 10, 11, 12 ->
          List.of("ALTER TABLE " + table.sqlName() + " " + columnChange(table));
      case 13 ->
          List.of(
              "ALTER TABLE %s %s, %s"
                  .formatted(table.sqlName(), columnChange(table), columnChange(table)));
      case 14 -> List.of("TRUNCATE TABLE " + table.sqlName());
      case 15 -> key(table);
      default -> ofEngine(table, other, freeName(here));
    };
  }

  /** Those with which anything may be done. */
  static List<StormTable> tables(Map<String, StormTable> here) {
    return here.values().stream().filter(table -> !table.name().equals(FENCE)).toList();
  }

  private Optional<String> freeName(Map<String, StormTable> here) {
    List<String> free = NAMES.stream().filter(name -> !here.containsKey(name)).toList();
    return free.isEmpty() ? Optional.empty() : Optional.of(draw.oneOf(free));
  }

  /** With rows or without, with a key or without. */
  List<String> create(String name) {
    String table = source.schema() + "." + name;
    boolean keyed = draw.inHundred(75);
    List<Column> columns = new ArrayList<>(List.of(new Column("id", "int", false, keyed)));
    List<String> definitions = new ArrayList<>(List.of(keyed ? "id int PRIMARY KEY" : "id int"));
    for (int i = 0; i <= draw.below(3); i++) {
      String type = draw.oneOf("int", "bigint", "varchar(40)", "decimal(10,2)");
      columns.add(new Column(COLUMNS.get(i), type.replaceAll("\\(.*", ""), false, false));
      definitions.add(COLUMNS.get(i) + " " + type);
    }
    List<String> statements = new ArrayList<>();
    statements.add("CREATE TABLE %s (%s)".formatted(table, String.join(", ", definitions)));
    if (postgres() && !keyed && draw.inHundred(80)) {
      statements.add("ALTER TABLE " + table + " REPLICA IDENTITY FULL");
    }
    StormTable created = new StormTable(source.schema(), name, columns);
    IntStream.range(0, draw.below(4)).forEach(i -> statements.add(rows.insert(created)));
    return statements;
  }

  private List<String> drop(StormTable table) {
    return List.of("DROP TABLE " + table.sqlName());
  }

  private List<String> again(StormTable table) {
    List<String> statements = new ArrayList<>(drop(table));
    statements.addAll(create(table.name()));
    return statements;
  }

  private List<String> rename(StormTable table, String name) {
    return List.of(renaming(table.sqlName(), source.schema(), name));
  }

  private String renaming(String from, String schema, String name) {
    if (postgres()) {
      return "ALTER TABLE " + from + " RENAME TO " + name;
    }
    return draw.inHundred(70)
        ? "RENAME TABLE " + from + " TO " + schema + "." + name
        : "ALTER TABLE " + from + " RENAME TO " + schema + "." + name;
  }

  private List<String> swap(StormTable one, StormTable other) {
    String schema = source.schema();
    if (!postgres()) {
      return List.of(
          "RENAME TABLE %s TO %s.between_, %s TO %s, %s.between_ TO %s"
              .formatted(
                  one.sqlName(), schema, other.sqlName(), one.sqlName(), schema, other.sqlName()));
    }
    return List.of(
        "BEGIN",
        renaming(one.sqlName(), schema, "between_"),
        renaming(other.sqlName(), schema, one.name()),
        renaming(schema + ".between_", schema, other.name()),
        draw.inHundred(80) ? "COMMIT" : "ROLLBACK");
  }

  private List<String> moveAway(StormTable table) {
    List<String> statements = new ArrayList<>(List.of(move(table, aside)));
    if (draw.inHundred(50)) {
      StormTable moved = new StormTable(aside, table.name(), table.columns());
      statements.add(rows.statement(moved));
      statements.add(move(moved, source.schema()));
    }
    return statements;
  }

  private List<String> moveBack(StormTable table) {
    return List.of(rows.statement(table), move(table, source.schema()));
  }

  private String move(StormTable table, String schema) {
    return postgres()
        ? "ALTER TABLE " + table.sqlName() + " SET SCHEMA " + schema
        : renaming(table.sqlName(), schema, table.name());
  }

  private String columnChange(StormTable table) {
    List<Column> others = table.columns().stream().filter(column -> !column.key()).toList();
    String free =
        COLUMNS.stream()
            .filter(
                name -> table.columns().stream().noneMatch(column -> column.name().equals(name)))
            .findFirst()
            .orElse("");
    if (others.isEmpty() || !free.isEmpty() && draw.inHundred(45)) {
      return "ADD COLUMN " + free + " " + newColumn(others);
    }
    Column column = draw.oneOf(others);
    return switch (draw.below(3)) {
      case 0 -> "DROP COLUMN " + column.name();
      case 1 ->
          "RENAME COLUMN "
              + column.name()
              + " TO "
              + (free.isEmpty() ? column.name() + draw.below(9) : free);
      default -> retype(column);
    };
  }

  private String newColumn(List<Column> others) {
    String type =
        draw.oneOf(
            "int",
            "int DEFAULT 7",
            "int NOT NULL DEFAULT 3",
            "varchar(40) DEFAULT 'x'",
            "varchar(40)",
            "decimal(10,2) NOT NULL DEFAULT 1.5",
            "bigint");
    if (!others.isEmpty() && others.get(0).isNumber() && draw.inHundred(10)) {
      return "int GENERATED ALWAYS AS (mod(" + others.get(0).name() + ", 7)) STORED";
    }
    if (postgres() || draw.inHundred(60)) {
      return type;
    }
    return type
        + (others.isEmpty() || draw.inHundred(50) ? " FIRST" : " AFTER " + others.get(0).name());
  }

  private String retype(Column column) {
    String type =
        column.isDecimal()
            ? draw.oneOf("decimal(12,2)", "decimal(12,4)")
            : column.isNumber()
                ? draw.oneOf("bigint", "varchar(60)", "int", "decimal(12,2)")
                : draw.oneOf("varchar(80)", "text", "varchar(30)");
    return postgres()
        ? "ALTER COLUMN " + column.name() + " TYPE " + type
        : draw.inHundred(50)
            ? "MODIFY COLUMN " + column.name() + " " + type
            : "CHANGE COLUMN %s %<s %s".formatted(column.name(), type);
  }

  private List<String> key(StormTable table) {
    String name = table.sqlName();
    if (table.isKeyed()) {
      return postgres()
          ? List.of("ALTER TABLE " + name + " DROP CONSTRAINT " + constraint(table))
          : List.of("ALTER TABLE " + name + " DROP PRIMARY KEY");
    }
    List<Column> numbers = table.columns().stream().filter(Column::isNumber).toList();
    if (numbers.isEmpty()) {
      return List.of("ALTER TABLE " + name + " ADD COLUMN id int PRIMARY KEY");
    }
    List<String> statements = new ArrayList<>();
    if (draw.inHundred(70)) {
      statements.add("DELETE FROM " + name);
    }
    statements.add(
        "ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY (%s)"
            .formatted(name, constraint(table), draw.oneOf(numbers).name()));
    return statements;
  }

  /** The name under which PostgreSQL has the key of a table that was never renamed. */
  private static String constraint(StormTable table) {
    return table.name() + "_pkey";
  }

  private List<String> ofEngine(StormTable table, StormTable other, Optional<String> free) {
    return switch (source.dialect()) {
      case POSTGRES -> ofPostgres(table, free);
      case MYSQL, MARIADB -> ofMySql(table, other, free);
    };
  }

  private List<String> ofPostgres(StormTable table, Optional<String> free) {
    String name = table.sqlName();
    return switch (draw.below(13)) {
      case 0, 1 ->
          List.of(
              "ALTER TABLE "
                  + name
                  + " REPLICA IDENTITY "
                  + draw.oneOf("FULL", "DEFAULT", "NOTHING"));
      case 2 -> List.of(publication("DROP", table));
      case 3 ->
          List.of(publication("DROP", table), rows.statement(table), publication("ADD", table));
      case 4 -> List.of(publication("ADD", table));
      case 5 ->
          List.of(
              "BEGIN",
              rows.insert(table),
              "SAVEPOINT one",
              "ALTER TABLE " + name + " " + columnChange(table),
              rows.insert(table),
              "ROLLBACK TO SAVEPOINT one",
              rows.statement(table),
              "COMMIT");
      case 6 -> List.of("VACUUM FULL " + name);
      case 7 -> free.map(this::createPartitioned).orElseGet(() -> drop(table));
      case 8, 9, 10, 11 -> partition(table);
      default ->
          List.of(
              "DO $$ BEGIN EXECUTE 'ALTER TABLE %s %s'; %s; END $$"
                  .formatted(name, columnChange(table).replace("'", "''"), rows.statement(table)));
    };
  }

  /** Its partitions are out of sight, in the schema aside. */
  private List<String> createPartitioned(String name) {
    String table = source.schema() + "." + name;
    Column id = new Column("id", "int", false, true);
    StormTable created =
        new StormTable(source.schema(), name, List.of(id, new Column("a", "int", false, false)));
    List<String> statements = new ArrayList<>();
    statements.add(
        "CREATE TABLE " + table + " (id int PRIMARY KEY, a int) PARTITION BY RANGE (id)");
    for (int number = 0; number < 3; number++) {
      statements.add(
          "CREATE TABLE %s.%s_%d PARTITION OF %s FOR VALUES FROM (%s) TO (%s)"
              .formatted(aside, name, number, table, BOUNDS.get(number), BOUNDS.get(number + 1)));
    }
    IntStream.range(0, draw.below(4)).forEach(i -> statements.add(rows.insert(created)));
    return statements;
  }

  /**
   * What no log tells. A partition that takes the place of another is left alone, for one that is
   * made, filled and gone again within seconds leaves no trace.
   */
  private List<String> partition(StormTable table) {
    int number = draw.below(3);
    String name = "%s.%s_%d".formatted(aside, table.name(), number);
    String detach = "ALTER TABLE " + table.sqlName() + " DETACH PARTITION " + name;
    String bounds =
        "FOR VALUES FROM (%s) TO (%s)".formatted(BOUNDS.get(number), BOUNDS.get(number + 1));
    String next = "%s.%s_%d_%d".formatted(aside, table.name(), number, draw.below(1000));
    String row = "INSERT INTO %s VALUES (%d, %d)".formatted(next, 10 + 20 * number, draw.below(50));
    String attach = "ALTER TABLE " + table.sqlName() + " ATTACH PARTITION " + next + " " + bounds;
    return switch (draw.below(7)) {
      case 0 -> List.of("TRUNCATE TABLE " + name);
      case 1 -> List.of("BEGIN", rows.statement(table), "TRUNCATE TABLE " + name, "COMMIT");
      case 2 -> List.of("DROP TABLE " + name);
      case 3 -> List.of("VACUUM FULL " + name);
      case 4 -> List.of(detach, "DROP TABLE " + name);
      case 5 ->
          List.of(
              "BEGIN",
              "DROP TABLE " + name,
              "CREATE TABLE " + next + " (LIKE " + table.sqlName() + " INCLUDING ALL)",
              row,
              attach,
              "COMMIT");
      default ->
          List.of(
              "BEGIN",
              "DROP TABLE " + name,
              "CREATE TABLE " + next + " PARTITION OF " + table.sqlName() + " " + bounds,
              rows.statement(table),
              "COMMIT");
    };
  }

  /** In all publications that there are: those of the task. */
  private static String publication(String change, StormTable table) {
    return """
    DO $$ DECLARE p text; BEGIN FOR p IN SELECT pubname FROM pg_publication LOOP
      EXECUTE format('ALTER PUBLICATION %%I %s TABLE %s', p); END LOOP; END $$\
    """
        .formatted(change, table.sqlName());
  }

  private List<String> ofMySql(StormTable table, StormTable other, Optional<String> free) {
    String name = table.sqlName();
    String schema = source.schema();
    return switch (draw.below(9)) {
      case 0 ->
          List.of(
              "ALTER TABLE " + name + " PARTITION BY HASH(id) PARTITIONS " + (2 + draw.below(3)));
      case 1 ->
          List.of(
              "ALTER TABLE "
                  + name
                  + " PARTITION BY RANGE(id) (PARTITION p0 VALUES LESS THAN (20),"
                  + " PARTITION p1 VALUES LESS THAN (40), PARTITION p2 VALUES LESS THAN MAXVALUE)");
      case 2, 3 -> List.of("ALTER TABLE " + name + " " + partitions());
      case 4 ->
          List.of(
              "CREATE TABLE " + schema + ".side LIKE " + name,
              "ALTER TABLE " + schema + ".side REMOVE PARTITIONING",
              "INSERT IGNORE INTO " + schema + ".side SELECT * FROM " + name + " WHERE id < 20",
              "ALTER TABLE " + name + " EXCHANGE PARTITION p0 WITH TABLE " + schema + ".side",
              draw.inHundred(70) ? "DROP TABLE " + schema + ".side" : "SELECT 1");
      case 5 ->
          List.of(
              "CREATE TEMPORARY TABLE " + name + " (id int)",
              "INSERT INTO " + name + " VALUES (1)",
              "ALTER TABLE " + name + " ADD COLUMN z int",
              "TRUNCATE TABLE " + name,
              "DROP TEMPORARY TABLE " + name);
      case 6 ->
          List.of(
              "CREATE TABLE %s.%s %s"
                  .formatted(
                      schema,
                      free.orElse("t7"),
                      draw.inHundred(50) ? "LIKE " + name : "SELECT * FROM " + name));
      case 7 ->
          source.dialect() == Dialect.MARIADB
              ? List.of("CREATE OR REPLACE TABLE " + name + " (id int PRIMARY KEY, a int)")
              : List.of("DROP TABLE IF EXISTS " + name + ", " + other.sqlName());
      default ->
          List.of(
              "USE " + schema,
              "/* storm */ alter  table `%s`\n/*!50000 %s */"
                  .formatted(table.name(), columnChange(table)));
    };
  }

  private String partitions() {
    return draw.oneOf(
        "COALESCE PARTITION 1",
        "ADD PARTITION PARTITIONS 2",
        "REMOVE PARTITIONING",
        "DROP PARTITION p0",
        "TRUNCATE PARTITION p1",
        "REORGANIZE PARTITION p0 INTO (PARTITION p0a VALUES LESS THAN (10), PARTITION p0 VALUES LESS"
            + " THAN (20))",
        "REBUILD PARTITION p1");
  }
}
