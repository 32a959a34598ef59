package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CdcStartPosition and CdcStopPosition, with the examples of the AWS DMS guide. */
class CdcBoundsTest {
  @Test
  void nothing_given_means_from_now_on_and_forever() {
    assertThat(CdcStart.of("")).isEqualTo(new CdcStart.FromNow());
    assertThat(CdcStop.of("")).isEqualTo(new CdcStop.Never());
  }

  @ParameterizedTest
  @CsvSource({
    "2018-03-08T12:12:12, 2018-03-08T12:12:12Z",
    "2018-03-08T12:12:12Z, 2018-03-08T12:12:12Z",
    "2018-03-08T12:12, 2018-03-08T12:12:00Z",
    "2018-03-08T12:12:12.5, 2018-03-08T12:12:12.5Z"
  })
  void a_date_is_utc(String text, Instant time) {
    assertThat(CdcStart.of(text)).isEqualTo(new CdcStart.FromTime(time));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4AF/B00000D0 | 4AF/B00000D0",
        "mysql-bin-changelog.000024:373 | mysql-bin-changelog.000024:373",
        "checkpoint:V1#1#000004AF/B00000D0#0#0#*#0#0 | 000004AF/B00000D0",
        "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:mysql-bin-changelog.157832:1876#0#0#*#0#93"
            + " | mysql-bin-changelog.157832:1975:-1:2002:677883278264080:mysql-bin-changelog.157832:1876",
        "checkpoint:V1#7#binlog.000002:4 | binlog.000002:4"
      })
  void a_position_is_the_engines_own_or_the_third_field_of_a_checkpoint(
      String text, String nativeText) {
    assertThat(CdcStart.of(text))
        .isEqualTo(new CdcStart.FromPosition(text))
        .extracting(start -> ((CdcStart.FromPosition) start).nativeText())
        .isEqualTo(nativeText);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2018-13-08T12:12:12", "2018-03-08 noon", "checkpoint:V1#1", "checkpoint:"})
  void a_start_that_cannot_be_read_is_refused(String text) {
    assertThatThrownBy(() -> CdcStart.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @Test
  void a_stop_is_by_the_services_clock_or_by_the_commit_and_blanks_do_no_harm() {
    Instant time = Instant.parse("2018-02-09T12:12:12Z");
    assertThat(CdcStop.of("server_time:2018-02-09T12:12:12"))
        .isEqualTo(new CdcStop.ServerTime(time));
    assertThat(CdcStop.of("commit_time: 2018-02-09T12:12:12 "))
        .isEqualTo(new CdcStop.CommitTime(time));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2018-02-09T12:12:12",
        "server_time",
        "commit_time:soon",
        "scn:4711",
        "server_time:"
      })
  void a_stop_that_cannot_be_read_is_refused(String text) {
    assertThatThrownBy(() -> CdcStop.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2018-");
  }
}
