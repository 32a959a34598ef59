package wherry.chaos;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** What the clients know of their transactions. Safe for all threads. */
final class History {
  /** What a client was told. */
  enum Outcome {
    ACKNOWLEDGED,
    /** By the client or by the server, in any case before a commit was asked for. */
    ROLLED_BACK,
    /** The connection was lost while it committed. */
    UNKNOWN
  }

  /** A transaction, as its row in the journal names it. */
  record Mark(int client, int sequence) implements Comparable<Mark> {
    @Override
    public int compareTo(Mark other) {
      return client == other.client
          ? Integer.compare(sequence, other.sequence)
          : Integer.compare(client, other.client);
    }

    @Override
    public String toString() {
      return client + "|" + sequence;
    }
  }

  private final Map<Mark, Outcome> outcomes = new ConcurrentHashMap<>();

  void record(int client, int sequence, Outcome outcome) {
    outcomes.put(new Mark(client, sequence), outcome);
  }

  long count(Outcome outcome) {
    return outcomes.values().stream().filter(outcome::equals).count();
  }

  Set<Mark> marks(Outcome outcome) {
    return outcomes.entrySet().stream()
        .filter(entry -> entry.getValue() == outcome)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** For the evidence: one line per transaction. */
  String text() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(outcomes)
        .forEach((mark, outcome) -> text.append(mark).append(' ').append(outcome).append('\n'));
    return text.toString();
  }
}
