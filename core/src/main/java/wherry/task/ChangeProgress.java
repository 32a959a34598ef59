package wherry.task;

import java.time.Duration;

/**
 * How the processing of changes stands, told about once a second.
 *
 * @param position everything before it is on the target
 * @param captured row changes captured since the run began
 * @param applied row changes applied and committed since the run began
 * @param waiting row changes captured and not yet committed
 * @param waitingBytes what they take of memory
 * @param sourceLatency how far capture is behind the source's last commit; zero when the log is
 *     read to its end
 * @param targetLatency how long ago the source committed the oldest transaction that is not on the
 *     target; zero when all is
 * @param commits transactions of the target since the run began
 */
public record ChangeProgress(
    String position,
    long captured,
    long applied,
    long waiting,
    long waitingBytes,
    Duration sourceLatency,
    Duration targetLatency,
    long commits) {

  /**
   * The same when nothing was told since: the target has been at work for so long, and is behind by
   * as much more.
   */
  public ChangeProgress after(Duration silence) {
    return new ChangeProgress(
        position,
        captured,
        applied,
        waiting,
        waitingBytes,
        sourceLatency,
        targetLatency.plus(silence),
        commits);
  }
}
