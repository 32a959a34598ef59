package wherry.connector;

/** Decides, for each rejected row, how the load goes on. Safe for all threads. */
@FunctionalInterface
public interface RejectionPolicy {
  enum Decision {
    /** Count it and go on. */
    IGNORE,
    /** Keep it in the exceptions table of the target, count it and go on. */
    KEEP
  }

  /**
   * @throws wherry.error.DmsException TABLE_SUSPENDED or TASK_STOPPED_BY_POLICY when the load of
   *     the table or task ends here
   */
  Decision rejected(RejectedRow row);
}
