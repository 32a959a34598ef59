package wherry.connector;

import java.util.Optional;
import wherry.row.Rows;

/** Reads a segment; owned by one thread. */
public interface RowReader extends Resource {
  /**
   * The next rows, empty at the end. The end is only reported when the server has said that it was
   * the end; a connection that breaks is a failure.
   */
  Optional<Rows> next() throws InterruptedException;
}
