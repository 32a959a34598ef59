package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import wherry.server.wire.Fault;

class CacheParameterTest {
  static final List<String> FAMILIES = ParameterGroups.FAMILIES;

  @ParameterizedTest
  @FieldSource("FAMILIES")
  void every_initial_value_is_one_that_is_allowed(String family) {
    assertThat(CacheParameter.of(family)).isNotEmpty();
    CacheParameter.of(family)
        .forEach(parameter ->
            assertThat(parameter.checked(parameter.initial())).isEqualTo(parameter.initial()));
  }

  @Test
  void a_value_cannot_bring_lines_of_its_own_into_a_servers_configuration() {
    CacheParameter.of("redis7")
        .forEach(parameter ->
            assertThatThrownBy(() -> parameter.checked("1\nrename-command CONFIG x"))
                .as(parameter.name())
                .isInstanceOf(Fault.class));
  }

  @Test
  void the_limits_of_buffers_become_one_line_for_each_class_of_clients() {
    var group =
        new ParameterGroups.Group(
            "mine",
            "redis7",
            "",
            Map.of("client-output-buffer-limit-normal-hard-limit", "100", "timeout", "5"));
    assertThat(group.ofServer())
        .containsEntry("client-output-buffer-limit normal", "100 0 0")
        .containsEntry("client-output-buffer-limit replica", "268435456 67108864 60")
        .containsEntry("timeout", "5")
        .doesNotContainKeys("cluster-enabled", "reserved-memory-percent");
    assertThat(group.immediate()).doesNotContainKey("databases").containsKey("timeout");
  }

  @Test
  void a_part_of_a_nodes_memory_is_reserved() {
    NodeType type = NodeType.of(NodeType.DEFAULT).orElseThrow();
    var group = new ParameterGroups.Group("m", "redis7", "", Map.of());
    assertThat(group.maxMemoryBytes(type)).isEqualTo(384L << 20);
    assertThat(group.withValues(Map.of("reserved-memory-percent", "0")).maxMemoryBytes(type))
        .isEqualTo(512L << 20);
  }
}
