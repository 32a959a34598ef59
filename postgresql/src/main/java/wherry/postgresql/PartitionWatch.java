package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows of partitioned tables that came or went with a whole partition: attached, detached,
 * dropped or truncated by itself, which leaves no change in the log.
 *
 * <p>Safe for all threads; one for all readers of a log, so that what happens between two of them
 * is found too.
 */
final class PartitionWatch {
  /** SQLSTATE lock_not_available. */
  private static final String LOCKED = "55P03";

  private static final String REASON =
      ": rows came or went with it without a change in the log. Reload the table.";

  private Map<Integer, Map<Long, Partition>> known = new HashMap<>();
  private Map<Integer, Map<Long, Partition>> found = new HashMap<>();
  private long knownAt = System.nanoTime();
  private long foundAt = knownAt;
  private final Map<Integer, Long> truncatedAt = new HashMap<>();

  /**
   * @param name quoted
   * @param file which changes when all rows are written anew or none are left
   * @param attached whether it was a table of its own before
   * @param columns tells the table's columns from those that it had
   * @param fresh whether the file was begun empty, as far as that can be told
   */
  private record Partition(
      String name,
      long file,
      long tablespace,
      long bytes,
      boolean attached,
      String columns,
      boolean fresh) {

    boolean isNewFile(Partition before) {
      return file != before.file && tablespace == before.tablespace;
    }

    /** Rows may have come again by now, even with the same transaction. */
    boolean wasEmptied(Partition before) {
      return isNewFile(before) && before.bytes > 0 && (bytes == 0 || fresh);
    }
  }

  /** What later looks are compared with, unless there was a look already. */
  synchronized void begin(Connection session, Collection<Integer> relations) throws SQLException {
    if (known.isEmpty()) {
      Optional<Map<Integer, Map<Long, Partition>>> first = read(session, relations);
      while (first.isEmpty()) {
        first = read(session, relations);
      }
      known = first.get();
      knownAt = System.nanoTime();
    }
  }

  /** Looks at the partitions of those of the relations that have any. */
  synchronized List<TableNotice> look(Connection session, Collection<Integer> relations)
      throws SQLException {
    long lookedAt = System.nanoTime();
    Savepoint before = session.setSavepoint();
    try (Statement patience = session.createStatement()) {
      patience.execute("SET LOCAL lock_timeout = '200ms'");
      Optional<Map<Integer, Map<Long, Partition>>> now = read(session, relations);
      found = now.orElse(known);
      foundAt = now.isPresent() ? lookedAt : knownAt;
      session.releaseSavepoint(before);
    } catch (SQLException e) {
      if (!PostgresFailures.state(e).equals(LOCKED)) {
        throw e;
      }
      session.rollback(
          before); // A size waits for whoever alters the partition: the next look tells.
      found = known;
      foundAt = knownAt;
    }
    List<TableNotice> notices = new ArrayList<>();
    known.forEach((root, was) -> {
      Map<Long, Partition> now = found.getOrDefault(root, Map.of());
      String what = whatHappened(was, now);
      if (what != null) {
        notices.add(new TableNotice.Missing(root, "", what + REASON));
      } else {
        emptiedTogether(was, now)
            .ifPresent(name ->
                notices.add(
                    new TableNotice.Emptied(
                        root, "partition " + name + " was truncated" + REASON, knownAt)));
      }
    });
    return notices;
  }

  synchronized void told() {
    known = found;
    knownAt = foundAt;
  }

  /** The log has told that all of the table's rows are gone. */
  synchronized void truncated(int root) {
    truncatedAt.put(root, System.nanoTime());
  }

  /** Whether the log has told it: a statement is read after it was looked for in vain. */
  synchronized boolean isTold(TableNotice.Emptied emptied) {
    Long at = truncatedAt.get(emptied.relation());
    return at != null && at - emptied.sinceNanos() >= 0;
  }

  private static @Nullable String whatHappened(
      Map<Long, Partition> before, Map<Long, Partition> now) {
    boolean allNew = areAllNew(before, now);
    for (var entry : before.entrySet()) {
      Partition is = now.get(entry.getKey());
      if (is == null) {
        if (entry.getValue().bytes() > 0) {
          return "partition %s was taken off".formatted(entry.getValue().name());
        }
      } else if (!allNew && is.wasEmptied(entry.getValue())) {
        return "partition %s was truncated".formatted(is.name());
      }
    }
    return now.entrySet().stream()
        .filter(entry -> !before.containsKey(entry.getKey()))
        .map(Map.Entry::getValue)
        .filter(partition -> partition.attached() && partition.bytes() > 0)
        .findFirst()
        .map(partition -> "table %s was attached as a partition".formatted(partition.name()))
        .orElse(null);
  }

  /**
   * A partition of a table all of whose partitions are new: emptied with the table, or by itself
   * where it is the only one. An ALTER TABLE that writes all rows anew shows in the columns.
   */
  private static Optional<String> emptiedTogether(
      Map<Long, Partition> before, Map<Long, Partition> now) {
    if (!areAllNew(before, now)) {
      return Optional.empty();
    }
    for (var entry : before.entrySet()) {
      Partition was = entry.getValue();
      Partition is = now.get(entry.getKey());
      if (is != null
          && is.wasEmptied(was)
          && (is.bytes() == 0 || is.columns().equals(was.columns()))) {
        return Optional.of(is.name());
      }
    }
    return Optional.empty();
  }

  private static boolean areAllNew(Map<Long, Partition> before, Map<Long, Partition> now) {
    return before.entrySet().stream()
        .allMatch(entry -> {
          Partition is = now.get(entry.getKey());
          return is != null && is.isNewFile(entry.getValue());
        });
  }

  /**
   * @return empty when a partition was given another file meanwhile: its size is then not that of
   *     the file that the query sees
   */
  private static Optional<Map<Integer, Map<Long, Partition>>> read(
      Connection session, Collection<Integer> relations) throws SQLException {
    Map<Integer, Map<Long, Partition>> partitions = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.PARTITIONS)) {
      statement.setArray(
          1,
          session.createArrayOf(
              "bigint", relations.stream().map(Integer::toUnsignedLong).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (row.getBoolean("moved")) {
            return Optional.empty();
          }
          if (row.getLong("root") != row.getLong("leaf")) {
            partitions
                .computeIfAbsent((int) row.getLong("root"), root -> new HashMap<>())
                .put(
                    row.getLong("leaf"),
                    new Partition(
                        row.getString("name"),
                        row.getLong("file"),
                        row.getLong("tablespace"),
                        row.getLong("bytes"),
                        row.getBoolean("attached"),
                        row.getString("columns"),
                        row.getBoolean("fresh")));
          }
        }
      }
    }
    return Optional.of(partitions);
  }
}
