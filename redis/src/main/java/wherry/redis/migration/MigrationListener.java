package wherry.redis.migration;

import wherry.error.DmsException;

/** Hears what happens in a migration; called by its threads, one call at a time. */
public interface MigrationListener {
  /** Something that a user wants to know, such as a link that broke; one sentence. */
  void noticed(String message);

  /** The migration has entered this phase. */
  default void entered(Progress.Phase phase) {}

  /** The migration cannot go on; its target is as it was left, until {@link Migration#abort}. */
  void failed(DmsException reason);
}
