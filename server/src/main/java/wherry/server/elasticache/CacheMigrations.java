package wherry.server.elasticache;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.migration.Migration;
import wherry.redis.migration.MigrationListener;
import wherry.redis.migration.MigrationRequest;
import wherry.redis.migration.Progress;
import wherry.redis.migration.Progress.Phase;
import wherry.redis.migration.Progress.Way;
import wherry.server.elasticache.StoredGroup.StoredMigration;

/**
 * The migrations into groups that go on. The store says which group is {@code migrating} and from
 * where; what happens is told by events of the group. Safe for all threads.
 */
final class CacheMigrations implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheMigrations.class);
  private static final long RETRY_MILLISECONDS = 2000;
  private static final long REPORT_MILLISECONDS = 60_000;

  static final String SOURCE_PASSWORD = "MigrationSourcePassword";

  private final Caches caches;
  private final CacheEvents events;
  private final SourceCertificates certificates;
  private final Map<String, Migration> running = new ConcurrentHashMap<>();
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();
  private final Map<String, Vigil> vigils = new ConcurrentHashMap<>();
  private final Set<String> completing = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  CacheMigrations(Caches caches, SourceCertificates certificates) {
    this.caches = caches;
    this.events = caches.events();
    this.certificates = certificates;
  }

  /** Begins the migration of a group that has been written down as {@code migrating}. */
  void start(String id, NamedServer source) {
    caches.later(() ->
        alone(
            id,
            () -> {
              events.group(id, "Migration from " + source + " started for " + id);
              try {
                keepVigil(id, source);
                caches.require(id).beginMigration();
                began(id, Migration.start(caches.migrationRequest(id, source), new Listener(id)));
              } catch (RuntimeException e) {
                events.failed(id, "Migration failed for " + id, e);
                write(id, migration -> migration.ending(Phase.ABORTED));
                if (stored(id).map(StoredMigration::way).isEmpty()) {
                  end(id);
                } else {
                  caches.later(() -> settle(id));
                }
              }
            }));
  }

  private void keepVigil(String id, NamedServer source) {
    Vigil vigil =
        Vigil.over(
            caches.require(id),
            source.address(certificates.pemOf(source)),
            sentence -> events.group(id, "Migration of " + id + ": " + sentence));
    endVigil(id);
    vigils.put(id, vigil);
  }

  private void endVigil(String id) {
    Vigil vigil = vigils.remove(id);
    if (vigil != null) {
      vigil.close();
    }
  }

  /** Which servers of a group's migration do not answer now. */
  List<String> silent(String id) {
    return Optional.ofNullable(vigils.get(id)).map(Vigil::silent).orElse(List.of());
  }

  /** What begins, carries on or ends the migration of a group waits for what does so already. */
  private void alone(String id, Runnable work) {
    ReentrantLock lock = locks.computeIfAbsent(id, group -> new ReentrantLock());
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  /** Goes on after a restart; as long as a server cannot be reached it is tried again. */
  void resume(String id) {
    if (stored(id).map(StoredMigration::end).isPresent()) {
      settle(id);
      return;
    }
    persist(
        id,
        "resumed",
        migration -> migration.end() == null && !running.containsKey(id),
        migration -> {
          NamedServer source = caches.source(id, migration);
          alone(
              id,
              () -> {
                if (stored(id).filter(migration::equals).isPresent()) {
                  began(
                      id, Migration.resume(caches.migrationRequest(id, source), new Listener(id)));
                  events.group(id, "Migration from " + source + " resumed for " + id);
                }
              });
        });
  }

  /** What was being ended is ended: its clients may have begun to write to the group. */
  private void settle(String id) {
    persist(
        id,
        "ended",
        migration -> migration.end() != null,
        migration ->
            alone(
                id,
                () -> {
                  if (stored(id).filter(migration::equals).isPresent()) {
                    end(id, migration, "ended after an interruption");
                  }
                }));
  }

  /** Does something to the migration that is stored when its servers answer, until it is done. */
  private void persist(
      String id, String done, Predicate<StoredMigration> isDue, Consumer<StoredMigration> work) {
    boolean told = false;
    Optional<StoredMigration> due = stored(id).filter(isDue);
    while (due.isPresent()) {
      try {
        if (!vigils.containsKey(id) && isMigrating(id)) {
          keepVigil(id, caches.source(id, due.get()));
        }
        caches.require(id).awaitServing();
        work.accept(due.get());
      } catch (RuntimeException e) {
        if (closed.getCount() == 0) {
          return;
        }
        if (!told && stored(id).filter(isDue).isPresent()) {
          events.failed(
              id, "Migration for " + id + " cannot be " + done + " yet and is tried again", e);
          told = true;
        }
        if (pauseWasCut(RETRY_MILLISECONDS)) {
          return;
        }
      }
      due = stored(id).filter(isDue);
    }
  }

  /** Ends a migration that runs nowhere. */
  private void end(String id, StoredMigration migration, String how) {
    Way way = migration.way();
    StoredMigration ending = migration.ending(Phase.COMPLETING);
    write(id, present -> present.equals(migration) ? ending : present);
    if (way == null) {
      events.group(id, "Complete Migration for " + id + ": given up, as it has not begun");
    } else {
      MigrationRequest request = caches.migrationRequest(id, caches.source(id, migration));
      events.completed(id, "Migration of " + id + " " + how, Migration.finish(request, way));
    }
    end(id);
  }

  /**
   * The group is its own again at once, though a server of it does not answer. It, or the way in
   * which clients may write to it, comes right when it does.
   */
  private void giveUp(String id, String cause) {
    endVigil(id);
    letGo(id);
    write(id, migration -> migration.ending(Phase.ABORTED));
    events.group(
        id,
        "Complete Migration for "
            + id
            + ": given up with what has arrived: "
            + cause
            + " When its servers answer they are made ordinary ones, with the right expiries, and"
            + " an event tells it; until then do not write to them.");
    caches
        .groups()
        .find(id)
        .filter(item -> item.record().attached() == null)
        .ifPresent(item -> caches.require(id).endMigration()); // Starts again who is silent.
    setAvailable(id);
    caches.later(() -> settle(id));
  }

  private void letGo(String id) {
    Migration migration = running.remove(id);
    if (migration != null) {
      migration.close();
    }
  }

  private void began(String id, Migration migration) {
    running.put(id, migration);
    caches.later(() -> {
      while (!pauseWasCut(REPORT_MILLISECONDS) && migration.equals(running.get(id))) {
        events.group(id, "Migration of " + id + ": " + described(migration.progress()));
      }
    });
  }

  /** In one line: for events, and for who asks too early. */
  static String described(Progress progress) {
    return "phase "
        + progress.phase()
        + ", way "
        + progress.way()
        + ", link "
        + progress.link()
        + ", "
        + progress.keysDone()
        + " of "
        + progress.keysExpected()
        + " keys, "
        + progress.lagBytes()
        + " bytes behind";
  }

  private boolean pauseWasCut(long milliseconds) {
    try {
      return closed.await(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private boolean isMigrating(String id) {
    return caches
        .groups()
        .find(id)
        .filter(item -> item.record().status().equals(StoredGroup.MIGRATING))
        .isPresent();
  }

  private Optional<StoredMigration> stored(String id) {
    return caches.groups().find(id).map(item -> item.record().migration());
  }

  private void write(String id, UnaryOperator<StoredMigration> change) {
    caches
        .groups()
        .change(
            id,
            any -> true,
            group -> {
              StoredMigration before = group.migration();
              return before == null
                  ? group
                  : group.withMigration(group.status(), change.apply(before));
            });
  }

  /** Where a migration is; empty while it has not begun or waits for its source. */
  Optional<Progress> progress(String id) {
    return Optional.ofNullable(running.get(id)).map(Migration::progress);
  }

  /**
   * Goes over to the target, or says by an event why not; then the migration goes on.
   *
   * @return false when that is being done already
   */
  boolean complete(String id, boolean force) {
    if (!completing.add(id)) {
      return false;
    }
    caches.later(() -> {
      try {
        alone(id, () -> stored(id).ifPresent(migration -> complete(id, migration, force)));
      } catch (RuntimeException e) {
        alone(id, () -> completionFailed(id, force, e));
      } finally {
        completing.remove(id);
      }
    });
    return true;
  }

  private void complete(String id, StoredMigration stored, boolean force) {
    Optional<String> silence = Optional.ofNullable(vigils.get(id)).flatMap(Vigil::silenceOfTarget);
    if (silence.isPresent() && !force) {
      throw new DmsException(ErrorCode.NOT_IN_SYNC, silence.get());
    }
    Migration migration = running.get(id);
    if (silence.isPresent()) {
      giveUp(id, silence.get());
    } else if (migration == null) {
      boolean ending = stored.end() != null;
      end(
          id,
          stored,
          ending
              ? "ended after an interruption"
              : "given up while its source could not be reached");
    } else {
      String done = "Complete Migration successful for " + id;
      events.completed(id, done, migration.complete(force));
      migration.close();
      end(id);
    }
  }

  private void completionFailed(String id, boolean force, RuntimeException e) {
    if (stored(id).map(StoredMigration::end).isEmpty()) {
      boolean goesOn = e instanceof DmsException told && told.code() == ErrorCode.NOT_IN_SYNC;
      String then = goesOn ? ", which goes on migrating" : "";
      events.failed(id, "Complete Migration failed for " + id + then, e);
    } else if (force) {
      giveUp(id, String.valueOf(e.getMessage()));
    } else {
      heldUp(id, "Complete Migration", e);
    }
  }

  /** An end that has begun is brought to its end, as soon as the servers let it. */
  private void heldUp(String id, String what, RuntimeException e) {
    letGo(id);
    events.failed(
        id,
        what
            + " of "
            + id
            + " is held up, and tried again until its servers answer; CompleteMigration with Force"
            + " makes the group available at once",
        e);
    caches.later(() -> settle(id));
  }

  /**
   * The group is its own again. Before its clients may write, it is written down that nobody may
   * carry on with the migration, which would replace what they wrote.
   */
  private void end(String id) {
    Optional<StoredGroup> ended =
        caches
            .groups()
            .change(
                id,
                group -> group.migration() != null && group.migration().end() != null,
                group -> group.withMigration(group.status(), null));
    if (ended.isEmpty()) {
      return; // Another has been started meanwhile.
    }
    running.remove(id);
    endVigil(id);
    try {
      caches.groups().find(id).ifPresent(item -> caches.forgetSecret(item.arn(), SOURCE_PASSWORD));
      caches.require(id).endMigration();
    } catch (RuntimeException e) {
      events.failed(
          id, "Replication group " + id + " could not be given back to its supervisor", e);
    }
    setAvailable(id);
  }

  private void setAvailable(String id) {
    caches
        .groups()
        .change(
            id,
            group -> group.status().equals(StoredGroup.MIGRATING),
            group -> group.withStatus(StoredGroup.AVAILABLE));
  }

  /** Tells what a migration tells; what follows from it is done on another thread than its own. */
  private final class Listener implements MigrationListener {
    private final String id;

    Listener(String id) {
      this.id = id;
    }

    @Override
    public void noticed(String message) {
      events.group(id, "Migration of " + id + ": " + message);
    }

    @Override
    public void chose(Way way) {
      write(id, migration -> migration.in(way));
    }

    @Override
    public void entered(Phase phase) {
      switch (phase) {
        case FULL_SYNCHRONIZATION ->
            events.group(id, "Full synchronization of " + id + " has begun");
        case STREAMING ->
            events.group(id, "Full synchronization of " + id + " is done; changes are streaming");
        case COMPLETING, ABORTED -> write(id, migration -> migration.ending(phase));
        case CONNECTING, COMPLETED, FAILED -> {}
      }
    }

    @Override
    public void failed(DmsException reason) {
      caches.later(() -> alone(id, () -> abort(reason)));
    }

    private void abort(DmsException reason) {
      Migration migration = running.get(id);
      if (migration == null) {
        return; // It has been completed meanwhile.
      }
      events.failed(id, "Migration failed for " + id, reason);
      try {
        migration.abort();
        migration.close();
      } catch (RuntimeException e) {
        heldUp(id, "The end of the migration", e);
        return;
      }
      end(id);
    }
  }

  /** Lets go of all migrations; {@link #resume} carries on. */
  @Override
  public void close() {
    closed.countDown();
    vigils.values().forEach(Vigil::close);
    running.values().forEach(Migration::close);
    running.clear();
  }
}
