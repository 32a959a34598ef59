package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Finding.Severity;
import wherry.redis.protocol.Connection;
import wherry.sandbox.Ports;
import wherry.sandbox.RedisServer;

class SourceCheckIT {
  private RedisServer source = RedisServers.start();
  private final RedisServer target = RedisServers.start();

  @AfterEach
  void stop() {
    source.close();
    target.close();
  }

  private void replaceSource(Map<String, String> settings) {
    source.close();
    source = RedisServers.start(settings);
  }

  private List<Finding> check(ServerAddress from) {
    return SourceCheck.check(request(from));
  }

  private MigrationRequest request(ServerAddress from) {
    return new MigrationRequest(
        from, List.of(TargetShard.whole(RedisServers.address(target))), false);
  }

  private static List<String> codes(List<Finding> findings, Severity severity) {
    return findings.stream()
        .filter(finding -> finding.severity() == severity)
        .map(Finding::code)
        .toList();
  }

  private ServerAddress as(String user, String password) {
    return new ServerAddress(
        source.host(), source.port(), new ServerAddress.Credentials(user, password), null);
  }

  @Test
  void of_a_server_as_it_comes_only_the_backlog_is_small() {
    List<Finding> findings = check(RedisServers.address(source));

    assertThat(codes(findings, Severity.ERROR)).isEmpty();
    assertThat(codes(findings, Severity.WARNING)).containsExactly("source-backlog");
    assertThat(findings.getFirst().remedy()).startsWith("CONFIG SET repl-backlog-size ");
  }

  @Test
  void each_way_in_that_is_closed_has_a_code_of_its_own() {
    replaceSource(Map.of("requirepass", "secret"));

    assertThat(codes(check(ServerAddress.of("127.0.0.1", Ports.free())), Severity.ERROR))
        .containsExactly("source-unreachable");
    assertThat(codes(check(RedisServers.address(source)), Severity.ERROR))
        .containsExactly("source-login");
    List<Finding> wrong = check(as("default", "guess"));
    assertThat(codes(wrong, Severity.ERROR)).containsExactly("source-login");
    assertThat(wrong.toString()).doesNotContain("guess");
    assertThatThrownBy(() -> Migration.start(request(as("default", "guess")), new Notes()))
        .isInstanceOf(DmsException.class)
        .hasMessageContaining("The migration cannot begin");
  }

  @Test
  void a_user_without_psync_is_told_which_right_to_grant() {
    try (Connection admin = RedisServers.connect(source)) {
      admin.call("ACL", "SETUSER", "reader", "on", ">word", "~*", "+@all", "-psync");

      List<Finding> findings = check(as("reader", "word"));

      assertThat(codes(findings, Severity.ERROR)).containsExactly("source-rights");
      assertThat(findings.getFirst().remedy()).contains("+psync");
      admin.call("ACL", "SETUSER", "reader", "+psync");
      assertThat(codes(check(as("reader", "word")), Severity.ERROR)).isEmpty();
    }
  }

  @Test
  void a_command_that_is_renamed_away_is_found() {
    replaceSource(Map.of("rename-command", "PSYNC moved"));

    assertThat(codes(check(RedisServers.address(source)), Severity.ERROR))
        .containsExactly("source-commands");
  }

  @Test
  void buffers_databases_functions_memory_and_roles_are_compared() {
    try (Connection from = RedisServers.connect(source);
        Connection to = RedisServers.connect(target)) {
      from.call("CONFIG", "SET", "client-output-buffer-limit", "replica 1mb 1mb 10");
      from.call("SELECT", "15");
      from.call("SET", "key", "value");
      to.call("SET", "key", "value");
      to.call("CONFIG", "SET", "maxmemory", "900kb", "maxmemory-policy", "volatile-lru");
      to.call("CONFIG", "SET", "replica-read-only", "no");

      List<Finding> findings = check(RedisServers.address(source));

      assertThat(codes(findings, Severity.ERROR)).containsExactly("target-memory");
      assertThat(codes(findings, Severity.WARNING))
          .containsExactlyInAnyOrder(
              "target-eviction", "target-read-only", "source-output-buffer", "source-backlog");
      assertThat(codes(findings, Severity.NOTE)).containsExactly("target-data");
      to.call("CONFIG", "SET", "maxmemory", "0");
      from.call("REPLICAOF", "127.0.0.1", Integer.toString(Ports.free()));
      assertThat(codes(check(RedisServers.address(source)), Severity.ERROR))
          .containsExactly("source-role");
    }
  }
}
