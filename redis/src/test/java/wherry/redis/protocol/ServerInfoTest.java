package wherry.redis.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerInfoTest {
  @Test
  void an_offset_counts_only_in_the_history_that_it_is_of() {
    ServerInfo primary =
        new ServerInfo(
            Map.of("role", "master", "master_replid", "now", "master_repl_offset", "100"));
    assertThat(primary.bytesAheadOf("now", 60)).isEqualTo(40);
    assertThat(primary.bytesAheadOf("now", 100)).isZero();
    assertThat(primary.bytesAheadOf("before the restart", 5_000)).isEqualTo(1);
  }

  @Test
  void a_replica_has_passed_on_what_it_has_and_old_servers_tell_no_history() {
    ServerInfo replica =
        new ServerInfo(
            Map.of("role", "slave", "slave_repl_offset", "70", "master_repl_offset", "10"));
    assertThat(replica.isReplica()).isTrue();
    assertThat(replica.bytesAheadOf("any", 30)).isEqualTo(40);
  }
}
