package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyStore;
import java.sql.SQLException;
import java.util.Base64;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.Endpoint;
import wherry.connector.PrepareMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class ConnectionIT {
  private final MySqlConnector connector = new MySqlConnector();

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_is_wrong_with_a_login_is_said_without_the_password(Engine engine) {
    MySqlFamilyServer server = engine.server();
    assertThatCode(() -> connector.source(engine.endpoint()).test()).doesNotThrowAnyException();
    assertThatCode(() -> connector.target(engine.endpoint()).test()).doesNotThrowAnyException();

    fails(
        () -> connector.source(engine.endpoint("Password", "hunter2")).test(),
        ErrorCode.LOGIN_FAILED,
        "root@127.0.0.1:" + server.port(),
        "Password");
    fails(
        () -> connector.source(engine.endpoint("Port", "1")).test(),
        ErrorCode.CONNECTION_FAILED,
        "127.0.0.1:1",
        "firewall");
    fails(
        () -> connector.source(engine.endpoint("DatabaseName", "nowhere")).test(),
        ErrorCode.DATABASE_MISSING,
        "nowhere");
    fails(
        () -> connector.source(engine.endpoint("AfterConnectScript", "SET nonsense")).test(),
        ErrorCode.SETTING_INVALID,
        "AfterConnectScript");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_missing_privilege_is_told_with_the_grant(Engine engine) {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)");
    SnapshotIT.user(engine, "nobody");
    fails(
        () -> connector.source(engine.endpoint("Username", "nobody", "Password", "secret")).test(),
        ErrorCode.PRIVILEGE_MISSING,
        "GRANT SELECT ON *.* TO 'nobody';");
    SnapshotIT.user(engine, "writer", "GRANT ALL ON shop.* TO writer");
    Endpoint writer = engine.endpoint("Username", "writer", "Password", "secret");
    fails(
        () -> connector.target(writer).test(),
        ErrorCode.PRIVILEGE_MISSING,
        "ON `awsdms_control`.* TO 'writer';");
    engine.server().execute("GRANT ALL ON `awsdms\\_control`.* TO writer");
    assertThatCode(() -> connector.target(writer).test()).doesNotThrowAnyException();
    TableSchema table =
        engine
            .source()
            .tables((id, kind) -> id.name().equals("t") && id.schema().equals("shop"))
            .get(0);
    fails(
        () ->
            connector
                .target(writer)
                .prepare(table.withId(new TableId("other", "t")), PrepareMode.DO_NOTHING, false),
        ErrorCode.PRIVILEGE_MISSING,
        "`other`.* TO 'writer';");
    SnapshotIT.user(engine, "looker", "GRANT SELECT ON shop.* TO looker");
    Endpoint looker = engine.endpoint("Username", "looker", "Password", "secret");
    fails(
        () -> connector.target(looker).prepare(table, PrepareMode.DROP_AND_CREATE, false),
        ErrorCode.PRIVILEGE_MISSING,
        "GRANT DROP ON `shop`.`t` TO 'looker';");
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void tls_modes_of_mysql() throws Exception {
    try (MySqlServer server = MySqlServer.start(ServerOptions.standard().withTls())) {
      tlsModes(server);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void tls_modes_of_mariadb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start(ServerOptions.standard().withTls())) {
      tlsModes(server);
    }
    fails(
        () -> connector.source(Engine.MARIADB.endpoint("SslMode", "require")).test(),
        ErrorCode.TLS_FAILED,
        "ssl_cert");
  }

  private void silentInTheHandshake(MySqlFamilyServer server) {
    try (FaultProxy proxy = FaultProxy.to(server.port())) {
      // A client asks for TLS and greets in it at once: both may come as one.
      proxy.tap((connection, toServer, bytes, length) -> {
        if (toServer) {
          proxy.stall();
        }
        return true;
      });
      Endpoint endpoint =
          Engine.endpoint(
              server, "SslMode", "require", "Port", "" + proxy.port(), "ConnectionTimeout", "1");
      fails(
          () -> connector.source(endpoint).test(),
          ErrorCode.CONNECTION_FAILED,
          "cannot be reached");
    }
  }

  private void tlsModes(MySqlFamilyServer server) throws Exception {
    silentInTheHandshake(server);
    String ca = server.caCertificatePem();
    for (String mode : new String[] {"none", "require", "verify-ca", "verify-full"}) {
      assertThatCode(() ->
              connector
                  .source(Engine.endpoint(server, "SslMode", mode, "CertificatePem", ca))
                  .test())
          .as(mode)
          .doesNotThrowAnyException();
    }
    assertThat(cipher(server, "require")).isNotEmpty();
    assertThat(cipher(server, "none")).isEmpty();
    fails(
        () ->
            connector
                .source(
                    Engine.endpoint(server, "SslMode", "verify-ca", "CertificatePem", anotherCa()))
                .test(),
        ErrorCode.TLS_FAILED,
        "certificate");
    fails(
        () -> connector.source(Engine.endpoint(server, "SslMode", "verify-full")).test(),
        ErrorCode.TLS_FAILED,
        "certificate");
  }

  /** Any authority that the JVM trusts; it has not signed a certificate of ours. */
  private static String anotherCa() throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    byte[] certificate =
        ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers()[0].getEncoded();
    return "Subject: another\n-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(certificate)
        + "\n-----END CERTIFICATE-----\n";
  }

  private static String cipher(MySqlFamilyServer server, String mode) {
    MySqlSettings settings = MySqlSettings.from(Engine.endpoint(server, "SslMode", mode));
    try (MySqlSession session = MySqlSession.open(settings, MySqlSession.Role.READ)) {
      return session
          .queryOne("SHOW STATUS LIKE 'Ssl_cipher'", row -> row.getString(2))
          .orElseThrow();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void fails(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DmsException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getMessage())
                  .contains(words)
                  .doesNotContain("hunter2")
                  .doesNotContain("secret");
            });
  }
}
