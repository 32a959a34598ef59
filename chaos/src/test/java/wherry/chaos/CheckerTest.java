package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wherry.chaos.Findings.Kind;
import wherry.chaos.History.Outcome;

/** Histories that were broken on purpose: each is found, and called by its name. */
class CheckerTest {
  private final History history = new History();
  private final Findings findings = new Findings();
  private final Map<Table, Map<String, Integer>> source = new EnumMap<>(Table.class);
  private final Map<Table, Map<String, Integer>> target = new EnumMap<>(Table.class);

  @BeforeEach
  void two_equal_copies_of_three_transactions() {
    for (int sequence = 1; sequence <= 3; sequence++) {
      history.record(1, sequence, Outcome.ACKNOWLEDGED);
      add(source, Table.JOURNAL, "1|" + sequence + "|TRANSFER|2");
      add(target, Table.JOURNAL, "1|" + sequence + "|TRANSFER|2");
    }
    for (Map<Table, Map<String, Integer>> side : Arrays.asList(source, target)) {
      add(side, Table.ACCOUNT, "1|900|4");
      add(side, Table.ACCOUNT, "2|1100|3");
      add(side, Table.KEYLESS, "7|kind 7|0");
      add(side, Table.KEYLESS, "7|kind 7|0");
    }
  }

  private static void add(Map<Table, Map<String, Integer>> side, Table table, String row) {
    side.computeIfAbsent(table, unused -> new TreeMap<>()).merge(row, 1, Integer::sum);
  }

  private static void remove(Map<Table, Map<String, Integer>> side, Table table, String row) {
    side.get(table).computeIfPresent(row, (key, count) -> count == 1 ? null : count - 1);
  }

  private Findings check() {
    Checker.check(history, new Contents(source), new Contents(target), findings);
    return findings;
  }

  private void assertOnly(Kind kind, String example) {
    check();
    for (Kind each : Kind.values()) {
      assertThat(findings.count(each))
          .as("%s: %s", each, findings.examples())
          .isEqualTo(each == kind ? 1 : 0);
    }
    assertThat(findings.examples()).singleElement().asString().contains(example);
  }

  @Test
  void equal_copies_of_what_was_acknowledged_are_right() {
    assertThat(check().none()).as("%s", findings.examples()).isTrue();
  }

  @Test
  void an_acknowledged_transaction_that_did_not_arrive_is_lost() {
    remove(target, Table.JOURNAL, "1|2|TRANSFER|2");
    assertOnly(Kind.LOST, "1|2|TRANSFER");
  }

  @Test
  void a_transaction_applied_twice_is_doubled() {
    add(target, Table.JOURNAL, "1|2|TRANSFER|2");
    assertOnly(Kind.DOUBLED, "1|2|TRANSFER");
  }

  @Test
  void one_of_several_equal_rows_that_is_missing_is_lost() {
    remove(target, Table.KEYLESS, "7|kind 7|0");
    assertOnly(Kind.LOST, "1 of 2");
  }

  @Test
  void one_equal_row_too_many_is_doubled() {
    add(target, Table.KEYLESS, "7|kind 7|0");
    assertOnly(Kind.DOUBLED, "1 too many");
  }

  @Test
  void a_row_left_in_an_older_version_is_one_lost_update() {
    remove(target, Table.ACCOUNT, "1|900|4");
    add(target, Table.ACCOUNT, "1|950|3");
    assertOnly(Kind.LOST, "1|900|4");
  }

  @Test
  void a_row_that_should_have_been_deleted_is_too_many() {
    add(target, Table.CLAIM, "5|1|2");
    assertOnly(Kind.DOUBLED, "CLAIM: 5|1|2");
  }

  @Test
  void a_rolled_back_transaction_leaves_no_trace() {
    history.record(2, 9, Outcome.ROLLED_BACK);
    add(target, Table.JOURNAL, "2|9|ROLL_BACK|0");
    check();
    assertThat(findings.count(Kind.DOUBLED)).isEqualTo(2);
    assertThat(findings.examples().get(0)).contains("rolled-back transaction 2|9 left a trace");
  }

  @Test
  void a_transaction_of_unknown_outcome_is_what_the_source_says_it_is() {
    history.record(3, 1, Outcome.UNKNOWN);
    history.record(3, 2, Outcome.UNKNOWN);
    add(source, Table.JOURNAL, "3|1|APPEND|0");
    assertOnly(Kind.LOST, "3|1|APPEND");
  }

  @Test
  void a_source_that_contradicts_its_clients_proves_nothing() {
    history.record(1, 4, Outcome.ACKNOWLEDGED);
    history.record(1, 5, Outcome.ROLLED_BACK);
    add(source, Table.JOURNAL, "1|5|ROLL_BACK|0");
    add(target, Table.JOURNAL, "1|5|ROLL_BACK|0");
    check();
    assertThat(findings.count(Kind.BROKEN)).isEqualTo(2);
    assertThat(findings.examples())
        .anyMatch(text -> text.contains("lost acknowledged transaction 1|4"));
  }
}
