package wherry.mysql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * XA transactions that are in the log but not committed. Their rows stand before XA PREPARE, and
 * count from XA COMMIT on, which may come much later, after other transactions and after a restart
 * of ours. Small ones are kept as the events that they are; of large ones only the place is, where
 * they are read again. Not thread-safe.
 */
final class PreparedTransactions {
  /** A JTA server prepares every transaction, so that most must not be read twice. */
  private static final int KEPT_BYTES_MAX = 2 << 20;

  /**
   * A prepared transaction.
   *
   * @param at where it begins in the log
   * @param events its table maps and rows; null when these are too large to be kept
   */
  record Prepared(BinlogPosition at, @Nullable List<BinlogEvent> events) {}

  private final Map<String, Prepared> transactions = new HashMap<>();
  private @Nullable List<BinlogEvent> open = new ArrayList<>();
  private int keptBytes;

  /** Another transaction begins that will be prepared. */
  void begin() {
    if (open != null) {
      release(open);
    }
    open = new ArrayList<>();
  }

  /** An event of it. */
  void add(BinlogEvent event) {
    List<BinlogEvent> events = open;
    if (events == null) {
      return;
    }
    byte[] body = Arrays.copyOfRange(event.bytes(), event.start(), event.end());
    if (keptBytes + body.length > KEPT_BYTES_MAX) {
      release(events);
      open = null;
      return;
    }
    keptBytes += body.length;
    events.add(event.inside(body));
  }

  private void release(List<BinlogEvent> events) {
    events.forEach(event -> keptBytes -= event.end());
  }

  /** It is prepared. */
  void end(String id, BinlogPosition at) {
    remove(id);
    transactions.put(id, new Prepared(at, open));
    open = new ArrayList<>();
  }

  /** It is committed or rolled back; empty when it was prepared before reading began. */
  Optional<Prepared> remove(String id) {
    Prepared found = transactions.remove(id);
    if (found != null && found.events() != null) {
      release(found.events());
    }
    return Optional.ofNullable(found);
  }
}
