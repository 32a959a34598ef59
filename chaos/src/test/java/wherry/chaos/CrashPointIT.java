package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.ServerOptions;

class CrashPointIT {
  /** More than it takes a driver to prepare its COMMIT on the server and send only its name. */
  private static final int COMMITS_TO_PASS = 9;

  @ParameterizedTest
  @EnumSource
  void dies_exactly_before_or_after_the_commit_of_a_driver(Dialect dialect) throws Exception {
    assumeTrue(dialect.available().usable(), dialect.available().reason());
    try (DatabaseServer server = dialect.start(ServerOptions.standard())) {
      Place place = Place.of(dialect, server, "shop");
      place.createSchema();
      server.executeIn("shop", "CREATE TABLE shop.item (id int PRIMARY KEY)");
      assertDies(place, CrashPoint.At.BEFORE_COMMIT, COMMITS_TO_PASS);
      server.executeIn("shop", "DELETE FROM shop.item");
      assertDies(place, CrashPoint.At.AFTER_COMMIT, COMMITS_TO_PASS + 1);
    }
  }

  private static void assertDies(Place place, CrashPoint.At at, int rowsLeft) throws Exception {
    AtomicInteger deaths = new AtomicInteger();
    CrashPoint point = new CrashPoint(at, COMMITS_TO_PASS, deaths::incrementAndGet);
    try (FaultProxy proxy = FaultProxy.to(place.server().port())) {
      proxy.tap(point);
      assertThatThrownBy(() -> insertForEver(place, proxy.port())).isInstanceOf(SQLException.class);
    }
    assertThat(point.await(Duration.ofMinutes(3))).isTrue();
    assertThat(deaths).hasValue(1);
    assertThat(place.number("SELECT count(*) FROM shop.item")).isEqualTo(rowsLeft);
  }

  private static void insertForEver(Place place, int port) throws SQLException {
    String url =
        place
            .server()
            .jdbcUrl(place.database())
            .replace(":" + place.server().port() + "/", ":" + port + "/");
    try (Connection connection =
            DriverManager.getConnection(url, place.server().user(), place.server().password());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int id = 1; ; id++) {
        statement.executeUpdate("INSERT INTO shop.item VALUES (" + id + ")");
        connection.commit();
      }
    }
  }
}
