package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabaseServerIT {
  enum Engine {
    POSTGRESQL(PostgresServer::start, "work_mem", "5MB", "SHOW work_mem"),
    MARIADB(
        MariaDbServer::start, "innodb_lock_wait_timeout", "7", "SELECT @@innodb_lock_wait_timeout"),
    MYSQL(MySqlServer::start, "local_infile", "0", "SELECT @@local_infile");

    private final Function<ServerOptions, DatabaseServer> starter;
    private final String setting;
    private final String value;
    private final String query;

    Engine(
        Function<ServerOptions, DatabaseServer> starter,
        String setting,
        String value,
        String query) {
      this.starter = starter;
      this.setting = setting;
      this.value = value;
      this.query = query;
    }

    DatabaseServer start(ServerOptions options) {
      if (this == MYSQL) {
        Availability availability = MySqlServer.available();
        assumeTrue(availability.usable(), availability.reason());
      }
      return starter.apply(options);
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_was_committed_survives_a_kill_and_a_restart_on_the_same_port(Engine engine)
      throws Exception {
    try (DatabaseServer server = engine.start(ServerOptions.standard())) {
      int port = server.port();
      server.createDatabase("shop");
      server.executeIn(
          "shop", "CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (42)");

      server.kill();
      assertThat(server.isRunning()).isFalse();
      assertThatThrownBy(() -> server.connect("shop")).isInstanceOf(SQLException.class);

      server.restart();
      assertThat(server.port()).isEqualTo(port);
      assertThat(single(server, "shop", "SELECT id FROM item")).isEqualTo("42");

      server.restart();
      assertThat(single(server, "shop", "SELECT id FROM item")).isEqualTo("42");
    }
  }

  @ParameterizedTest
  @EnumSource
  void closing_leaves_no_process_and_no_file(Engine engine) {
    DatabaseServer server = engine.start(ServerOptions.standard());
    long pid = server.pid();
    Path directory = server.directory();
    assertThat(ProcessHandle.of(pid)).isPresent();
    assertThat(server.usage().residentBytes()).isGreaterThan(1 << 20);

    server.close();

    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(runningIn(directory)).isEmpty();
    assertThat(Files.exists(directory)).isFalse();
    server.close();
  }

  @Test
  void a_killed_server_leaves_no_shared_memory_behind() {
    Set<Path> shared;
    try (PostgresServer server = PostgresServer.start()) {
      shared = server.sharedMemory();
      assertThat(shared).isNotEmpty().allMatch(Files::exists);
      server.kill();
    }
    assertThat(shared).noneMatch(Files::exists);
  }

  @ParameterizedTest
  @EnumSource
  void processor_time_grows_with_the_work_done_and_includes_sessions_that_ended(Engine engine)
      throws Exception {
    try (DatabaseServer server = engine.start(ServerOptions.standard())) {
      double before = server.usage().cpuSeconds();
      String million =
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT count(*) FROM n a, n b";
      assertThat(single(server, server.defaultDatabase(), million)).isEqualTo("810000");
      // A session that has ended counts for its server once that has taken note of it.
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(server.usage().cpuSeconds()).isGreaterThan(before));
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_users_settings_win_and_a_wrong_one_shows_the_servers_own_words(Engine engine)
      throws Exception {
    try (DatabaseServer server =
        engine.start(ServerOptions.standard().with(engine.setting, engine.value))) {
      assertThat(single(server, server.defaultDatabase(), engine.query)).isEqualTo(engine.value);
    }
    assertThatThrownBy(() -> engine.start(ServerOptions.standard().with("no_such_setting", "1")))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("no_such_setting");
  }

  @ParameterizedTest
  @EnumSource
  void a_wrong_password_is_refused(Engine engine) {
    try (DatabaseServer server = engine.start(ServerOptions.standard())) {
      assertThatThrownBy(() ->
              DriverManager.getConnection(
                  server.jdbcUrl(server.defaultDatabase()), server.user(), "no"))
          .isInstanceOf(SQLException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void with_tls_the_certificate_verifies_against_our_authority(Engine engine) throws Exception {
    Path ca = Files.createTempFile("wherry-ca-", ".pem");
    try (DatabaseServer server = engine.start(ServerOptions.standard().withTls())) {
      Files.writeString(ca, server.caCertificatePem());
      String url = server.jdbcUrl(server.defaultDatabase()).replaceAll("\\?.*", "");
      String verifying =
          engine == Engine.POSTGRESQL
              ? url + "?sslmode=verify-full&sslrootcert=" + ca
              : url + "?sslMode=verify-full&serverSslCert=" + ca;
      try (Connection connection =
          DriverManager.getConnection(verifying, server.user(), server.password())) {
        assertThat(connection.isValid(5)).isTrue();
      }
    } finally {
      Files.delete(ca);
    }
  }

  @ParameterizedTest
  @EnumSource
  void without_tls_a_client_that_insists_on_it_is_turned_away(Engine engine) {
    try (DatabaseServer server = engine.start(ServerOptions.standard())) {
      String url = server.jdbcUrl(server.defaultDatabase()).replaceAll("\\?.*", "");
      String insisting =
          url + (engine == Engine.POSTGRESQL ? "?sslmode=require" : "?sslMode=trust");
      assertThatThrownBy(
              () -> DriverManager.getConnection(insisting, server.user(), server.password()))
          .isInstanceOf(SQLException.class)
          .hasMessageMatching("(?is).*ssl.*");
    }
  }

  private static String single(DatabaseServer server, String database, String sql)
      throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  /** Processes whose command line names the directory. */
  private static Stream<ProcessHandle> runningIn(Path directory) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(directory.toString()));
  }
}
