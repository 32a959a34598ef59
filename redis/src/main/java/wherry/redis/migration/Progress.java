package wherry.redis.migration;

/**
 * Where a migration is; one moment, so that its numbers belong together.
 *
 * @param keysDone keys of the present full synchronisation that are on the target; 0 where the
 *     target replicates natively, because it does not tell
 * @param keysExpected keys of the source when it began
 * @param bytesDone bytes of the present full synchronisation that were read
 * @param bytesExpected 0 while the source has not told
 * @param lagBytes how much of the source's stream of commands is not on the target yet
 * @param link whether all connections to the source stand
 * @param fullSynchronisations how many have begun; more than one after a source had forgotten what
 *     the target still needed
 * @param reconnections how often a broken link to the source was made again
 */
public record Progress(
    Phase phase,
    Way way,
    long keysDone,
    long keysExpected,
    long bytesDone,
    long bytesExpected,
    long lagBytes,
    Link link,
    int fullSynchronisations,
    int reconnections) {

  /** How far a migration has come. */
  public enum Phase {
    CONNECTING,
    FULL_SYNCHRONIZATION,
    STREAMING,
    COMPLETING,
    COMPLETED,
    ABORTED,
    FAILED
  }

  /** Who moves the data. */
  public enum Way {
    /** The target replicates from the source by itself. */
    NATIVE,
    /** Wherry replicates from the source and writes to the target. */
    STREAM
  }

  /** The connections to the source. */
  public enum Link {
    UP,
    DOWN
  }

  /** Whether the target has everything that the source is known to have. */
  public boolean isInSync() {
    return phase == Phase.STREAMING && link == Link.UP && lagBytes == 0;
  }
}
