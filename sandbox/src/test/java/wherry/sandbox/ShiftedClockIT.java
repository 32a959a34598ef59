package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class ShiftedClockIT {
  @Test
  void a_running_servers_clock_jumps_ahead_and_back_and_others_keep_theirs() throws Exception {
    Availability available = ShiftedClock.available();
    assumeTrue(available.usable(), available.reason());
    try (ShiftedClock clock = ShiftedClock.create();
        PostgresServer server =
            PostgresServer.start(ServerOptions.standard().withEnvironment(clock.environment()))) {
      try (Connection connection = server.connect(server.defaultDatabase())) {
        for (Duration ahead :
            new Duration[] {Duration.ZERO, Duration.ofDays(1), Duration.ofHours(-2)}) {
          clock.shift(ahead);
          assertThat(now(connection))
              .isCloseTo(Instant.now().plus(ahead), within(1, ChronoUnit.MINUTES));
        }
      }
    }
  }

  private static Instant now(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
      row.next();
      return row.getTimestamp(1).toInstant();
    }
  }
}
