package wherry.redis.migration;

import wherry.redis.migration.Progress.Way;

/**
 * A live migration: the target gets everything that the source has and then every change, until it
 * is completed or aborted. Safe for all threads.
 */
public interface Migration extends AutoCloseable {
  /**
   * Begins; what the target holds is replaced. Returns at once, the rest is told to the listener.
   *
   * @throws wherry.error.DmsException when no server can be reached or a check finds an error
   */
  static Migration start(MigrationRequest request, MigrationListener listener) {
    return Migrations.open(request, listener, false);
  }

  /** As above, in this way even where the other is possible. */
  static Migration start(MigrationRequest request, MigrationListener listener, Way way) {
    return Migrations.open(request, listener, false, way, StreamOptions.STANDARD);
  }

  /**
   * Carries on with a migration that {@link #close} or the end of the process has interrupted, from
   * the position that the target itself holds; without one it begins again.
   */
  static Migration resume(MigrationRequest request, MigrationListener listener) {
    return Migrations.open(request, listener, true);
  }

  /**
   * Ends what the end of the process has interrupted, however far it had come: makes the target
   * writable with what has arrived, as {@link #complete} does, and compares both sides. Twice is as
   * once.
   *
   * @param way in which it went
   * @throws wherry.error.DmsException when the target cannot be reached
   */
  static CompletionReport finish(MigrationRequest request, Way way) {
    switch (way) {
      case NATIVE -> NativeMigration.promote(request);
      case STREAM -> StreamMigration.promote(request);
    }
    return Comparison.of(request);
  }

  /** Where it is now; asks no server. At most a second old. */
  Progress progress();

  /**
   * Goes over to the target: makes sure that nothing is missing, makes it writable, and compares
   * both sides. Writers should be stopped before. Takes as long as reading all keys of both.
   *
   * @param force goes over even when not everything has arrived or the source cannot be reached
   * @throws wherry.error.DmsException {@link wherry.error.ErrorCode#NOT_IN_SYNC} without force,
   *     when the target lacks something; the migration goes on
   */
  CompletionReport complete(boolean force);

  /** Ends the replication and leaves a writable target with what has arrived. */
  void abort();

  /** Lets go without ending the migration: {@link #resume} carries on. */
  @Override
  void close();
}
