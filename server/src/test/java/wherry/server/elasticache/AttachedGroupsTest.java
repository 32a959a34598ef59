package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttachedGroupsTest {
  @TempDir private Path folder;

  private Map<String, NamedServer> read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("attached"), text);
    return AttachedGroups.read(Map.of(AttachedGroups.VARIABLE, file.toString()));
  }

  @Test
  void a_line_has_a_group_and_one_of_its_servers() throws IOException {
    assertThat(
            read(
                "# ours\n\n orders   redis://10.0.0.7:7000 \nVault rediss://a:b@h?certificate=c\n"))
        .containsExactly(
            Map.entry("orders", new NamedServer("10.0.0.7", 7000, null, null, false, null)),
            Map.entry("vault", new NamedServer("h", 6379, "a", "b", true, "c")));
    assertThat(AttachedGroups.read(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "orders",
        "orders redis://:secret@h more",
        "-x- redis://:secret@h",
        "orders h:6379",
        "orders redis://secret@h",
        "orders http://:secret@h"
      })
  void another_line_is_told_by_its_number_alone(String line) {
    assertThatThrownBy(() -> read("a redis://h\n" + line))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Line 2 of ")
        .hasMessageNotContaining("secret");
  }

  @Test
  void a_group_is_named_once_and_the_file_is_there() {
    assertThatThrownBy(() -> read("a redis://h\nA redis://other"))
        .hasMessageEndingWith("The group A is named twice.");
    assertThatThrownBy(() -> AttachedGroups.read(Map.of(AttachedGroups.VARIABLE, "/nowhere/file")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/nowhere/file");
  }
}
