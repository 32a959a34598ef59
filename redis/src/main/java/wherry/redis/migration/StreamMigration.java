package wherry.redis.migration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.migration.Progress.Link;
import wherry.redis.migration.Progress.Phase;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;

/**
 * We replicate from each shard of the source and write to the target's primaries, whatever their
 * number. The target's position is on the target itself, so that a new process carries on.
 */
final class StreamMigration implements Migration {
  private static final Logger LOG = LoggerFactory.getLogger(StreamMigration.class);
  private static final long LOOK_MILLISECONDS = 100;
  private static final Duration SYNC_PATIENCE = Duration.ofSeconds(5);

  private final MigrationRequest request;
  private final MigrationListener listener;
  private final List<SourceShard> sources;
  private final List<SourceStream> streams = new ArrayList<>();
  private final ReentrantLock telling = new ReentrantLock();
  private volatile Progress progress =
      new Progress(Phase.CONNECTING, Way.STREAM, 0, 0, 0, 0, 0, Link.DOWN, 0, 0);
  private volatile boolean ended;

  private StreamMigration(
      MigrationRequest request, MigrationListener listener, List<SourceShard> sources) {
    this.request = request;
    this.listener = listener;
    this.sources = sources;
  }

  static StreamMigration begin(
      MigrationRequest request, MigrationListener listener, boolean resume, StreamOptions options) {
    List<SourceShard> sources = SourceShard.of(request.source());
    StreamMigration migration = new StreamMigration(request, listener, sources);
    int rdbVersion = prepareTargets(request, !resume);
    for (SourceShard source : sources) {
      migration.streams.add(
          new SourceStream(
              request,
              source,
              sources.size() == 1,
              migration.streams.isEmpty(),
              !resume,
              rdbVersion,
              options,
              migration.observer()));
    }
    migration.streams.forEach(SourceStream::start);
    Thread.ofVirtual().name("redis-progress").start(migration::watch);
    return migration;
  }

  /** Empties the targets where nothing is to be kept; the RDB version that all of them read. */
  private static int prepareTargets(MigrationRequest request, boolean empty) {
    int rdbVersion = Integer.MAX_VALUE;
    for (TargetShard target : request.targets()) {
      try (Connection connection = Connection.open(target.primary())) {
        rdbVersion = Math.min(rdbVersion, ServerInfo.of(connection, "server").rdbVersion());
        if (empty) {
          connection.call("FLUSHALL", "ASYNC"); // However much there is, it answers at once.
        }
      }
    }
    return rdbVersion;
  }

  private SourceStream.Observer observer() {
    return new SourceStream.Observer() {
      @Override
      public void noticed(String message) {
        tell(() -> listener.noticed(message));
      }

      @Override
      public void failed(DmsException reason) {
        // By another thread: it waits for the one that calls.
        Thread.ofVirtual().name("redis-failed").start(() -> fail(reason));
      }
    };
  }

  private void tell(Runnable message) {
    telling.lock();
    try {
      message.run();
    } finally {
      telling.unlock();
    }
  }

