package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Position;
import wherry.change.SourceTransaction;
import wherry.change.TransactionPart;
import wherry.connector.Source;

class CaptureIT {
  @ParameterizedTest
  @EnumSource(Engine.class)
  void transactions_come_in_order_with_the_rows_before_and_after(Engine engine) throws Exception {
    engine.fresh("shop");
    engine.execute(
        "shop",
        "CREATE TABLE t (id int PRIMARY KEY, name varchar(20), amount decimal(8,2))",
        "CREATE TABLE other (id int PRIMARY KEY)");
    try (Capture capture =
        Capture.of(engine.source(), id -> id.schema().equals("shop") && id.name().equals("t"))) {
      engine.execute(
          "shop",
          "INSERT INTO t VALUES (1, 'ä', -1.5), (2, NULL, 0)",
          "START TRANSACTION",
          "UPDATE t SET id = id + 10 ORDER BY id DESC",
          "INSERT INTO other VALUES (1)",
          "DELETE FROM t WHERE id = 12",
          "COMMIT",
          "START TRANSACTION",
          "INSERT INTO t VALUES (3, 'gone', 1)",
          "ROLLBACK",
          "INSERT INTO other VALUES (2)");
      capture.toTheEnd();
      assertThat(capture.told())
          .containsExactly(
              "INSERT t (1|ä|-1.50)",
              "INSERT t (2|null|0.00)",
              "UPDATE t (2|null|0.00) -> (12|null|0.00)",
              "UPDATE t (1|ä|-1.50) -> (11|ä|-1.50)",
              "DELETE t (12|null|0.00)");
      assertThat(capture.ended()).hasSize(2);
      Position before = capture.parts.get(0).transaction().at();
      for (TransactionPart part : capture.ended()) {
        SourceTransaction transaction = part.transaction();
        assertThat(transaction.id()).isNotEmpty();
        assertThat(transaction.at()).isGreaterThanOrEqualTo(before);
        assertThat(transaction.at()).isLessThan(part.end().get());
        before = part.end().get();
      }
      assertThat(capture.reached).isGreaterThan(before);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void reading_goes_on_behind_any_transaction_and_over_the_end_of_a_file(Engine engine)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)");
    Source source = engine.source();
    try (Capture first = Capture.of(source, id -> id.schema().equals("shop"))) {
      engine.execute(
          "shop",
          "INSERT INTO t VALUES (1)",
          "INSERT INTO t VALUES (2)",
          "FLUSH BINARY LOGS",
          "INSERT INTO t VALUES (3)");
      first.toTheEnd();
      assertThat(first.told()).containsExactly("INSERT t (1)", "INSERT t (2)", "INSERT t (3)");
      for (int i = 0; i < 3; i++) {
        Position end = first.log.position(first.ended().get(i).end().orElseThrow().text());
        try (Capture again =
            new Capture(
                first.log,
                source.tables((id, kind) -> id.schema().equals("shop")),
                end,
                "",
                id -> id.schema().equals("shop"))) {
          again.toTheEnd();
          assertThat(again.told()).isEqualTo(first.told().subList(i + 1, 3));
        }
      }
    }
  }
}
