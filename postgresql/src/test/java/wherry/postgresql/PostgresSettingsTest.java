package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import wherry.connector.Endpoint;
import wherry.connector.EndpointSetting;
import wherry.connector.TlsMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

class PostgresSettingsTest {
  private static Endpoint endpoint(String... settings) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return new Endpoint("arn:e", "postgres", all);
  }

  @Test
  void what_is_not_said_has_the_documented_default() {
    PostgresSettings settings =
        PostgresSettings.from(
            endpoint(
                "ServerName",
                "db",
                "DatabaseName",
                "shop",
                "Username",
                "me",
                "Password",
                "secret"));
    assertThat(settings)
        .isEqualTo(
            new PostgresSettings(
                "db",
                5432,
                "shop",
                "me",
                "secret",
                TlsMode.NONE,
                "",
                "",
                60,
                10,
                false,
                false,
                PostgresSettings.LongVarchar.WSTRING,
                "",
                true));
    assertThat(settings.toString()).doesNotContain("secret");
  }

  @Test
  void names_and_words_are_read_whatever_their_case() {
    PostgresSettings settings =
        PostgresSettings.from(
            endpoint(
                "servername",
                "db",
                "DATABASENAME",
                "shop",
                "userName",
                "me",
                "sslMode",
                "VERIFY_FULL",
                "mapJsonbAsClob",
                "Y"));
    assertThat(settings.tls()).isEqualTo(TlsMode.VERIFY_FULL);
    assertThat(settings.jsonbAsClob()).isTrue();
  }

  @Test
  void every_bad_setting_is_reported_at_once() {
    assertThatThrownBy(() ->
            PostgresSettings.from(
                endpoint(
                    "ServerName",
                    "a,b/c",
                    "Port",
                    "70000",
                    "Username",
                    " ",
                    "SslMode",
                    "maybe",
                    "CertificatePem",
                    "junk",
                    "AuthenticationMethod",
                    "iam",
                    "ExecuteTimeout",
                    "soon",
                    "MapJsonbAsClob",
                    "perhaps")))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
        .hasMessageContainingAll(
            "ServerName",
            "Port",
            "DatabaseName",
            "Username",
            "SslMode",
            "certificate",
            "iam",
            "ExecuteTimeout",
            "MapJsonbAsClob");
  }

  @Test
  void secrets_are_declared_as_such() {
    assertThat(new PostgresConnector().settings())
        .filteredOn(EndpointSetting::sensitive)
        .extracting(EndpointSetting::name)
        .containsExactly("Password");
  }
}