  private void fail(DmsException reason) {
    telling.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
    } finally {
      telling.unlock();
    }
    streams.forEach(SourceStream::close);
    if (reason.code() == ErrorCode.COMMAND_REFUSED) {
      forgetPositions();
    }
    enter(Phase.FAILED);
    tell(() -> listener.failed(reason));
  }

  /**
   * What was refused is missing, though the position is behind it: nobody must go on from there.
   */
  private void forgetPositions() {
    for (TargetShard target : request.targets()) {
      try {
        TargetSweep.removePositions(target);
      } catch (DmsException unreachable) {
        LOG.warn("{} keeps a position that is not true: {}", target, unreachable.getMessage());
      }
    }
  }

  private void enter(Phase phase) {
    tell(() -> {
      progress = Phases.of(progress, phase);
      LOG.info("migration of {}: {}", request.source(), phase);
      listener.entered(phase);
    });
  }

  private void watch() {
    while (!ended) {
      Progress seen = look();
      tell(() -> {
        if (!ended) {
          boolean entered = seen.phase() != progress.phase();
          progress = seen;
          if (entered) {
            listener.entered(seen.phase());
          }
        }
      });
      Pause.milliseconds(LOOK_MILLISECONDS);
    }
  }

  private Progress look() {
    long keys = 0;
    long keysExpected = 0;
    long bytes = 0;
    long bytesExpected = 0;
    long lag = 0;
    int full = 0;
    int again = 0;
    boolean loading = false;
    boolean up = true;
    for (SourceStream stream : streams) {
      LoadCounter loaded = stream.loaded();
      keys += loaded.keys();
      keysExpected += loaded.keysExpected();
      bytesExpected += loaded.bytesExpected();
      full = Math.max(full, stream.fullSynchronisations());
      again += stream.reconnections();
      switch (stream.state()) {
        case CONNECTING -> up = false;
        case LOADING -> {
          loading = true;
          bytes += Math.max(0, stream.bytesRead() - loaded.bytesBefore());
        }
        case STREAMING -> {
          bytes += loaded.bytesExpected();
          lag += stream.lagBytes();
        }
      }
    }
    // A link that breaks does not lead back: it is still that phase, with its link down.
    Phase phase = loading ? Phase.FULL_SYNCHRONIZATION : up ? Phase.STREAMING : progress.phase();
    return new Progress(
        phase,
        Way.STREAM,
        keys,
        keysExpected,
        bytes,
        bytesExpected,
        lag,
        up ? Link.UP : Link.DOWN,
        full,
        again);
  }

  @Override
  public Progress progress() {
    return progress;
  }

  @Override
  public CompletionReport complete(boolean force) {
    if (!force) {
      awaitSync();
      requireSameShards();
    }
    end(Phase.COMPLETING);
    CompletionReport report = Comparison.of(request);
    enter(Phase.COMPLETED);
    return report;
  }

  /** Slots that have moved between the source's nodes were followed on neither side. */
  private void requireSameShards() {
    if (!SourceShard.of(request.source()).equals(sources)) {
      throw new DmsException(
          ErrorCode.NOT_IN_SYNC,
          "The slots of the source cluster %s have moved, or a primary has failed over, since the"
                  .formatted(request.source())
              + " migration began; it is not known what the target lacks. Abort and start again.");
    }
  }

  private void awaitSync() {
    long deadline = System.nanoTime() + SYNC_PATIENCE.toNanos();
    Progress seen = look();
    while (!seen.isInSync() && System.nanoTime() < deadline && !ended) {
      Pause.milliseconds(10);
      seen = look();
    }
    if (!seen.isInSync() || ended) {
      throw Phases.notInSync(seen);
    }
  }

  /** Stops following; then the target is an ordinary one, without late expiries and positions. */
  private void end(Phase phase) {
    ended = true;
    enter(phase);
    streams.forEach(SourceStream::close);
    promote(request, sources);
  }

  /** As the end of a migration whose process has ended; the source may be gone, too. */
  static void promote(MigrationRequest request) {
    List<SourceShard> sources;
    try {
      sources = SourceShard.of(request.source());
    } catch (DmsException unreachable) {
      sources = List.of(); // What the stream has told is the best that there is.
    }
    promote(request, sources);
  }

  private static void promote(MigrationRequest request, List<SourceShard> sources) {
    try (SourceExpiries expiries = SourceExpiries.open(sources)) {
      for (TargetShard target : request.targets()) {
        TargetSweep.endLateExpiry(target, expiries);
        TargetSweep.removePositions(target);
      }
    }
  }

  @Override
  public void abort() {
    end(Phase.ABORTED);
  }

  @Override
  public void close() {
    ended = true;
    streams.forEach(SourceStream::close);
  }
}
