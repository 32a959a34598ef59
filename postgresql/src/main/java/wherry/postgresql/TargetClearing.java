package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * Makes room on the target for objects of a data migration, and only for them: nothing is dropped
 * or emptied with CASCADE, so what somebody else has hung on a selected object stops the migration
 * before anything has changed. All in one transaction.
 */
final class TargetClearing {
  /**
   * What a server says of a thing that is not there: undefined table, object, function, schema; or
   * whose table or type is not.
   */
  private static final Set<String> ABSENT = Set.of("42P01", "42704", "42883", "3F000", "42703");

  private static final String DEPENDED_ON = "2BP01";

  /**
   * Kept: they may hold what nobody has selected, or go with their table, as a sequence that a
   * column owns does.
   */
  private static final Set<String> KEPT =
      Set.of("SCHEMA", "EXTENSION", "PROCEDURAL LANGUAGE", "SEQUENCE OWNED BY");

  /** Of what comes after the rows all else goes with its table. */
  private static final Set<String> APART = Set.of("FK CONSTRAINT", "EVENT TRIGGER");

  private final ObjectSessions sessions;

  TargetClearing(ObjectSessions sessions) {
    this.sessions = sessions;
  }

  private interface Work {
    void in(Connection session, Statement statement) throws SQLException;
  }

  private void inTransaction(String doing, String remedy, Work work) throws InterruptedException {
    try {
      Connection session = sessions.open();
      try (Statement statement = session.createStatement()) {
        work.in(session, statement);
        session.commit();
      } finally {
        sessions.close(session);
      }
    } catch (SQLException e) {
      sessions.check();
      throw sessions.target().failures().during(doing, remedy, e);
    }
  }

  /** Drops what the target has of these, the last first, as nothing earlier needs a later one. */
  void drop(List<DumpEntry> entries) throws InterruptedException {
    dropAll(entries.stream().filter(TargetClearing::isDropped).toList());
  }

  /** As {@link #drop}, what would go with its table too. */
  void dropAll(List<DumpEntry> entries) throws InterruptedException {
    inTransaction(
        "Dropping the selected objects",
        "",
        (session, statement) -> {
          for (DumpEntry entry : entries.reversed()) {
            drop(session, statement, entry);
          }
        });
  }

  private static boolean isDropped(DumpEntry entry) {
    return !entry.drop().isBlank()
        && !KEPT.contains(entry.kind())
        && (entry.section() == DumpEntry.Section.PRE_DATA || APART.contains(entry.kind()));
  }

  private void drop(Connection session, Statement statement, DumpEntry entry) throws SQLException {
    Savepoint before = session.setSavepoint();
    try {
      statement.execute(entry.drop());
      session.releaseSavepoint(before);
    } catch (SQLException e) {
      String state = PostgresFailures.state(e);
      if (ABSENT.contains(state)) {
        session.rollback(before);
      } else if (state.equals(DEPENDED_ON) && entry.kind().equals("SEQUENCE")) {
        session.rollback(before); // The table that owns it takes it along.
      } else if (state.equals(DEPENDED_ON)) {
        session.rollback();
        throw dependedOn(entry, e);
      } else {
        throw e;
      }
    }
  }

  private DmsException dependedOn(DumpEntry entry, SQLException e) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        ("The %s %s of the target %s cannot be replaced, for something that the selection does not"
                + " name depends on it: %s Nothing was dropped. Drop that yourself, or set"
                + " TablePreparationMode to truncate or do-nothing.")
            .formatted(
                entry.reportKind(),
                entry.reportName(),
                sessions.target().settings().place(),
                PostgresFailures.said(e)),
        e);
  }

  /** Empties what the target has of these tables, together, so that their foreign keys allow it. */
  void truncate(List<DumpEntry> entries) throws InterruptedException {
    Set<TableId> selected =
        entries.stream()
            .filter(entry -> entry.kind().equals("TABLE"))
            .map(entry -> new TableId(entry.schema(), entry.name()))
            .collect(Collectors.toSet());
    inTransaction(
        "Emptying the selected tables",
        "GRANT TRUNCATE ON the tables",
        (session, statement) -> {
          List<String> there =
              tables(statement).stream()
                  .filter(selected::contains)
                  .map(PostgresNames::quote)
                  .toList();
          if (!there.isEmpty()) {
            statement.execute("TRUNCATE TABLE " + String.join(", ", there));
          }
        });
  }

  private static List<TableId> tables(Statement statement) throws SQLException {
    String query =
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON"
            + " n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') ORDER BY 1, 2";
    try (ResultSet rows = statement.executeQuery(query)) {
      List<TableId> tables = new java.util.ArrayList<>();
      while (rows.next()) {
        tables.add(new TableId(rows.getString(1), rows.getString(2)));
      }
      return tables;
    }
  }
}
