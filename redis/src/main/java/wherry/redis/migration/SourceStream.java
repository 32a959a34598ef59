package wherry.redis.migration;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.MalformedException;
import wherry.redis.protocol.ServerInfo;
import wherry.redis.protocol.ServerWatch;
import wherry.redis.rdb.RdbReader;

/**
 * Follows one shard of the source: loads what it has and applies what it does, until it is closed;
 * what breaks meanwhile is begun again where the target says that it is.
 */
final class SourceStream implements AutoCloseable {
  private static final long FIRST_RETRY_MILLISECONDS = 100;
  private static final long LAST_RETRY_MILLISECONDS = 5_000;
  private static final int STREAM_BUFFER_BYTES_MIN = 1024 * 1024;
  private static final long HEARTBEAT_MILLISECONDS = 1_000;

  /** Hears what becomes of it; called by its thread. */
  interface Observer {
    void noticed(String message);

    /** It has ended for good, and not because it was closed. */
    void failed(DmsException reason);
  }

  /** What it is at. */
  enum State {
    CONNECTING,
    LOADING,
    STREAMING
  }

  private final MigrationRequest request;
  private final SourceShard source;
  private final boolean onlyShard;
  private final boolean leads;
  private final int targetRdbVersion;
  private final StreamOptions options;
  private final Observer observer;
  private final Thread thread;
  private final LoadCounter loaded = new LoadCounter();
  private final ServerWatch watch;
  private boolean fresh;
  private boolean advanced;

  /** What has been told of the present break; it is tried again every few seconds. */
  private @Nullable String toldReason;

  private volatile State state = State.CONNECTING;
  private volatile boolean closed;
  private volatile int reconnections;
  private volatile int fullSynchronisations;
  private volatile @Nullable Connection connection;
  private volatile @Nullable TargetShards target;
  private volatile @Nullable StreamApply apply;

