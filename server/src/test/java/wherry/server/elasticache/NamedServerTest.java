package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticache.model.CustomerNodeEndpoint;
import wherry.server.wire.Fault;

class NamedServerTest {
  private static NamedServer source(String address) {
    return NamedServer.of(
        List.of(CustomerNodeEndpoint.builder().address(address).port(6379).build()));
  }

  @Test
  void an_address_is_a_host_or_a_uri_with_login_and_certificate() {
    assertThat(source("db.example.org"))
        .isEqualTo(new NamedServer("db.example.org", 6379, null, null, false, null));
    assertThat(source("redis://:p%40ss@10.0.0.5"))
        .isEqualTo(new NamedServer("10.0.0.5", 6379, null, "p@ss", false, null));
    assertThat(source("rediss://mover:a:b@[::1]?certificate=redis-ca"))
        .isEqualTo(new NamedServer("::1", 6379, "mover", "a:b", true, "redis-ca"));
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
    assertThatThrownBy(() -> NamedServer.of(List.of(good, good))).isInstanceOf(Fault.class);
    assertThatThrownBy(() -> NamedServer.of(List.of())).isInstanceOf(Fault.class);
    assertThatThrownBy(() -> NamedServer.of(List.of(good.toBuilder().port(0).build())))
        .isInstanceOf(Fault.class);
    assertThatThrownBy(() -> NamedServer.of(List.of(good.toBuilder().port(null).build())))
        .isInstanceOf(Fault.class);
  }

  @Test
  void a_uri_alone_has_the_port_too() {
    assertThat(NamedServer.ofUri("redis://10.0.0.7"))
        .isEqualTo(new NamedServer("10.0.0.7", 6379, null, null, false, null));
    assertThat(NamedServer.ofUri("rediss://:secret@redis.example.org:7000?certificate=redis-ca"))
        .isEqualTo(new NamedServer("redis.example.org", 7000, null, "secret", true, "redis-ca"));
    assertThatThrownBy(() -> NamedServer.ofUri("redis://:secret@host:70000"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> NamedServer.ofUri("host"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_source_does_not_show_its_password() {
    assertThat(source("redis://:secret@host")).hasToString("host:6379");
  }
}
