package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableStatisticsTest {
  @ParameterizedTest(name = "estimated {0}, read {1}, in flight {2}, {3}: {4} %")
  @CsvSource({
    "100,   0,   0, BEFORE_LOAD,      0",
    "100,  25,  10, FULL_LOAD,       35",
    "100,  99,   0, FULL_LOAD,       99",
    "100, 500,   0, FULL_LOAD,       99", // The catalogue was wrong; only the end is 100.
    "100,  90,   0, COMPLETED,      100",
    "100,   0,   0, ERROR,          100",
    "0,     0,   0, FULL_LOAD,        0", // Never analysed.
    "0,    50,   0, FULL_LOAD,       99",
    "0,     0,   0, DOES_NOT_EXIST, 100",
  })
  void progress_is_what_was_read_of_what_is_expected(
      long estimated, long read, long inFlight, TableState state, int percent) {
    assertThat(TableStatistics.percent(List.of(table(estimated, read, inFlight, state))))
        .isEqualTo(percent);
  }

  @Test
  void tables_weigh_by_their_rows() {
    assertThat(
            TableStatistics.percent(
                List.of(
                    table(300, 300, 0, TableState.COMPLETED),
                    table(500, 100, 0, TableState.FULL_LOAD),
                    table(200, 0, 0, TableState.BEFORE_LOAD))))
        .isEqualTo(40);
    assertThat(TableStatistics.percent(List.of())).isZero();
  }

  @Test
  void states_are_told_in_the_words_of_describe_table_statistics() {
    assertThat(TableState.values())
        .extracting(TableState::wire)
        .containsExactly(
            "Table does not exist",
            "Before load",
            "Full load",
            "Table completed",
            "Table cancelled",
            "Table error",
            "Table is being reloaded");
  }

  private static TableStatistics table(long estimated, long read, long inFlight, TableState state) {
    return new TableStatistics(
        id("app.t"),
        id("app.t"),
        state,
        estimated,
        read,
        0,
        read,
        0,
        0,
        inFlight,
        null,
        null,
        false,
        Instant.EPOCH,
        "",
        "",
        ChangeCounts.NONE,
        "");
  }
}
