package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.mysql.Applying.ABSENT;
import static wherry.mysql.Applying.query;
import static wherry.mysql.Applying.row;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.change.NetChanges;
import wherry.connector.ChangeRefused;
import wherry.connector.ChangeWriter;
import wherry.connector.Target;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class ChangeWriterIT {
  /** More than go by single statements. */
  private static final int MANY = 40;

  static Stream<Arguments> enginesAndWays() {
    return Stream.of(Engine.values())
        .flatMap(e -> Stream.of(Arguments.of(e, true), Arguments.of(e, false)));
  }

  private static ChangeWriter writer(Engine engine, String... settings) {
    return engine.target(settings).changes(Applying.REQUEST);
  }

  private static ChangeWriter writer(Engine engine, boolean loadData) {
    return writer(engine, "loadUsingCSV", Boolean.toString(loadData));
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void a_window_deletes_updates_and_inserts_in_this_order_and_tells_what_it_touched(
      Engine engine, boolean loadData) throws Exception {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY, v varchar(20), w int, hidden int)");
    for (int id = 0; id < 3 * MANY; id++) {
      engine.execute("dst", "INSERT INTO t VALUES (" + id + ", 'old', " + id + ", 7)");
    }
    Applying t = Applying.same(engine, "dst", "t");
    String[][] deleted = new String[MANY][];
    String[][] updated = new String[MANY][];
    String[][] inserted = new String[MANY][];
    for (int i = 0; i < MANY; i++) {
      deleted[i] = row(Integer.toString(i), ABSENT, ABSENT, ABSENT);
      // One row in two keeps its value, and is found all the same.
      updated[i] = row(Integer.toString(MANY + i), i % 2 == 0 ? "new" : "old", ABSENT, ABSENT);
      // Keys of deleted rows may be used again.
      inserted[i] = row(Integer.toString(i), "tab\t\\'é😀", null, "8");
    }

    try (ChangeWriter writer = writer(engine, loadData)) {
      ChangeWriter.NetCounts counts =
          writer.apply(
              t.route,
              new NetChanges(
                  t.set(deleted),
                  List.of(new NetChanges.Update(List.of(1), t.set(updated))),
                  t.set(inserted)));
      assertThat(counts).isEqualTo(new ChangeWriter.NetCounts(MANY, MANY, MANY));
      writer.commit(Applying.checkpoint("1"));
    }

    assertThat(
            query(
                engine,
                "SELECT v, count(*), count(w), sum(hidden) FROM dst.t GROUP BY v ORDER BY v"))
        .containsExactly(
            "new|" + MANY / 2 + "|" + MANY / 2 + "|" + 7 * MANY / 2,
            "old|" + 3 * MANY / 2 + "|" + 3 * MANY / 2 + "|" + 7 * 3 * MANY / 2,
            "tab\t\\'é😀|" + MANY + "|0|" + 8 * MANY);
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void rows_that_are_not_there_are_missing_in_the_counts(Engine engine, boolean loadData)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (0,0),(1,1)");
    Applying t = Applying.same(engine, "dst", "t");
    String[][] rows = new String[MANY][];
    for (int i = 0; i < MANY; i++) {
      rows[i] = row(Integer.toString(i), "0");
    }
    try (ChangeWriter writer = writer(engine, loadData)) {
      assertThat(writer.apply(t.route, t.updates(List.of(1), rows)).updated()).isEqualTo(2);
      assertThat(writer.apply(t.route, t.deletes(rows)).deleted()).isEqualTo(2);
      assertThat(writer.apply(t.route, t.delete("1", "1"))).isZero();
      assertThat(writer.apply(t.route, t.update(row("1", "1")))).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void a_duplicate_is_refused_and_the_savepoint_undoes_its_window(Engine engine, boolean loadData)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (id varchar(20) PRIMARY KEY, u int UNIQUE)",
        "INSERT INTO t VALUES ('a', 1)");
    Applying t = Applying.same(engine, "dst", "t");
    String[][] many = new String[MANY][];
    for (int i = 0; i < MANY; i++) {
      many[i] = row("k" + i, Integer.toString(100 + i));
    }
    for (String[] duplicate : new String[][] {{"a", "2"}, {"A", "3"}, {"b", "1"}}) {
      String[][] rows = many.clone();
      rows[MANY / 2] = duplicate;
      try (ChangeWriter writer = writer(engine, loadData)) {
        assertThat(writer.apply(t.route, t.insert("before", "0"))).isEqualTo(1);
        writer.savepoint();
        assertRefused(
            () -> writer.apply(t.route, t.inserts(rows)), ChangeRefused.Kind.DUPLICATE_KEY);
        writer.rollBackToSavepoint();
        assertRefused(
            () -> writer.apply(t.route, t.insert(duplicate)), ChangeRefused.Kind.DUPLICATE_KEY);
        writer.rollBackToSavepoint();
        assertRefused(
            () -> writer.apply(t.route, t.update(row("before", "0"), duplicate)),
            ChangeRefused.Kind.DUPLICATE_KEY);
        writer.rollBackToSavepoint();
        writer.apply(t.route, t.delete("before", "0"));
        writer.commit(Applying.checkpoint("1"));
      }
      assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("a|1");
    }
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void a_value_that_does_not_fit_is_refused_and_never_cut(Engine engine, boolean loadData)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(3), n tinyint, d decimal(4,1), l varchar(3) CHARACTER SET latin1,"
            + " c int CHECK (c < 10), x int NOT NULL)",
        "INSERT INTO t VALUES (1,'a',1,1,'a',1,1)");
    Applying wide = wide(engine);
    String[] good = {"2", "abc", "-128", "999.9", "é", "9", "0"};
    Object[][] bad = {
      {1, "abcd", ChangeRefused.Kind.TRUNCATION},
      {2, "128", ChangeRefused.Kind.DATA},
      {3, "1.25", ChangeRefused.Kind.TRUNCATION},
      {3, "1000", ChangeRefused.Kind.DATA},
      {4, "Ж", ChangeRefused.Kind.DATA},
      {5, "10", ChangeRefused.Kind.DATA},
      {6, null, ChangeRefused.Kind.DATA},
    };
    try (ChangeWriter writer = writer(engine, loadData)) {
      for (Object[] one : bad) {
        int column = (int) one[0];
        ChangeRefused.Kind kind = (ChangeRefused.Kind) one[2];
        String[] row = good.clone();
        row[column] = (String) one[1];
        String[] update = row.clone();
        update[0] = "1";
        List<String[]> many = new ArrayList<>();
        for (int i = 10; i < 10 + MANY; i++) {
          String[] other = good.clone();
          other[0] = Integer.toString(i);
          many.add(other);
        }
        many.add(row);
        writer.savepoint();
        assertRefused(() -> writer.apply(wide.route, wide.insert(row)), kind);
        writer.rollBackToSavepoint();
        assertRefused(
            () -> writer.apply(wide.route, wide.inserts(many.toArray(new String[0][]))), kind);
        writer.rollBackToSavepoint();
        assertRefused(() -> writer.apply(wide.route, wide.update(update)), kind);
        writer.rollBackToSavepoint();
        many.set(MANY, update);
        assertRefused(
            () ->
                writer.apply(
                    wide.route,
                    wide.updates(List.of(1, 2, 3, 4, 5, 6), many.toArray(new String[0][]))),
            kind);
        writer.rollBackToSavepoint();
      }
      assertThat(writer.apply(wide.route, wide.insert(good))).isEqualTo(1);
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(query(engine, "SELECT * FROM dst.t"))
        .containsExactly("1|a|1|1.0|a|1|1", "2|abc|-128|999.9|é|9|0");
  }

  /** The table t with columns that a source has wider. */
  private static Applying wide(Engine engine) {
    engine.execute("dst", "DROP DATABASE IF EXISTS wide", "CREATE DATABASE wide");
    engine.execute(
        "wide",
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(30), n int, d decimal(9,4), l varchar(30) CHARACTER SET utf8mb4,"
            + " c int, x int)");
    return new Applying(
        engine.target(),
        engine
            .source()
            .tables((id, kind) -> id.schema().equals("wide"))
            .get(0)
            .withId(new TableId("dst", "t")));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_changed_key_moves_the_row_and_what_the_log_leaves_out_stays(Engine engine)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (a int, b varchar(10), v text, w int, PRIMARY KEY (a, b))",
        "INSERT INTO t VALUES (1,'x','long',5), (2,'y',NULL,6)");
    Applying t = Applying.same(engine, "dst", "t");
    try (ChangeWriter writer = writer(engine)) {
      assertThat(
              writer.apply(
                  t.route, t.update(row("1", "x", ABSENT, ABSENT), row("1", "z", ABSENT, "50"))))
          .isEqualTo(1);
      assertThat(writer.apply(t.route, t.update(row("2", "y", "short", ABSENT)))).isEqualTo(1);
      // Nothing is new, and the row is found.
      assertThat(writer.apply(t.route, t.update(row("2", "y", "short", "6")))).isEqualTo(1);
      assertThat(writer.apply(t.route, t.update(row("2", "y", ABSENT, ABSENT)))).isEqualTo(1);
      assertThat(writer.apply(t.route, t.update(row("3", "y", ABSENT, ABSENT)))).isZero();
      assertThat(writer.apply(t.route, t.insert("9", "n", ABSENT, ABSENT))).isEqualTo(1);
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(query(engine, "SELECT * FROM dst.t ORDER BY a"))
        .containsExactly("1|z|long|50", "2|y|short|6", "9|n|null|null");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void without_a_key_exactly_one_of_equal_rows_is_touched(Engine engine) throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (a varchar(10), f float, d double, n decimal(30,10), b varbinary(5), at datetime(3), j json,"
            + " l longtext)");
    Applying t = Applying.same(engine, "dst", "t");
    String[] one = {
      "a",
      "0.1",
      "0.1",
      "12345678901234567890.0000000001",
      "\u0001",
      "2024-01-01 00:00:00.123",
      "{\"k\": 1.5}",
      "long"
    };
    String[] upper = one.clone();
    upper[0] = "A";
    String[] blank = one.clone();
    blank[0] = "a ";
    String[] close = one.clone();
    close[3] = "12345678901234567890.0000000002";
    String[] nulls = new String[8];
    try (ChangeWriter writer = writer(engine)) {
      assertThat(writer.apply(t.route, t.inserts(one, one, one, upper, blank, close, nulls, nulls)))
          .isEqualTo(new ChangeWriter.NetCounts(0, 0, 8));
      assertThat(writer.apply(t.route, t.delete(one))).isEqualTo(1);
      String[] changed = one.clone();
      changed[7] = "changed";
      assertThat(writer.apply(t.route, t.update(one, changed))).isEqualTo(1);
      assertThat(writer.apply(t.route, t.delete(nulls))).isEqualTo(1);
      assertThat(writer.apply(t.route, t.deletes(blank, close)).deleted()).isEqualTo(2);
      assertThat(writer.apply(t.route, t.delete(blank))).isZero();
      assertThat(writer.apply(t.route, t.delete(close))).isZero();
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(query(engine, "SELECT a, l FROM dst.t ORDER BY l, a COLLATE utf8mb4_bin"))
        .containsExactly("null|null", "a|changed", "A|long", "a|long");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void keys_are_found_by_their_exact_value_whatever_the_collation_says(Engine engine)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (id varchar(20) PRIMARY KEY, v int)",
        "INSERT INTO t VALUES ('a', 1)");
    Applying t = Applying.same(engine, "dst", "t");
    String[][] rows = new String[MANY][];
    for (int i = 0; i < MANY; i++) {
      rows[i] = row("k" + i, "0");
    }
    try (ChangeWriter writer = writer(engine)) {
      for (String other : List.of("A", "a ")) {
        rows[0] = row(other, "2");
        assertThat(writer.apply(t.route, t.delete(other, "1"))).isZero();
        assertThat(writer.apply(t.route, t.update(rows[0]))).isZero();
        assertThat(writer.apply(t.route, t.updates(List.of(1), rows)).updated()).isZero();
        assertThat(writer.apply(t.route, t.deletes(rows)).deleted()).isZero();
      }
      rows[0] = row("a", "3");
      assertThat(writer.apply(t.route, t.updates(List.of(1), rows)).updated()).isEqualTo(1);
      // Two that are one key here do not go as a set.
      rows[1] = row("A", "3");
      writer.savepoint();
      assertRefused(
          () -> writer.apply(t.route, t.updates(List.of(1), rows)),
          ChangeRefused.Kind.DUPLICATE_KEY);
      writer.rollBackToSavepoint();
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("a|3");
  }

  @Test
  void a_row_longer_than_a_packet_is_applied_whole_or_refused_and_the_session_goes_on()
      throws Exception {
    ServerOptions options =
        ServerOptions.standard().with("local_infile", "1").with("max_allowed_packet", "1M");
    for (boolean mariaDb : new boolean[] {true, false}) {
      try (MySqlFamilyServer server =
          mariaDb ? MariaDbServer.start(options) : wherry.sandbox.MySqlServer.start(options)) {
        server.createDatabase("dst");
        server.executeIn("dst", "CREATE TABLE t (id int PRIMARY KEY, v longtext, b longblob)");
        String text = "'".repeat(900_000);
        String other = "x".repeat(3_000_000);
        for (boolean loadData : new boolean[] {true, false}) {
          Target target =
              new MySqlConnector()
                  .target(Engine.endpoint(server, "loadUsingCSV", Boolean.toString(loadData)));
          TableSchema rows =
              new MySqlConnector()
                  .source(Engine.endpoint(server))
                  .tables((id, kind) -> id.equals(new TableId("dst", "t")))
                  .get(0);
          Applying t = new Applying(target, rows);
          try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
            writer.savepoint();
            if (loadData) {
              assertThat(writer.apply(t.route, t.insert("1", text, text))).isEqualTo(1);
              assertThat(writer.apply(t.route, t.update(row("1", other, ABSENT)))).isEqualTo(1);
              assertThat(writer.apply(t.route, t.update(row("2", other, ABSENT)))).isZero();
            } else {
              assertRefused(
                  () -> writer.apply(t.route, t.insert("1", text, text)),
                  ChangeRefused.Kind.TRUNCATION);
              assertRefused(
                  () -> writer.apply(t.route, t.inserts(row("1", text, text))),
                  ChangeRefused.Kind.TRUNCATION);
              writer.rollBackToSavepoint();
              writer.apply(t.route, t.insert("3", "a", "b"));
              assertRefused(
                  () -> writer.apply(t.route, t.update(row("3", other, ABSENT))),
                  ChangeRefused.Kind.TRUNCATION);
            }
            writer.commit(Applying.checkpoint("1"));
          }
        }
        assertThat(query(server, "SELECT id, length(v), length(b) FROM dst.t ORDER BY id"))
            .containsExactly("1|3000000|900000", "3|1|1");
      }
    }
  }

  private interface Call {
    Object run() throws InterruptedException;
  }

  private static void assertRefused(Call call, ChangeRefused.Kind kind) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ChangeRefused.class,
            refused -> assertThat(refused.kind()).as(refused.getMessage()).isEqualTo(kind));
  }
}
