package wherry.mysql;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import wherry.schema.TableId;

/**
 * Foreign keys of the target that change rows of other tables: ON DELETE and ON UPDATE, CASCADE and
 * SET NULL. InnoDB does so below the binary log (MySQL manual, "InnoDB and MySQL Replication"), so
 * that a replica has to do it by itself; and so does the target of a data migration, which has the
 * source's keys. Of one session.
 */
final class ForeignKeyActions {
  private static final String PARENTS =
      "SELECT DISTINCT unique_constraint_schema, referenced_table_name FROM"
          + " information_schema.referential_constraints WHERE delete_rule IN ('CASCADE', 'SET NULL')"
          + " OR update_rule IN ('CASCADE', 'SET NULL')";

  private final MySqlSession session;
  private final Set<TableId> parents = new HashSet<>();

  private ForeignKeyActions(MySqlSession session) {
    this.session = session;
  }

  /** None where the target is not to act. */
  static ForeignKeyActions of(MySqlSession session) throws SQLException {
    ForeignKeyActions actions = new ForeignKeyActions(session);
    if (session.settings().foreignKeysAct()) {
      session.query(
          PARENTS,
          row -> actions.parents.add(key(new TableId(row.getString(1), row.getString(2)))));
    }
    return actions;
  }

  /** Servers differ in whether they print names in their own case here. */
  private static TableId key(TableId table) {
    return new TableId(
        table.schema().toLowerCase(Locale.ROOT), table.name().toLowerCase(Locale.ROOT));
  }

  boolean exist() {
    return !parents.isEmpty();
  }

  /** Whether there are some that refer to the table. */
  boolean on(TableId parent) {
    return parents.contains(key(parent));
  }

  interface Change {
    long apply() throws SQLException;
  }

  /** Applies a change with all that follows from it. */
  long letAct(Change change) throws SQLException {
    session.execute("SET SESSION foreign_key_checks=1");
    try {
      return change.apply();
    } finally {
      session.execute("SET SESSION foreign_key_checks=0");
    }
  }
}
