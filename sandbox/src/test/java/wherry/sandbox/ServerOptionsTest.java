package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerOptionsTest {
  @Test
  void the_users_settings_win_whether_written_with_hyphens_or_underscores() {
    ServerOptions options = ServerOptions.standard().with("local_infile", "0").with("port", "1");
    assertThat(options.over(Map.of("local-infile", "1", "server-id", "5")))
        .isEqualTo(Map.of("local_infile", "0", "server_id", "5", "port", "1"));
  }

  @Test
  void options_add_up() {
    ServerOptions options =
        ServerOptions.standard().withTls().with("a", "1").withDurableCommits().with("b", "2");
    assertThat(options)
        .isEqualTo(
            new ServerOptions(true, true, Map.of("a", "1", "b", "2"), Optional.empty(), Map.of()));
  }
}
