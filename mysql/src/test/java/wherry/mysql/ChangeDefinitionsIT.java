package wherry.mysql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.mysql.Applying.ABSENT;
import static wherry.mysql.Applying.query;
import static wherry.mysql.Applying.row;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.SchemaChange;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.TableTruncated;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class ChangeDefinitionsIT {
  private static final TableId TABLE = new TableId("dst", "t");

  private static ChangeWriter writer(Engine engine) {
    return engine.target().changes(Applying.REQUEST);
  }

  /** The columns of a table that is created so on the source, as the target is to have it. */
  private static TableSchema source(Engine engine, String columns) {
    engine.execute("", "DROP DATABASE IF EXISTS src", "CREATE DATABASE src");
    engine.execute("src", "CREATE TABLE t (" + columns + ")");
    return engine
        .source()
        .tables((id, kind) -> id.equals(new TableId("src", "t")))
        .get(0)
        .withId(TABLE);
  }

  private static Column column(TableSchema table, String name) {
    return table.columns().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void columns_are_added_dropped_renamed_and_retyped_once_however_often_it_is_asked(Engine engine)
      throws Exception {
    engine.fresh("dst");
    Target target = engine.target();
    TableSchema before =
        source(engine, "id int PRIMARY KEY, a varchar(10) NOT NULL, b int, c int, d int");
    TableSchema table = target.prepare(before, PrepareMode.DROP_AND_CREATE, false);
    engine.execute(
        "dst", "ALTER TABLE t MODIFY b int DEFAULT 5", "INSERT INTO t VALUES (1,'x',2,3,4)");
    TableSchema after =
        source(
            engine,
            "id int PRIMARY KEY, a varchar(20) NOT NULL, `B` int, new datetime(3) NOT NULL, dd bigint");
    List<ColumnChange> changes =
        List.of(
            new ColumnChange.Retyped(column(after, "a")),
            new ColumnChange.Renamed("b", column(after, "B")),
            new ColumnChange.Dropped("c"),
            new ColumnChange.Added(column(after, "new")),
            new ColumnChange.Renamed("d", column(after, "dd")));

    try (ChangeWriter writer = writer(engine)) {
      for (int i = 0; i < 3; i++) {
        writer.alter(table, after, changes);
        TableSchema altered = writer.describe(after);
        assertThat(altered.columns())
            .extracting(Column::name)
            .containsExactly("id", "a", "B", "new", "dd");
        assertThat(altered.key()).isEqualTo(table.key());
      }
      assertThat(writer.definitionsCommit()).isTrue();
    }

    assertThat(query(engine, "SELECT id, a, B, dd, new FROM dst.t"))
        .containsExactly("1|x|2|4|null");
    assertThat(
            query(
                engine,
                "SELECT column_name, data_type, character_maximum_length, is_nullable, replace(column_default, 'NULL', '')"
                    + " FROM information_schema.columns WHERE table_schema='dst' ORDER BY ordinal_position"))
        .map(line -> line.replace("|null", "|"))
        .containsExactly(
            "id|int||NO|",
            "a|varchar|20|NO|",
            "B|int||YES|5",
            "dd|bigint||YES|",
            "new|datetime||YES|");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_new_column_may_take_the_name_of_one_that_goes(Engine engine) {
    engine.fresh("dst");
    Target target = engine.target();
    TableSchema table =
        target.prepare(
            source(engine, "id int PRIMARY KEY, a int, b int, c int"),
            PrepareMode.DROP_AND_CREATE,
            false);
    engine.execute("dst", "INSERT INTO t VALUES (1, 2, 3, 4)");
    TableSchema after = source(engine, "id int PRIMARY KEY, d int, a int, b int, c int");
    try (ChangeWriter writer = writer(engine)) {
      writer.alter(
          table,
          after,
          List.of(
              new ColumnChange.Renamed("a", column(after, "d")),
              new ColumnChange.Added(column(after, "a")),
              new ColumnChange.Dropped("b"),
              new ColumnChange.Added(column(after, "b")),
              new ColumnChange.Dropped("c"),
              ColumnChange.Added.filled(TABLE, column(after, "c"), "5".getBytes(UTF_8))));
    }
    engine.execute("dst", "INSERT INTO t (id) VALUES (2)");
    assertThat(query(engine, "SELECT id, d, a, b, c FROM dst.t ORDER BY id"))
        .containsExactly("1|2|null|null|5", "2|null|null|null|null");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_rename_that_cannot_be_told_from_one_that_is_done_puts_the_table_into_error(Engine engine) {
    engine.fresh("dst");
    Target target = engine.target();
    TableSchema wanted = source(engine, "id int PRIMARY KEY, a int, b int");
    TableSchema table = target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false);
    try (ChangeWriter writer = writer(engine)) {
      assertThatThrownBy(() ->
              writer.alter(
                  table, wanted, List.of(new ColumnChange.Renamed("a", column(wanted, "b")))))
          .isInstanceOfSatisfying(
              DmsException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED))
          .hasMessageContaining("both a column a and a column b");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_are_dropped_and_renamed_once_however_often_it_is_asked(Engine engine) {
    engine.fresh("dst");
    engine.server().execute("DROP DATABASE IF EXISTS elsewhere");
    Target target = engine.target();
    TableSchema table =
        target.prepare(source(engine, "id int PRIMARY KEY"), PrepareMode.DROP_AND_CREATE, false);
    TableId to = new TableId("elsewhere", "u");
    try (ChangeWriter writer = writer(engine)) {
      writer.rename(table, to);
      writer.rename(table, to);
      assertThat(query(engine, "SHOW TABLES FROM elsewhere")).containsExactly("u");
      writer.drop(table.withId(to));
      writer.drop(table.withId(to));
      assertThat(query(engine, "SHOW TABLES FROM elsewhere")).isEmpty();
      assertThatThrownBy(() -> writer.rename(table, to)).isInstanceOf(DmsException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_definition_in_the_middle_of_a_transaction_commits_nothing_of_it(Engine engine)
      throws Exception {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY)");
    Target target = engine.target();
    TableSchema wanted =
        source(engine, "id int PRIMARY KEY, v int").withId(new TableId("dst", "u"));
    engine.execute("dst", "CREATE TABLE u (id int PRIMARY KEY)");
    List<ColumnChange> changes = List.of(new ColumnChange.Added(column(wanted, "v")));
    Applying t = Applying.same(engine, "dst", "t");
    for (int i = 0; i < 2; i++) {
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        writer.apply(t.route, t.insert("1"));
        writer.savepoint();
        writer.alter(wanted, wanted, changes);
        Applying u = new Applying(target, wanted);
        writer.apply(u.route, u.insert("1", "2"));
        // What was changed already is not defined anew; its table has to be loaded again.
        assertThatThrownBy(() -> writer.drop(t.route.target()))
            .isInstanceOfSatisfying(
                DmsException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED));
        if (i == 1) {
          writer.commit(Applying.checkpoint("1"));
        }
      }
      assertThat(query(engine, "SELECT count(*), count(id) FROM dst.t"))
          .containsExactly(i + "|" + i);
      assertThat(query(engine, "SELECT count(*), sum(v) FROM dst.u"))
          .containsExactly(i == 0 ? "0|null" : "1|2");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void after_a_definition_that_failed_the_transaction_goes_on(Engine engine) throws Exception {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY)");
    Applying t = Applying.same(engine, "dst", "t");
    TableSchema missing = t.route.target().withId(new TableId("dst", "missing"));
    try (ChangeWriter writer = writer(engine)) {
      writer.savepoint();
      assertThatThrownBy(() -> writer.truncate(missing)).isInstanceOf(DmsException.class);
      writer.rollBackToSavepoint();
      writer.apply(t.route, t.insert("1"));
      writer.savepoint();
      assertThatThrownBy(() -> writer.truncate(missing)).isInstanceOf(DmsException.class);
      writer.rollBackToSavepoint();
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("1");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void definitions_reach_the_database_that_the_endpoint_names(Engine engine) {
    engine.fresh("dst");
    Target target = engine.target("TargetDbType", "specific-database", "DatabaseName", "dst");
    TableSchema wanted = source(engine, "id int PRIMARY KEY").withId(new TableId("public", "t"));
    TableSchema wider =
        source(engine, "id int PRIMARY KEY, v int").withId(new TableId("public", "t"));
    target.prepare(wanted, PrepareMode.DROP_AND_CREATE, false);
    engine.execute("dst", "INSERT INTO t VALUES (1)");
    try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
      writer.truncate(wanted);
      writer.alter(wanted, wider, List.of(new ColumnChange.Added(column(wider, "v"))));
      assertThat(query(engine, "SELECT count(*), count(v) FROM dst.t")).containsExactly("0|0");
      writer.rename(wider, new TableId("public", "u"));
      writer.drop(wider.withId(new TableId("public", "u")));
      assertThat(query(engine, "SHOW TABLES FROM dst")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_is_emptied_whether_or_not_the_transaction_has_begun(Engine engine) throws Exception {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1),(2)");
    Applying t = Applying.same(engine, "dst", "t");
    try (ChangeWriter writer = writer(engine)) {
      writer.savepoint();
      writer.truncate(t.route.target());
      writer.apply(t.route, t.insert("3"));
      writer.rollBackToSavepoint();
      writer.apply(t.route, t.insert("4"));
      writer.commit(Applying.checkpoint("1"));
      assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("4");
      writer.apply(t.route, t.insert("5"));
      writer.savepoint();
      writer.truncate(t.route.target());
      writer.rollBackToSavepoint();
      writer.commit(Applying.checkpoint("2"));
    }
    assertThat(query(engine, "SELECT * FROM dst.t ORDER BY id")).containsExactly("4", "5");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void control_tables_have_the_documented_columns_and_commit_with_the_changes(Engine engine) {
    engine.fresh("dst");
    Instant time = Instant.parse("2024-02-29T12:00:00.987654Z");
    try (ChangeWriter writer = writer(engine)) {
      writer.write(new ControlRow.ApplyException(TABLE, time, "x", "lost"));
      writer.rollBack();
      writer.write(new ControlRow.ApplyException(TABLE, time, "INSERT 😀", "error"));
      for (int i = 1; i <= 2; i++) {
        writer.write(
            new ControlRow.Status(
                "host",
                "RUNNING",
                time,
                i,
                2,
                3,
                "p".repeat(2000),
                time,
                "q",
                null,
                Instant.EPOCH));
        writer.write(new ControlRow.Suspended("host", TABLE, "reason " + i, time));
        writer.write(new ControlRow.Timeslot("host", "CHANGE PROCESSING", time, 5, null, i, 7));
      }
      writer.commit(Applying.checkpoint("1"));
      assertThat(query(engine, "SELECT * FROM awsdms_control.awsdms_suspended_tables"))
          .containsExactly("host|task|dst|t|reason 2|2024-02-29 12:00:00");
      writer.write(new ControlRow.Healed("host", TABLE));
      writer.commit(Applying.checkpoint("2"));
    }
    assertThat(query(engine, "SELECT * FROM awsdms_control.awsdms_apply_exceptions"))
        .containsExactly("task|dst|t|2024-02-29 12:00:00.987654|INSERT 😀|error");
    assertThat(query(engine, "SELECT * FROM awsdms_control.awsdms_status"))
        .containsExactly(
            "host|task|RUNNING|2024-02-29 12:00:00|2|2|3|"
                + "p".repeat(1024)
                + "|2024-02-29 12:00:00|q|null|1970-01-01 00:00:00");
    assertThat(query(engine, "SELECT * FROM awsdms_control.awsdms_history"))
        .containsExactly("host|task|CHANGE PROCESSING|2024-02-29 12:00:00|5|null|2|7");
    assertThat(query(engine, "SELECT * FROM awsdms_control.awsdms_suspended_tables")).isEmpty();
    assertThat(
            query(
                engine,
                "SELECT table_name, group_concat(column_name ORDER BY ordinal_position) FROM information_schema.columns"
                    + " WHERE table_schema='awsdms_control' GROUP BY 1 ORDER BY 1"))
        .contains(
            "awsdms_apply_exceptions|TASK_NAME,TABLE_OWNER,TABLE_NAME,ERROR_TIME,STATEMENT,ERROR,NUMBER",
            "awsdms_history|SERVER_NAME,TASK_NAME,TIMESLOT_TYPE,TIMESLOT,TIMESLOT_DURATION,TIMESLOT_LATENCY,RECORDS,"
                + "TIMESLOT_VOLUME",
            "awsdms_status|SERVER_NAME,TASK_NAME,TASK_STATUS,STATUS_TIME,PENDING_CHANGES,DISK_SWAP_SIZE,TASK_MEMORY,"
                + "SOURCE_CURRENT_POSITION,SOURCE_CURRENT_TIMESTAMP,SOURCE_TAIL_POSITION,SOURCE_TAIL_TIMESTAMP,"
                + "SOURCE_TIMESTAMP_APPLIED",
            "awsdms_suspended_tables|SERVER_NAME,TASK_NAME,TABLE_OWNER,TABLE_NAME,SUSPEND_REASON,SUSPEND_TIMESTAMP");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_change_is_told_as_a_statement_that_can_be_run(Engine engine) throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst", "CREATE TABLE t (id int PRIMARY KEY, `a ``b` longtext, c varbinary(10), d int)");
    Applying t = Applying.same(engine, "dst", "t");
    String[] row = row("1", "it's \\ 'é'\n", "ab", null);
    List<String> statements = new ArrayList<>();
    try (ChangeWriter writer = writer(engine)) {
      statements.add(writer.statement(t.route, t.insert(row)));
      statements.add(writer.statement(t.route, t.update(row("1", ABSENT, ABSENT, "5"))));
      for (String statement : statements) {
        engine.execute("", statement);
      }
      assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("1|it's \\ 'é'\n|ab|5");
      engine.execute("", writer.statement(t.route, t.delete("1", ABSENT, ABSENT, ABSENT)));
      assertThat(query(engine, "SELECT * FROM dst.t")).isEmpty();
      assertThat(writer.statement(t.route, new TableTruncated(new TableId("src", "t"))))
          .isEqualTo("TRUNCATE TABLE `dst`.`t`");
      assertThat(
              writer.statement(t.route, new SchemaChange.TableDropped(TABLE, "DROP TABLE src.t")))
          .isEqualTo("DROP TABLE src.t");
      String longest = writer.statement(t.route, t.insert("1", "é".repeat(100_000), "x", null));
      assertThat(longest).startsWith("INSERT INTO `dst`.`t`").endsWith("é… (shortened)");
      writer.write(new ControlRow.ApplyException(TABLE, Instant.EPOCH.plusSeconds(1), longest, ""));
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(
            query(engine, "SELECT length(STATEMENT) FROM awsdms_control.awsdms_apply_exceptions"))
        .allSatisfy(length -> assertThat(Integer.parseInt(length)).isBetween(65_530, 65_536));
  }
}
