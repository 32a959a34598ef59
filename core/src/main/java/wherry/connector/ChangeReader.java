package wherry.connector;

import java.time.Duration;
import wherry.change.ChangeBatch;
import wherry.change.Position;

/** Reads the log; owned by one thread but for {@link #acknowledge} and {@link #close}. */
public interface ChangeReader extends Resource {
  /**
   * The next changes of the task's tables: what is there at once, or what comes within {@code
   * patience}; a batch without parts when nothing did. A batch is bounded in bytes (about 1 MiB and
   * what one row takes), so a large transaction comes in parts. Keeps the server content meanwhile
   * and between calls: a reader whose batches nobody takes for minutes stays connected.
   *
   * @throws wherry.error.DmsException CONNECTION_FAILED when the log broke off, LOG_LOST when it is
   *     gone
   */
  ChangeBatch next(Duration patience) throws InterruptedException;

  /**
   * Everything before the position is durable on the target; the source may forget it. Called from
   * any thread; told to the server with its next status message.
   */
  void acknowledge(Position durable);
}