  /**
   * @param fresh begin with everything, whatever the target says
   * @param onlyShard whether the source has no other shard, so that the whole target is its own
   * @param leads whether it brings functions and scripts, which each shard of a source has
   */
  SourceStream(
      MigrationRequest request,
      SourceShard source,
      boolean onlyShard,
      boolean leads,
      boolean fresh,
      int targetRdbVersion,
      StreamOptions options,
      Observer observer) {
    this.request = request;
    this.source = source;
    this.onlyShard = onlyShard;
    this.leads = leads;
    this.fresh = fresh;
    this.targetRdbVersion = targetRdbVersion;
    this.options = options;
    this.observer = observer;
    watch = new ServerWatch(source.server(), Connection.TIMEOUT_MILLISECONDS);
    thread =
        Thread.ofPlatform().name("redis-stream-" + source.server().port()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  ServerAddress server() {
    return source.server();
  }

  State state() {
    return state;
  }

  LoadCounter loaded() {
    return loaded;
  }

  int reconnections() {
    return reconnections;
  }

  int fullSynchronisations() {
    return fullSynchronisations;
  }

  /** What the source has said so far, less what is on the target; 1 while nobody knows. */
  long lagBytes() {
    if (closed) {
      return 1;
    }
    try {
      // The source first: what it is told after this answer is not missing yet.
      ServerInfo said = watch.info("replication");
      StreamApply current = apply;
      return current == null || state != State.STREAMING
          ? 1
          : said.bytesAheadOf(current.replicationId(), current.acknowledged());
    } catch (DmsException unreachable) {
      return 1;
    }
  }

  /** How many bytes of the RDB were read. */
  long bytesRead() {
    Connection current = connection;
    return current == null ? 0 : current.input().offset();
  }

  private void run() {
    long wait = FIRST_RETRY_MILLISECONDS;
    while (!closed) {
      try {
        follow();
      } catch (MalformedException e) {
        fail(new DmsException(ErrorCode.INTERNAL, describe(e), e));
      } catch (IOException e) {
        retryLater(describe(e));
      } catch (DmsException e) {
        if (e.code().kind() == ErrorCode.Kind.RECOVERABLE) {
          retryLater(String.valueOf(e.getMessage()));
        } else {
          fail(e);
        }
      } catch (OutOfMemoryError e) {
        fail(
            new DmsException(
                ErrorCode.COMMAND_REFUSED,
                "What %s sends does not fit into this process. Start the service with more memory"
                        .formatted(server())
                    + " (WHERRY_JAVA_OPTIONS=-Xmx4g), and then the migration again.",
                e));
      } catch (RuntimeException e) {
        fail(new DmsException(ErrorCode.INTERNAL, "a defect while following " + server(), e));
      }
      if (!closed) {
        wait = advanced ? FIRST_RETRY_MILLISECONDS : Math.min(2 * wait, LAST_RETRY_MILLISECONDS);
        advanced = false;
        Pause.milliseconds(wait);
      }
    }
  }

  private String describe(IOException e) {
    return "The stream of %s is broken: %s".formatted(server(), e.getMessage());
  }

  private void retryLater(String reason) {
    if (!closed) {
      state = State.CONNECTING;
      reconnections++;
      if (!reason.equals(toldReason)) {
        observer.noticed(reason + " Trying again.");
        toldReason = reason;
      }
    }
  }

  private void fail(DmsException reason) {
    if (!closed) {
      closed = true;
      observer.failed(reason);
    }
  }

  private void follow() throws IOException {
    try (TargetShards shards = new TargetShards(request, source)) {
      shards.connect(this::closeLink);
      target = shards;
      StreamPositions positions = fresh ? null : StreamPositions.read(shards, source);
      int buffer = Math.max(STREAM_BUFFER_BYTES_MIN, options.restoreBytesMax());
      try (Connection opened = Connection.open(server(), buffer)) {
        connection = opened;
        if (closed) {
          return;
        }
        ReplicationLink connected =
            ReplicationLink.over(opened, positions == null ? null : positions.from());
        if (connected.isFull()) {
          load(connected, shards);
          positions = null;
        }
        stream(
            connected,
            shards,
            positions == null ? StreamPositions.all(connected.start(), shards) : positions);
      }
    } finally {
      apply = null;
      connection = null;
      target = null;
    }
  }

  private void load(ReplicationLink connected, TargetShards shards) throws IOException {
    state = State.LOADING;
    if (++fullSynchronisations > 1) {
      observer.noticed(
          "%s no longer has what the target needs next; everything is synchronised again."
              .formatted(server()));
    }
    loaded.begin();
    if (onlyShard) {
      TargetFlush.all(shards, targetRdbVersion);
    } else {
      TargetSweep.removeKeysOf(source, shards);
    }
    connected.beginRdb();
    loaded.bytesExpected(connected.rdbBytes(), connected.input().offset());
    TargetLoad load =
        new TargetLoad(
            shards, targetRdbVersion, options.chunkBytes(), leads, loaded, observer::noticed);
    new RdbReader(
            connected.input(),
            targetRdbVersion,
            options.restoreBytesMax(),
            options.chunkBytes(),
            load)
        .read();
    load.end();
    connected.endRdb();
    try (Heartbeat beat = new Heartbeat(connected, () -> connected.start().offset())) {
      shards.await();
    }
    new ApplyWindow(shards).sendPosition(connected.start());
    shards.await();
    fresh = false;
  }

  private void stream(ReplicationLink connected, TargetShards shards, StreamPositions positions)
      throws IOException {
    StreamApply current = new StreamApply(connected, shards, positions, source, onlyShard, leads);
    apply = current;
    state = State.STREAMING;
    if (toldReason != null) {
      toldReason = null;
      observer.noticed(
          "The stream of %s goes on behind offset %d."
              .formatted(server(), connected.start().offset()));
    }
    try (current;
        Heartbeat beat = new Heartbeat(connected, current::acknowledged)) {
      current.run();
    } finally {
      advanced = current.acknowledged() > connected.start().offset();
    }
  }

  /** Tells the source every second how far the target is; it gives up a replica that is silent. */
  private static final class Heartbeat implements AutoCloseable {
    private final Thread thread;
    private volatile boolean ended;

    Heartbeat(ReplicationLink link, LongSupplier offset) {
      thread =
          Thread.ofVirtual()
              .name("redis-heartbeat")
              .start(() -> {
                while (!ended) {
                  try {
                    link.acknowledge(offset.getAsLong());
                  } catch (IOException broken) {
                    return; // Whoever reads from it will find out.
                  }
                  Pause.milliseconds(HEARTBEAT_MILLISECONDS);
                }
              });
    }

    @Override
    public void close() {
      ended = true;
      thread.interrupt();
    }
  }

  /** Ends it and waits until it has; nothing is written to the target after that. */
  @Override
  public void close() {
    closed = true;
    closeLink(); // What it waits for breaks.
    if (target instanceof TargetShards open) {
      open.writers().forEach(TargetWriter::close);
    }
    thread.interrupt();
    join();
    watch.close();
  }

  private void closeLink() {
    if (connection instanceof Connection open) {
      open.close();
    }
  }

  private void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
