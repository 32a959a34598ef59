package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows of partitioned tables that came or went with a whole partition: attached, detached,
 * dropped or truncated by itself, which leaves no change in the log.
 *
 * <p>Safe for all threads; one for all readers of a log, so that what happens between two of them
 * is found too.
 */
final class PartitionWatch {
  private Map<Integer, Map<Long, Partition>> known = new HashMap<>();
  private Map<Integer, Map<Long, Partition>> found = new HashMap<>();

  /**
   * @param name quoted
   * @param file which changes when all rows are written anew or none are left
   * @param attached whether it was a table of its own before
   */
  private record Partition(String name, long file, long bytes, boolean attached) {}

  /** What later looks are compared with, unless there was a look already. */
  synchronized void begin(Connection session, Collection<Integer> relations) throws SQLException {
    if (known.isEmpty()) {
      known = read(session, relations);
    }
  }

  /** Looks at the partitions of those of the relations that have any. */
  synchronized List<TableNotice> look(Connection session, Collection<Integer> relations)
      throws SQLException {
    found = read(session, relations);
    List<TableNotice> notices = new ArrayList<>();
    known.forEach((root, before) -> {
      String what = whatHappened(before, found.getOrDefault(root, Map.of()));
      if (what != null) {
        notices.add(
            new TableNotice.Missing(
                root,
                "",
                what
                    + ": rows came or went with it without a change in the log. Reload the table."));
      }
    });
    return notices;
  }

  synchronized void told() {
    known = found;
  }

  private static @Nullable String whatHappened(
      Map<Long, Partition> before, Map<Long, Partition> now) {
    boolean allNew =
        before.entrySet().stream()
            .allMatch(entry -> isRewritten(entry.getValue(), now.get(entry.getKey())));
    for (var entry : before.entrySet()) {
      Partition is = now.get(entry.getKey());
      if (is == null) {
        if (entry.getValue().bytes() > 0) {
          return "partition %s was taken off".formatted(entry.getValue().name());
        }
      } else if (!allNew
          && isRewritten(entry.getValue(), is)
          && is.bytes() == 0
          && entry.getValue().bytes() > 0) {
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

  private static boolean isRewritten(Partition before, @Nullable Partition now) {
    return now != null && now.file() != before.file();
  }

  private static Map<Integer, Map<Long, Partition>> read(
      Connection session, Collection<Integer> relations) throws SQLException {
    Map<Integer, Map<Long, Partition>> partitions = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.PARTITIONS)) {
      statement.setArray(
          1,
          session.createArrayOf(
              "bigint", relations.stream().map(Integer::toUnsignedLong).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (row.getLong("root") != row.getLong("leaf")) {
            partitions
                .computeIfAbsent((int) row.getLong("root"), root -> new HashMap<>())
                .put(
                    row.getLong("leaf"),
                    new Partition(
                        row.getString("name"),
                        row.getLong("file"),
                        row.getLong("bytes"),
                        row.getBoolean("attached")));
          }
        }
      }
    }
    return partitions;
  }
}
