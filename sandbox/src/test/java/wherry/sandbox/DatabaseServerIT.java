package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabaseServerIT {
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

  @ParameterizedTest
  @EnumSource
  void processor_time_grows_with_the_work_done_and_includes_sessions_that_ended(Engine engine)
      throws Exception {
    try (DatabaseServer server = engine.start(ServerOptions.standard())) {
      double before = server.usage().cpuSeconds();
      String million =
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT count(*) FROM n a, n b";
      assertThat(Engine.single(server, server.defaultDatabase(), million)).isEqualTo("810000");
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
        engine.start(ServerOptions.standard().with(engine.setting(), engine.value()))) {
      assertThat(Engine.single(server, server.defaultDatabase(), engine.query()))
          .isEqualTo(engine.value());
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

  /** Processes whose command line names the directory. */
  private static Stream<ProcessHandle> runningIn(Path directory) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(directory.toString()));
  }
}
