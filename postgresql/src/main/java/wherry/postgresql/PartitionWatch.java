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
import java.util.Set;
import wherry.postgresql.PartitionSet.Partition;
import wherry.postgresql.TableNotice.Partitioned.Loss;

/**
 * Finds rows of partitioned tables that came or went with a whole partition: attached, detached,
 * dropped or truncated by itself, which leaves no change in the log.
 *
 * <p>Owned by the watch's thread.
 */
final class PartitionWatch {
  /** SQLSTATE lock_not_available. */
  private static final String LOCKED = "55P03";

  private static final String PATIENCE = "SET LOCAL lock_timeout = '200ms'";
  private static final String READING = "SET LOCAL statement_timeout = '5s'";

  /** SQLSTATEs query_canceled, insufficient_privilege and lock_not_available. */
  private static final Set<String> UNTOLD = Set.of("57014", "42501", LOCKED);

  /** Transactions are told apart by the lower half of their number, half of which are older. */
  private static final long TRANSACTIONS_TOLD_APART = 1L << 30;

  private final Map<Integer, PartitionSet> known;
  private Map<Integer, PartitionSet> found = Map.of();

  /**
   * @param known partitions by the oid of their table, as they were before its rows were loaded or
   *     at a look since
   */
  PartitionWatch(Map<Integer, PartitionSet> known) {
    this.known = new HashMap<>(known);
  }

  /**
   * What later looks are compared with, in a transaction of the caller. Of partitions that somebody
   * has locked it takes for granted that they hold rows.
   *
   * @return of those of the relations that have partitions
   */
  static Map<Integer, PartitionSet> first(Connection session, Collection<Integer> relations)
      throws SQLException {
    while (true) {
      Optional<Map<Integer, PartitionSet>> first = patiently(session, relations);
      if (first.isEmpty()) {
        first = read(session, relations, false);
      }
      if (first.isPresent()) {
        return first.get();
      }
    }
  }

  /** Looks at the partitions of those of the relations that have any. */
  List<TableNotice> look(Connection session, Collection<Integer> relations) throws SQLException {
    // A size waits for whoever alters the partition, and its file may be another one by then: the
    // next look tells.
    found = patiently(session, relations).orElse(Map.of());
    List<TableNotice> notices = new ArrayList<>();
    for (var entry : found.entrySet()) {
      PartitionSet was = known.getOrDefault(entry.getKey(), entry.getValue());
      List<Loss> losses = losses(session, was, entry.getValue());
      notices.add(new TableNotice.Partitioned(entry.getKey(), entry.getValue(), losses));
    }
    return notices;
  }

  /** What was found will be told by the log. */
  void told() {
    known.putAll(found);
  }

  private static List<Loss> losses(Connection session, PartitionSet was, PartitionSet is)
      throws SQLException {
    boolean allNew = areAllNew(was, is);
    boolean rewritten = allNew && !was.columns().equals(is.columns());
    List<Loss> losses = new ArrayList<>();
    for (var entry : was.members().entrySet()) {
      Partition before = entry.getValue();
      Partition now = is.members().get(entry.getKey());
      String what = null;
      if (now == null) {
        what = "partition " + before.name() + " was taken off";
      } else if (now.file() != before.file()
          && !(now.holdsRows() && (rewritten || keepsRows(session, now, was.horizon())))) {
        what = "partition " + now.name() + " was truncated";
      }
      if (what != null) {
        losses.add(new Loss(what, before.holdsRows(), allNew));
      }
      if (what != null && before.holdsRows()) {
        break; // Nothing worse will be found, and each may cost reading what there is.
      }
    }
    is.members()
        .forEach((oid, now) -> {
          if (was.members().containsKey(oid)) {
            return;
          }
          if (now.attached() && now.holdsRows()) {
            losses.add(
                new Loss("table " + now.name() + " was attached as a partition", true, false));
          } else if (now.file() != oid) { // A table begins with a file of its own number.
            losses.add(new Loss("partition " + now.name() + " was truncated", false, allNew));
          }
        });
    return losses;
  }

  /** Emptied with the table, or by itself where it is the only one. */
  private static boolean areAllNew(PartitionSet was, PartitionSet is) {
    boolean any = false;
    for (var before : was.members().entrySet()) {
      Partition now = is.members().get(before.getKey());
      if (now != null && now.file() == before.getValue().file()) {
        return false;
      }
      any |= now != null;
    }
    return any;
  }

  /**
   * Whether a partition that has another file still has a row of before: VACUUM FULL, CLUSTER and
   * SET TABLESPACE copy rows as they are, while all rows behind a TRUNCATE are younger. Where that
   * cannot be told, it counts as truncated.
   */
  private static boolean keepsRows(Connection session, Partition partition, long horizon)
      throws SQLException {
    String query =
        """
        SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) - %1$d < %2$d
           AND EXISTS (SELECT FROM ONLY %3$s AS r
                        WHERE pg_catalog.age(r.xmin) > pg_catalog.age('%4$s'::xid))
        """
            .formatted(
                horizon,
                TRANSACTIONS_TOLD_APART,
                partition.name(),
                Integer.toUnsignedString((int) horizon));
    Savepoint before = session.setSavepoint();
    boolean keeps = false;
    try (Statement statement = session.createStatement()) {
      statement.execute(READING);
      try (ResultSet row = statement.executeQuery(query)) {
        row.next();
        keeps = row.getBoolean(1);
      }
    } catch (SQLException e) {
      if (!UNTOLD.contains(PostgresFailures.state(e))) {
        throw e;
      }
    }
    session.rollback(before);
    return keeps;
  }

  private static Optional<Map<Integer, PartitionSet>> patiently(
      Connection session, Collection<Integer> relations) throws SQLException {
    Savepoint before = session.setSavepoint();
    try (Statement patience = session.createStatement()) {
      patience.execute(PATIENCE);
      Optional<Map<Integer, PartitionSet>> partitions = read(session, relations, true);
      session.releaseSavepoint(before);
      return partitions;
    } catch (SQLException e) {
      if (!PostgresFailures.state(e).equals(LOCKED)) {
        throw e;
      }
      session.rollback(before);
      return Optional.empty();
    }
  }

  /**
   * @return empty when a partition was given another file meanwhile: its size is then not that of
   *     the file that the query sees
   */
  private static Optional<Map<Integer, PartitionSet>> read(
      Connection session, Collection<Integer> relations, boolean withSizes) throws SQLException {
    Map<Integer, PartitionSet> sets = new HashMap<>();
    Map<Integer, Map<Long, Partition>> members = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.PARTITIONS)) {
      statement.setArray(
          1,
          session.createArrayOf(
              "bigint", relations.stream().map(Integer::toUnsignedLong).toArray()));
      statement.setBoolean(2, withSizes);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (row.getBoolean("moved")) {
            return Optional.empty();
          }
          int root = (int) row.getLong("root");
          long member = row.getLong("member");
          if (member == row.getLong("root")) {
            sets.put(
                root, new PartitionSet(row.getLong("horizon"), row.getString("columns"), Map.of()));
          } else {
            members
                .computeIfAbsent(root, table -> new HashMap<>())
                .put(
                    member,
                    new Partition(
                        row.getString("name"),
                        row.getLong("file"),
                        row.getBoolean("holds_rows"),
                        row.getBoolean("attached")));
          }
        }
      }
    }
    members.forEach((root, all) ->
        sets.computeIfPresent(
            root, (table, set) -> new PartitionSet(set.horizon(), set.columns(), all)));
    return Optional.of(sets);
  }
}
