package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * By which entries the publication has held each table, so that one that somebody takes out and
 * puts back between two looks is found: its changes in between are not in the log, and nothing but
 * the new entry tells.
 *
 * <p>Safe for all threads; one for all readers of a log, so that what happens between two of them
 * is found too.
 */
final class PublicationEntries {
  /** The first transaction that has not begun, with its epoch. */
  private static final String NEXT_TRANSACTION =
      "SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())";

  private final Map<Integer, Set<Long>> known = new HashMap<>();
  private Map<Integer, Set<Long>> found = Map.of();

  /** The log carries these tables from now on, whatever was before. */
  synchronized void begin(
      Connection session, Publication publication, Collection<Integer> relations)
      throws SQLException {
    known.putAll(read(session, publication, relations));
  }

  /**
   * Looks once, in a transaction of the caller; {@link #told} says that it was committed.
   *
   * @param relations that the publication has held at the look before
   * @return those that it now holds by other entries only
   */
  synchronized Set<Integer> replaced(
      Connection session, Publication publication, Collection<Integer> relations)
      throws SQLException {
    found = read(session, publication, relations);
    return found.keySet().stream().filter(this::isReplaced).collect(Collectors.toSet());
  }

  /** A table is held without a gap as long as one entry outlives the other. */
  private boolean isReplaced(int relation) {
    Set<Long> before = known.get(relation);
    return before != null && Collections.disjoint(before, found.getOrDefault(relation, before));
  }

  /** What was replaced stays so until the log carries it anew: a reader may end before it hears. */
  synchronized void told() {
    found.forEach((relation, entries) -> {
      if (!isReplaced(relation)) {
        known.put(relation, entries);
      }
    });
  }

  /**
   * Tables all of whose entries were made later than one of these snapshots was taken.
   *
   * @param loaded what the snapshots have seen under which each table was loaded
   */
  static Set<Integer> madeLater(
      Connection session, Publication publication, Map<Integer, List<PostgresCut>> loaded)
      throws SQLException {
    Set<Integer> later = new HashSet<>();
    Set<Integer> stands = new HashSet<>();
    long next = next(session);
    each(
        session,
        publication,
        loaded.keySet(),
        row -> {
          int relation = (int) row.getLong("relation");
          int made = (int) row.getLong("made");
          boolean always = row.wasNull();
          if (always
              || loaded.getOrDefault(relation, List.of()).stream()
                  .noneMatch(cut -> cut.isFollowedBy(made, next))) {
            stands.add(relation);
          } else {
            later.add(relation);
          }
        });
    later.removeAll(stands);
    return later;
  }

  private static long next(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(NEXT_TRANSACTION)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static Map<Integer, Set<Long>> read(
      Connection session, Publication publication, Collection<Integer> relations)
      throws SQLException {
    Map<Integer, Set<Long>> entries = new HashMap<>();
    each(
        session,
        publication,
        relations,
        row ->
            entries
                .computeIfAbsent((int) row.getLong("relation"), relation -> new HashSet<>())
                .add(row.getLong("entry")));
    return entries;
  }

  @FunctionalInterface
  private interface Taking {
    void take(ResultSet row) throws SQLException;
  }

  private static void each(
      Connection session, Publication publication, Collection<Integer> relations, Taking taking)
      throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(Sql.PUBLICATION_ENTRIES)) {
      statement.setArray(
          1,
          session.createArrayOf(
              "bigint", relations.stream().map(Integer::toUnsignedLong).toArray()));
      statement.setString(2, publication.name());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          taking.take(row);
        }
      }
    }
  }
}
