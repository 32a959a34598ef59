package wherry.redis.migration;

import wherry.error.DmsException;

/** Hears what happens in a migration; called by its threads, one call at a time. */
public interface MigrationListener {
  /** Something that a user wants to know, such as a link that broke; one sentence. */
  void noticed(String message);

  /** It begins in this way; the target is as it was before. */
  default void chose(Progress.Way way) {}

  /**
   * The migration has entered this phase. {@code COMPLETING} and {@code ABORTED} are told before
   * the target becomes an ordinary one: from then on nobody may follow the source again, but {@link
   * Migration#finish}.
   */
  default void entered(Progress.Phase phase) {}

  /** The migration cannot go on; its target is as it was left, until {@link Migration#abort}. */
  void failed(DmsException reason);
}
