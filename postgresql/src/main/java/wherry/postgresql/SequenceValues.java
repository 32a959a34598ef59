package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.connector.ObjectReport;
import wherry.schema.TableId;

/**
 * Moves sequences of the target to where those of the source are, never back: logical replication
 * carries none of them (PostgreSQL manual, "Logical Replication", Restrictions).
 */
final class SequenceValues {
  private static final int SEQUENCES_PER_QUERY = 200;

  private static final String SEQUENCES =
      """
      SELECT n.nspname, c.relname, s.seqincrement
        FROM pg_catalog.pg_sequence s
        JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
       ORDER BY 1, 2
      """;

  private SequenceValues() {}

  /**
   * @param called whether the value has been given out, so that the next one is another
   */
  private record Value(long increment, long last, boolean called) {
    boolean isBehind(Value other) {
      int order = Long.compare(last, other.last) * (increment > 0 ? 1 : -1);
      return order < 0 || (order == 0 && !called && other.called);
    }
  }

  /**
   * @param taken of the source's sequences
   * @return what became of each; PRESENT for those that are as far or farther
   */
  static List<ObjectReport> carry(
      PostgresSessions source, PostgresSessions target, Predicate<TableId> taken) {
    Map<TableId, Value> wanted = values(source, taken);
    Map<TableId, Value> found = values(target, wanted::containsKey);
    List<ObjectReport> reports = new ArrayList<>();
    try (Connection session = target.open();
        PreparedStatement set =
            session.prepareStatement("SELECT pg_catalog.setval(?::regclass, ?, ?)")) {
      for (Map.Entry<TableId, Value> each : wanted.entrySet()) {
        reports.add(move(set, each.getKey(), found.get(each.getKey()), each.getValue()));
      }
      return reports;
    } catch (SQLException e) {
      throw target.failures().during("Setting the sequences", "", e);
    }
  }

  private static ObjectReport move(
      PreparedStatement set, TableId id, @Nullable Value now, Value wanted) throws SQLException {
    String kind = "sequence value";
    if (now == null) {
      return ObjectReport.left(
          kind, id.toString(), "the target has no sequence of this name that the user may read.");
    }
    if (!now.isBehind(wanted)) {
      return ObjectReport.present(kind, id.toString());
    }
    try {
      set.setString(1, PostgresNames.quote(id));
      set.setLong(2, wanted.last());
      set.setBoolean(3, wanted.called());
      set.execute();
      return ObjectReport.carried(kind, id.toString());
    } catch (SQLException e) {
      if (PostgresFailures.state(e).startsWith("08")) {
        throw e;
      }
      return ObjectReport.left(kind, id.toString(), "the target says: " + PostgresFailures.said(e));
    }
  }

  private static Map<TableId, Value> values(PostgresSessions sessions, Predicate<TableId> taken) {
    try (Connection session = sessions.open();
        Statement statement = session.createStatement()) {
      Map<TableId, Long> increments = new LinkedHashMap<>();
      try (ResultSet rows = statement.executeQuery(SEQUENCES)) {
        while (rows.next()) {
          TableId id = new TableId(rows.getString(1), rows.getString(2));
          if (taken.test(id)) {
            increments.put(id, rows.getLong(3));
          }
        }
      }
      Map<TableId, Value> values = new LinkedHashMap<>();
      List<TableId> all = List.copyOf(increments.keySet());
      for (int from = 0; from < all.size(); from += SEQUENCES_PER_QUERY) {
        List<TableId> some = all.subList(from, Math.min(all.size(), from + SEQUENCES_PER_QUERY));
        try (ResultSet rows = statement.executeQuery(query(some))) {
          while (rows.next()) {
            TableId id = some.get(rows.getInt(1));
            values.put(
                id,
                new Value(increments.getOrDefault(id, 1L), rows.getLong(2), rows.getBoolean(3)));
          }
        }
      }
      return values;
    } catch (SQLException e) {
      throw sessions.failures().during("Reading the sequences", grantSelect(sessions), e);
    }
  }

  private static String grantSelect(PostgresSessions sessions) {
    return "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "
        + PostgresNames.quote(sessions.settings().user())
        + "; and so for each schema to migrate.";
  }

  /** Only the sequence itself tells whether its last value has been given out. */
  private static String query(List<TableId> sequences) {
    List<String> each = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      each.add(
          "SELECT " + i + ", last_value, is_called FROM " + PostgresNames.quote(sequences.get(i)));
    }
    return each.stream().collect(Collectors.joining(" UNION ALL "));
  }
}
