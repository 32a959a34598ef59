package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import wherry.connector.Endpoint;
import wherry.connector.TlsMode;
import wherry.error.DmsException;

class MySqlSettingsTest {
  @Test
  void every_bad_setting_is_told_at_once() {
    Endpoint endpoint =
        new Endpoint(
            "arn:e",
            "mysql",
            Map.of(
                "Port",
                "70000",
                "SslMode",
                "maybe",
                "TargetDbType",
                "SPECIFIC_DATABASE",
                "loadUsingCSV",
                "perhaps",
                "AuthenticationMethod",
                "iam",
                "CertificatePem",
                "no certificate",
                "Password",
                "hunter2"));
    assertThatThrownBy(() -> MySqlSettings.from(endpoint))
        .isInstanceOf(DmsException.class)
        .hasMessageContainingAll(
            "ServerName",
            "Username",
            "Port",
            "SslMode",
            "DatabaseName",
            "loadUsingCSV",
            "iam",
            "CertificatePem")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void settings_are_read_in_any_spelling_and_never_show_the_password() {
    MySqlSettings settings =
        MySqlSettings.from(
            new Endpoint(
                "arn:e",
                "mariadb",
                Map.of(
                    "servername",
                    "h",
                    "USERNAME",
                    "u",
                    "password",
                    "hunter2",
                    "sslmode",
                    "VERIFY_FULL",
                    "LoadUsingCsv",
                    "n",
                    "targetDbType",
                    "specific_database",
                    "databasename",
                    "d")));
    assertThat(settings.tls()).isEqualTo(TlsMode.VERIFY_FULL);
    assertThat(settings.port()).isEqualTo(3306);
    assertThat(settings.usesLoadData()).isFalse();
    assertThat(settings.specificDatabase()).isTrue();
    assertThat(settings.toString()).contains("u@h:3306").doesNotContain("hunter2");
  }

  @Test
  void positions_read_strictly_and_compare_by_file_number() {
    BinlogPosition early = BinlogPosition.parse("binlog.999999:4");
    assertThat(early.text()).isEqualTo("binlog.999999:4");
    assertThat(early).isLessThan(BinlogPosition.parse("binlog.1000000:4"));
    assertThat(BinlogPosition.parse("binlog.157832:1975:-1:2002:6778832:binlog.157832:1876").text())
        .as("from a checkpoint of AWS DMS")
        .isEqualTo("binlog.157832:1975");
    assertThat(early).isLessThan(BinlogPosition.parse("binlog.999999:373"));
    for (String wrong :
        new String[] {
          "", "binlog:4", "binlog.000001", "binlog.000001:-4", "binlog.000001:4 ", "a/b.000001:4"
        }) {
      assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> BinlogPosition.parse(wrong));
    }
  }

  @Test
  void labels_are_read_with_their_quotes_commas_and_brackets() {
    assertThat(MySqlColumns.labels("enum('a','it''s','x,y','',')','''')"))
        .containsExactly("a", "it's", "x,y", "", ")", "'");
    assertThat(MySqlColumns.labels("set('r')")).containsExactly("r");
  }
}
