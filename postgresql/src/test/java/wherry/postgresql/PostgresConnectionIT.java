package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import wherry.connector.Endpoint;
import wherry.connector.PrepareMode;
import wherry.connector.RowReader;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowFormat;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableSchema;

/** What a user is told when a database cannot be reached or does not let us in. */
class PostgresConnectionIT {
  /** The first byte of the first record that a client sends (RFC 8446, 5.1). */
  private static final byte TLS_HANDSHAKE = 22;

  private static Databases databases;
  private static PostgresServer tls;

  @BeforeAll
  static void start() {
    databases = new Databases();
    tls =
        PostgresServer.start(
            ServerOptions.standard().withTls().with("listen_addresses", "127.0.0.1,127.0.0.2"));
  }

  @AfterAll
  static void stop() {
    databases.close();
    tls.close();
  }

  private static void testSource(Endpoint endpoint) {
    try (Source source = new PostgresConnector().source(endpoint)) {
      source.test();
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> testing(
      ErrorCode code, Endpoint endpoint) {
    return assertThatThrownBy(() -> testSource(endpoint))
        .isInstanceOfSatisfying(DmsException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageNotContaining("top secret");
  }

  private static Endpoint overTls(String... more) {
    return Databases.endpoint(tls, "postgres", more);
  }

  @Test
  void both_sides_pass_the_test_as_superuser() {
    testSource(databases.sourceEndpoint());
    try (Target target = databases.target()) {
      target.test();
    }
  }

  @Test
  void a_wrong_password_names_the_user_and_not_the_password() {
    testing(ErrorCode.LOGIN_FAILED, databases.sourceEndpoint("Password", "top secret"))
        .hasMessageContaining("as postgres")
        .hasMessageContaining("password authentication failed")
        .hasMessageContaining("ALTER ROLE");
  }

  @Test
  void a_missing_database_comes_with_the_statement_that_creates_it() {
    testing(ErrorCode.DATABASE_MISSING, Databases.endpoint(Databases.server(), "no where"))
        .hasMessageContaining("CREATE DATABASE \"no where\";");
  }

  @Test
  void an_unreachable_server_is_told_by_its_cause() {
    testing(ErrorCode.CONNECTION_FAILED, databases.sourceEndpoint("Port", "1"))
        .hasMessageContaining("refused");
    testing(ErrorCode.CONNECTION_FAILED, databases.sourceEndpoint("ServerName", "nowhere.invalid"))
        .hasMessageContaining("nowhere.invalid cannot be resolved");
  }

  @Test
  void a_server_without_tls_is_told_from_one_whose_certificate_is_not_trusted() {
    testing(ErrorCode.TLS_FAILED, databases.sourceEndpoint("SslMode", "require"))
        .hasMessageContaining("does not offer TLS");
    testing(ErrorCode.TLS_FAILED, overTls("SslMode", "verify-ca"))
        .hasMessageContaining("not signed by a trusted authority")
        .hasMessageContaining("ImportCertificate");
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void a_server_that_falls_silent_in_the_middle_of_the_handshake_is_given_up() {
    try (FaultProxy proxy = FaultProxy.to(tls.port())) {
      proxy.tap((connection, toServer, bytes, length) -> {
        if (toServer && bytes[0] == TLS_HANDSHAKE) {
          proxy.stall();
        }
        return true;
      });
      testing(
          ErrorCode.CONNECTION_FAILED,
          overTls("SslMode", "require", "Port", "" + proxy.port(), "ConnectionTimeout", "1"));
    }
  }

  @Test
  void each_tls_mode_asks_for_what_it_says() {
    String pem = tls.caCertificatePem();
    testSource(overTls("SslMode", "none"));
    testSource(overTls("SslMode", "require"));
    testSource(overTls("SslMode", "verify-ca", "CertificatePem", pem));
    testSource(overTls("SslMode", "verify-full", "CertificatePem", pem));
    testSource(overTls("SslMode", "verify-full", "CertificatePem", pem, "ServerName", "localhost"));
    testSource(overTls("SslMode", "verify-ca", "CertificatePem", pem, "ServerName", "127.0.0.1"));
  }

  @Test
  void a_certificate_for_another_host_is_told_with_its_name() {
    String pem = tls.caCertificatePem();
    testSource(overTls("SslMode", "verify-ca", "CertificatePem", pem, "ServerName", "127.0.0.2"));
    testing(
            ErrorCode.TLS_FAILED,
            overTls("SslMode", "verify-full", "CertificatePem", pem, "ServerName", "127.0.0.2"))
        .hasMessageContaining("not made out to 127.0.0.2");
  }

  @Test
  void a_session_that_is_ended_is_a_broken_connection_for_reader_and_writer_and_commits_nothing() {
    databases.inSource(
        "CREATE TABLE broken AS SELECT i AS id, repeat('x', 1000) AS v FROM generate_series(1,"
            + " 50000) i");
    TableSchema table = databases.sourceTable("public", "broken");
    for (RowFormat format : List.of(PassThrough.formats(table).getFirst(), RowFormat.CELLS)) {
      for (String victim : List.of(databases.sourceName(), databases.targetName())) {
        try (Source source = databases.source();
            Target target = databases.target();
            Snapshot snapshot = source.snapshot(List.of(table), 1)) {
          TableSchema prepared = target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
          target.ledger(Databases.TASK, "").open();
          assertThatThrownBy(
                  () -> loadUntilEnded(snapshot, target, table, prepared, format, victim))
              .isInstanceOfSatisfying(
                  DmsException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
          assertThat(databases.targetRows("SELECT count(*) FROM broken")).containsExactly("0");
        }
      }
    }
  }

  private static void loadUntilEnded(
      Snapshot snapshot,
      Target target,
      TableSchema table,
      TableSchema prepared,
      RowFormat format,
      String victim)
      throws InterruptedException {
    try (RowReader reader = snapshot.read(table, new Segment(0, "", 0, true), format, 1000);
        RowWriter writer = target.load(databases.request(table, prepared, format))) {
      writer.write(reader.next().orElseThrow());
      Databases.rows(
          "postgres",
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'wherry' AND datname = '%s'"
              .formatted(victim));
      for (var rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        writer.write(rows.get());
      }
      writer.finish();
    }
  }

  @Test
  void a_role_that_may_read_nothing_is_told_what_to_grant() {
    databases.inSource(
        "CREATE TABLE IF NOT EXISTS secret (id int PRIMARY KEY)",
        "DROP ROLE IF EXISTS poor",
        "CREATE ROLE poor LOGIN PASSWORD 'poor'");
    Endpoint poor = databases.sourceEndpoint("Username", "poor", "Password", "poor");
    testing(ErrorCode.PRIVILEGE_MISSING, poor)
        .hasMessageContaining("GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"poor\";");
    TableSchema table = databases.sourceTable("public", "secret");
    try (Source source = new PostgresConnector().source(poor)) {
      assertThatThrownBy(() -> source.snapshot(List.of(table), 1))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING))
          .hasMessageContaining("GRANT SELECT ON \"public\".\"secret\" TO \"poor\";");
    }
    databases.inSource(
        "GRANT USAGE ON SCHEMA \"public\" TO \"poor\"",
        "GRANT SELECT ON \"public\".\"secret\" TO \"poor\"");
    testSource(poor);
    try (Source source = new PostgresConnector().source(poor)) {
      source.snapshot(List.of(table), 1).close();
    }
    databases.inSource("ALTER TABLE secret ENABLE ROW LEVEL SECURITY");
    try (Source source = new PostgresConnector().source(poor);
        var snapshot = source.snapshot(List.of(table), 1)) {
      assertThatThrownBy(() ->
              snapshot
                  .read(table, snapshot.segments(table, 10).getFirst(), RowFormat.CELLS, 10)
                  .next())
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING))
          .hasMessageContaining("BYPASSRLS");
    }
    databases.inSource("DROP OWNED BY poor", "DROP ROLE poor");
  }

  @Test
  void a_role_with_create_alone_loads_a_table() {
    databases.inTarget("DROP ROLE IF EXISTS loader", "CREATE ROLE loader LOGIN PASSWORD 'loader'");
    Endpoint loader = databases.targetEndpoint("Username", "loader", "Password", "loader");
    databases.inSource(
        "CREATE TABLE IF NOT EXISTS small (id int PRIMARY KEY)", "INSERT INTO small VALUES (1)");
    TableSchema table = databases.sourceTable("public", "small");
    try (Target target = new PostgresConnector().target(loader)) {
      assertThatThrownBy(target::test)
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING))
          .hasMessageContaining("GRANT CREATE ON DATABASE");
      assertThatThrownBy(() -> target.prepare(table, PrepareMode.DROP_AND_CREATE, false))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING))
          .hasMessageContaining("GRANT");
      assertThatThrownBy(() -> target.ledger("T", "").open()).hasMessageContaining("ControlSchema");
      databases.inTarget("GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"loader\"");
      target.test();
      TableSchema prepared = target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
      try (Source source = databases.source();
          var snapshot = source.snapshot(List.of(table), 1)) {
        assertThat(databases.load(snapshot, target, table, prepared, RowFormat.CELLS).loaded())
            .isEqualTo(1);
      }
    }
    databases.inTarget("DROP OWNED BY loader", "DROP ROLE loader");
  }

  @Test
  void the_script_of_the_target_runs_first_and_its_failure_is_told() {
    try (Target target =
        databases.target(
            "AfterConnectScript",
            "SET work_mem = '7MB'; CREATE TEMP TABLE IF NOT EXISTS x (id int)")) {
      target.test();
    }
    try (Target target = databases.target("AfterConnectScript", "SET nonsense")) {
      assertThatThrownBy(target::test)
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
          .hasMessageContaining("AfterConnectScript");
    }
  }
}
