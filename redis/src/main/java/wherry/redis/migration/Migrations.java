package wherry.redis.migration;

import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/** Chooses how a request is met and begins. */
final class Migrations {
  private Migrations() {}

  static Migration open(MigrationRequest request, MigrationListener listener, boolean resume) {
    return open(request, listener, resume, null, StreamOptions.STANDARD);
  }

  /** As above, in a way that is given where it is not to be chosen. */
  static Migration open(
      MigrationRequest request,
      MigrationListener listener,
      boolean resume,
      @Nullable Way given,
      StreamOptions options) {
    List<Finding> errors =
        SourceCheck.check(request).stream()
            .filter(finding -> finding.severity() == Finding.Severity.ERROR)
            .toList();
    if (!errors.isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "The migration cannot begin: "
              + String.join(
                  " ",
                  errors.stream()
                      .map(finding -> finding.message() + " " + finding.remedy())
                      .toList()));
    }
    return switch (given == null ? choose(request) : given) {
      case NATIVE -> NativeMigration.begin(request, listener, resume);
      case STREAM -> StreamMigration.begin(request, listener, resume, options);
    };
  }

  /** Native wherever the target can. */
  static Way choose(MigrationRequest request) {
    if (request.clusterMode()) {
      return Way.STREAM; // "REPLICAOF not allowed in cluster mode."
    }
    try (Connection source = Connection.open(request.source());
        Connection target = Connection.open(request.targets().getFirst().primary())) {
      ServerInfo from = ServerInfo.of(source, "server", "cluster");
      ServerInfo to = ServerInfo.of(target, "server");
      boolean loads =
          from.rdbVersion() <= to.rdbVersion()
              && (from.rdbVersion() <= 11 || from.isValkey() == to.isValkey());
      return loads && !from.isCluster() && canEnter(request, target, to) ? Way.NATIVE : Way.STREAM;
    }
  }

  /** Whether the target can log in to the source and speak TLS or plain as the source does. */
  private static boolean canEnter(MigrationRequest request, Connection target, ServerInfo info) {
    if (request.source().credentials() != null
        && (request.source().credentials().user() != null && info.version() < 6_000_000
            || !(target.ask(ConfigValue.get("masterauth")) instanceof Reply.Array))) {
      return false;
    }
    boolean encrypts = ConfigValue.of(target, "tls-replication").orElse("no").equals("yes");
    return encrypts == (request.source().tls() != null);
  }
}
