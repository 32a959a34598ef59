package wherry.elasticache;

/** Hears what the supervisor of a group does by itself; called by its thread. */
public interface GroupListener {
  /** A shard has another primary; whoever keeps the plan keeps this one from now on. */
  void primaryChanged(Shard shard);

  /**
   * Something that a user wants to know.
   *
   * @param nodeId whom it happened to
   * @param message one sentence
   */
  void noticed(String nodeId, String message);
}
