package wherry.redis.migration;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Progress.Link;
import wherry.redis.migration.Progress.Phase;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;
import wherry.redis.protocol.ServerWatch;

/**
 * The target replicates from the source by itself (REPLICAOF); we begin, watch and end it. After a
 * cut or the end of our process the target goes on alone.
 */
final class NativeMigration implements Migration {
  private static final Logger LOG = LoggerFactory.getLogger(NativeMigration.class);
  private static final long WATCH_MILLISECONDS = 500;
  private static final Duration SYNC_PATIENCE = Duration.ofSeconds(5);

  private final MigrationRequest request;
  private final ServerAddress target;
  private final MigrationListener listener;
  private final ServerWatch targetWatch;
  private final ServerWatch sourceWatch;
  private final Thread watch;
  private final ReentrantLock ending = new ReentrantLock();
  private volatile Progress progress =
      new Progress(Phase.CONNECTING, Way.NATIVE, 0, 0, 0, 0, 0, Link.DOWN, 1, 0);
  private volatile boolean watching = true;

  private NativeMigration(MigrationRequest request, MigrationListener listener) {
    this.request = request;
    this.listener = listener;
    target = request.targets().getFirst().primary();
    targetWatch = new ServerWatch(target, Connection.TIMEOUT_MILLISECONDS);
    sourceWatch = new ServerWatch(request.source(), Connection.TIMEOUT_MILLISECONDS);
    watch = Thread.ofVirtual().name("redis-watch-" + target.port()).unstarted(this::watch);
  }

  static NativeMigration begin(
      MigrationRequest request, MigrationListener listener, boolean resume) {
    NativeMigration migration = new NativeMigration(request, listener);
    if (!resume || !migration.replicates()) {
      migration.replicate();
    }
    migration.watch.start();
    return migration;
  }

  private boolean replicates() {
    return follows(targetWatch.info("replication"), request.source());
  }

  /** Whether a server is a replica of this one. */
  static boolean follows(ServerInfo replica, ServerAddress primary) {
    return replica.isReplica()
        && replica.text("master_host").equals(primary.host())
        && replica.number("master_port") == primary.port();
  }

  private void replicate() {
    ServerAddress source = request.source();
    try (Connection connection = Connection.open(target)) {
      ServerAddress.Credentials credentials = source.credentials();
      if (credentials != null) {
        if (credentials.user() != null) {
          connection.call("CONFIG", "SET", "masteruser", credentials.user());
        }
        connection.call("CONFIG", "SET", "masterauth", credentials.password());
      }
      connection.call("REPLICAOF", source.host(), Integer.toString(source.port()));
    }
  }

  private void watch() {
    while (watching) {
      Progress seen = look();
      ending.lock();
      try {
        if (watching) {
          tell(seen);
          if (seen.link() == Link.DOWN) {
            followAgain();
          }
        }
      } finally {
        ending.unlock();
      }
      Pause.milliseconds(WATCH_MILLISECONDS);
    }
  }

  /** A target that was started again has forgotten whom it followed, and would take writes. */
  private void followAgain() {
    try {
      if (!replicates()) {
        replicate();
        listener.noticed(
            "%s did not follow %s any more, as after a restart; it does again."
                .formatted(target, request.source()));
      }
    } catch (DmsException unreachable) {
      // Not there yet: the next look finds it.
    }
  }

  private void tell(Progress seen) {
    Progress before = progress;
    progress = seen;
    if (before.link() == Link.UP && seen.link() == Link.DOWN) {
      listener.noticed(
          "The link from %s to its source %s is down; the target tries again by itself."
              .formatted(target, request.source()));
    }
    if (before.phase() != seen.phase()) {
      LOG.info("native migration to {}: {}", target, seen.phase());
      listener.entered(seen.phase());
    }
  }

  /** The source first: what it is told after its answer is not missing yet. */
  private long lagBytes() {
    ServerInfo said = sourceWatch.info("replication");
    ServerInfo has = targetWatch.info("replication");
    return said.bytesAheadOf(has.text("master_replid"), has.replicationOffset());
  }

  /** What the target and the source say now. */
  private Progress look() {
    Progress last = progress;
    try {
      ServerInfo info = targetWatch.info("replication");
      boolean up = info.text("master_link_status").equals("up");
      boolean loading = info.number("master_sync_in_progress") == 1;
      Phase phase = up ? Phase.STREAMING : loading ? Phase.FULL_SYNCHRONIZATION : last.phase();
      int full =
          loading && last.phase() == Phase.STREAMING
              ? last.fullSynchronisations() + 1
              : last.fullSynchronisations();
      int again =
          up && last.link() == Link.DOWN && last.phase() == Phase.STREAMING
              ? last.reconnections() + 1
              : last.reconnections();
      return new Progress(
          phase,
          Way.NATIVE,
          0,
          0,
          info.number("master_sync_read_bytes"),
          info.number("master_sync_total_bytes"),
          up ? lagBytes() : last.lagBytes(),
          up ? Link.UP : Link.DOWN,
          full,
          again);
    } catch (DmsException unreachable) {
      // Loading its snapshot, restarting, or gone: all that is known is that the link is not up.
      return new Progress(
          last.phase(),
          Way.NATIVE,
          last.keysDone(),
          last.keysExpected(),
          last.bytesDone(),
          last.bytesExpected(),
          last.lagBytes(),
          Link.DOWN,
          last.fullSynchronisations(),
          last.reconnections());
    }
  }

  @Override
  public Progress progress() {
    return progress;
  }

  @Override
  public CompletionReport complete(boolean force) {
    if (!force) {
      awaitSync();
    }
    promote(Phase.COMPLETING);
    CompletionReport report = Comparison.of(request);
    progress = Phases.of(progress, Phase.COMPLETED);
    listener.entered(Phase.COMPLETED);
    return report;
  }

  private void awaitSync() {
    long deadline = System.nanoTime() + SYNC_PATIENCE.toNanos();
    Progress seen = look();
    while (!seen.isInSync() && System.nanoTime() < deadline) {
      Pause.milliseconds(20);
      seen = look();
    }
    if (!seen.isInSync()) {
      throw Phases.notInSync(seen);
    }
  }

  private void promote(Phase phase) {
    ending.lock();
    try {
      watching = false;
      progress = Phases.of(progress, phase);
      listener.entered(phase);
      promote(request);
    } finally {
      ending.unlock();
    }
  }

  /** The target follows nobody, and has no login of the source's any more. */
  static void promote(MigrationRequest request) {
    ServerAddress.Credentials login = request.source().credentials();
    try (Connection connection = Connection.open(request.targets().getFirst().primary())) {
      connection.call("REPLICAOF", "NO", "ONE");
      if (login != null) {
        connection.call("CONFIG", "SET", "masterauth", "");
        if (login.user() != null) {
          connection.call("CONFIG", "SET", "masteruser", "");
        }
      }
    }
  }

  @Override
  public void abort() {
    promote(Phase.ABORTED);
  }

  @Override
  public void close() {
    watching = false;
    targetWatch.close();
    sourceWatch.close();
  }
}
