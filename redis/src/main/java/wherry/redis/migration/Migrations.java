package wherry.redis.migration;

import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Connection;
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
    Way way = given == null ? choose(request) : given;
    listener.chose(way);
    return switch (way) {
      case NATIVE -> NativeMigration.begin(request, listener, resume);
      case STREAM -> StreamMigration.begin(request, listener, resume, options);
    };
  }

  /** Native wherever the target can, and where it does already. */
  static Way choose(MigrationRequest request) {
    if (request.clusterMode()) {
      return Way.STREAM; // "REPLICAOF not allowed in cluster mode."
    }
    try (Connection source = Connection.open(request.source());
        Connection target = Connection.open(request.targets().getFirst().primary())) {
      ServerInfo from = ServerInfo.of(source, "server", "cluster");
      ServerInfo to = ServerInfo.of(target, "server", "replication");
      boolean can = !from.isCluster() && loads(from, to) && canEnter(request, target);
      return can || NativeMigration.follows(to, request.source()) ? Way.NATIVE : Way.STREAM;
    }
  }

  private static boolean loads(ServerInfo source, ServerInfo target) {
    return source.rdbVersion() <= target.rdbVersion()
        && (source.rdbVersion() <= 11 || source.isValkey() == target.isValkey());
  }

  /**
   * Whether the target can log in to the source and speak TLS or plain as the source does. A login
   * that the target has for a primary of its own is not overwritten, nor told to the source.
   */
  private static boolean canEnter(MigrationRequest request, Connection target) {
    ServerAddress.Credentials login = request.source().credentials();
    boolean encrypts = ConfigValue.of(target, "tls-replication").orElse("no").equals("yes");
    return encrypts == (request.source().tls() != null)
        && isUnset(target, "masterauth", login != null)
        && isUnset(target, "masteruser", login != null && login.user() != null);
  }

  /** Unknown is one that the target's version does not have, or that we may not read. */
  private static boolean isUnset(Connection target, String setting, boolean isNeeded) {
    return ConfigValue.of(target, setting).map(String::isEmpty).orElse(!isNeeded);
  }
}
