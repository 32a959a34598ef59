package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * RecoverableErrorCount, -Interval, -Throttling, -ThrottlingMax and -StopRetryAfterThrottlingMax
 * together.
 */
class RetryScheduleTest {
  private static final int LOOKED_AT = 12;

  @ParameterizedTest(
      name = "count {0}, interval {1}, throttling {2}, max {3}, stop at max {4}: waits {5}")
  @CsvSource(
      textBlock =
          """
          -1, 5,  true,  1800, true,  5 10 20 40 80 160 320 640 1280
          -1, 5,  false, 1800, true,  5 5 5 5 5 5 5 5 5
           0, 5,  true,  1800, true,  ''
           3, 5,  true,  1800, true,  5 10 20
          20, 5,  true,  30,   true,  5 10 20 30
          20, 5,  true,  30,   false, 5 10 20 30 30 30 30 30 30 30 30 30
          20, 60, true,  30,   true,  60
           4, 0,  true,  1800, true,  0 0 0 0
           1, 7,  false, 0,    true,  7
          """)
  void waits_follow_the_settings(
      int count, int interval, boolean throttling, int max, boolean stop, String waits) {
    RetrySchedule schedule = schedule(count, interval, throttling, max, stop);

    assertThat(waits(schedule)).isEqualTo(waits.isEmpty() ? List.of() : List.of(waits.split(" ")));
  }

  @Test
  void success_starts_the_schedule_anew() {
    RetrySchedule schedule = schedule(3, 5, true, 10, true);
    assertThat(waits(schedule)).containsExactly("5", "10");

    schedule.reset();

    assertThat(schedule.attempts()).isZero();
    assertThat(waits(schedule)).containsExactly("5", "10");
  }

  private static List<String> waits(RetrySchedule schedule) {
    List<String> waits = new ArrayList<>();
    for (OptionalInt wait = schedule.next();
        wait.isPresent() && waits.size() < LOOKED_AT;
        wait = schedule.next()) {
      waits.add("" + wait.getAsInt());
    }
    return waits;
  }

  private static RetrySchedule schedule(
      int count, int interval, boolean throttling, int max, boolean stop) {
    ObjectNode given =
        SettingsDocument.parse(
            """
            {"ErrorBehavior":{"RecoverableErrorCount":%d,"RecoverableErrorInterval":%d,"RecoverableErrorThrottling":%b,
            "RecoverableErrorThrottlingMax":%d,"RecoverableErrorStopRetryAfterThrottlingMax":%b}}\
            """
                .formatted(count, interval, throttling, max, stop));
    return new RetrySchedule(
        TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), given), given)
            .errors());
  }
}
