package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Connection;
import wherry.sandbox.RedisServer;

class SecuredSourceIT {
  private static final ServerAddress.Credentials MIGRATOR =
      new ServerAddress.Credentials("migrator", "pa55word");
  private static final String[] RIGHTS = {
    "ACL",
    "SETUSER",
    "migrator",
    "on",
    ">pa55word",
    "~*",
    "+psync",
    "+replconf",
    "+ping",
    "+info",
    "+scan",
    "+@read",
    "+command",
    "+config|get",
    "+memory|usage",
    "+module|list",
    "+function|list",
    "+select"
  };

  private static void migrate(ServerAddress from, RedisServer target, Way expected) {
    Notes notes = new Notes();
    MigrationRequest request =
        new MigrationRequest(from, List.of(TargetShard.whole(RedisServers.address(target))), false);
    try (Migration migration = Migration.start(request, notes)) {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> migration.progress().isInSync() || notes.failure != null);
      assertThat(notes.failure).isNull();
      assertThat(migration.progress().way()).isEqualTo(expected);

      CompletionReport report = migration.complete(false);

      assertThat(report.differences()).isEmpty();
      assertThat(report.keysCompared()).isEqualTo(1);
    }
  }

  @Test
  void a_source_with_an_acl_user_of_few_rights_is_replicated_natively() {
    try (RedisServer source = RedisServers.start();
        RedisServer target = RedisServers.start();
        Connection admin = RedisServers.connect(source)) {
      admin.call(RIGHTS);
      admin.call("SET", "key", "value");
      admin.call("ACL", "SETUSER", "default", "off");

      migrate(new ServerAddress(source.host(), source.port(), MIGRATOR, null), target, Way.NATIVE);

      try (Connection connection = RedisServers.connect(target)) {
        assertThat(ConfigValue.of(connection, "masterauth")).contains("");
      }
    }
  }

  @Test
  void a_source_that_speaks_only_tls_is_streamed_to_a_target_that_does_not() {
    try (RedisServer source =
            RedisServer.startWithTls(
                RedisServers.program(), Map.of("repl-diskless-sync-delay", "0"));
        RedisServer target = RedisServers.start()) {
      ServerAddress.Tls tls = new ServerAddress.Tls(source.caCertificatePem(), true);
      try (Connection admin =
          Connection.open(new ServerAddress(source.host(), source.port(), null, tls))) {
        admin.call(RIGHTS);
        admin.call("SET", "key", "value");
      }

      migrate(new ServerAddress(source.host(), source.port(), MIGRATOR, tls), target, Way.STREAM);
    }
  }
}
