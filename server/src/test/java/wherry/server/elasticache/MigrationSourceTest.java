package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticache.model.CustomerNodeEndpoint;
import wherry.server.wire.Fault;

class MigrationSourceTest {
  private static MigrationSource source(String address) {
    return MigrationSource.of(
        List.of(CustomerNodeEndpoint.builder().address(address).port(6379).build()));
  }

  @Test
  void an_address_is_a_host_or_a_uri_with_login_and_certificate() {
    assertThat(source("db.example.org"))
        .isEqualTo(new MigrationSource("db.example.org", 6379, null, null, false, null));
    assertThat(source("redis://:p%40ss@10.0.0.5"))
        .isEqualTo(new MigrationSource("10.0.0.5", 6379, null, "p@ss", false, null));
    assertThat(source("rediss://mover:a:b@[::1]?certificate=redis-ca"))
        .isEqualTo(new MigrationSource("::1", 6379, "mover", "a:b", true, "redis-ca"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "http://host",
        "redis://secret@host",
        "redis://:secret@host:6380",
        "redis://:secret@host/0",
        "redis://:secret@host?certificate=ca",
        "rediss://:secret@host?verify=no",
        "redis://:sec ret@host",
        "redis://:secret@"
      })
  void another_address_is_refused_without_repeating_it(String address) {
    assertThatThrownBy(() -> source(address))
        .isInstanceOf(Fault.class)
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("sec ret");
  }

  @Test
  void there_is_exactly_one_endpoint_with_a_port() {
    CustomerNodeEndpoint good = CustomerNodeEndpoint.builder().address("h").port(1).build();
    assertThatThrownBy(() -> MigrationSource.of(List.of(good, good))).isInstanceOf(Fault.class);
    assertThatThrownBy(() -> MigrationSource.of(List.of())).isInstanceOf(Fault.class);
    assertThatThrownBy(() -> MigrationSource.of(List.of(good.toBuilder().port(0).build())))
        .isInstanceOf(Fault.class);
    assertThatThrownBy(() -> MigrationSource.of(List.of(good.toBuilder().port(null).build())))
        .isInstanceOf(Fault.class);
  }

  @Test
  void a_source_does_not_show_its_password() {
    assertThat(source("redis://:secret@host")).hasToString("host:6379");
  }
}
