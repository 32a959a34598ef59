package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KilledServerIT {
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
      assertThat(Engine.single(server, "shop", "SELECT id FROM item")).isEqualTo("42");

      server.restart();
      assertThat(Engine.single(server, "shop", "SELECT id FROM item")).isEqualTo("42");
    }
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
}
