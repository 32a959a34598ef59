package wherry.mysql;

import java.sql.SQLException;
import java.util.Optional;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.schema.TableId;

/** Creates databases, and the sequences that columns of their tables count by. */
final class DatabaseCarrier {
  /**
   * A database with what it gives to all that is created in it.
   *
   * @param comment MariaDB's; empty for none
   * @param encrypted whether tables are encrypted unless they say otherwise (MySQL)
   */
  record Definition(
      String name, String charset, String collation, String comment, boolean encrypted) {}

  private final ObjectCatalog target;
  private final MySqlSession session;
  private final MySqlCollations collations;
  private final boolean replaces;

  /**
   * @param replaces whether what is there is made as the source's
   */
  DatabaseCarrier(ObjectCatalog target, MySqlCollations collations, boolean replaces) {
    this.target = target;
    this.session = target.session();
    this.collations = collations;
    this.replaces = replaces;
  }

  ObjectReport create(Definition wanted) throws SQLException {
    String collation = collations.equivalent(wanted.charset(), wanted.collation());
    Optional<Definition> found = target.database(wanted.name());
    boolean alike = found.isPresent() && found.get().collation().equals(collation);
    if (alike || (found.isPresent() && !replaces)) {
      String remark =
          alike
              ? ""
              : "Its tables will be of "
                  + found.get().collation()
                  + " unless they say otherwise, in place of "
                  + collation
                  + ".";
      return new ObjectReport("database", wanted.name(), Outcome.PRESENT, remark);
    }
    try {
      session.execute(
          (found.isPresent() ? "ALTER" : "CREATE")
              + " DATABASE "
              + MySqlNames.quoted(wanted.name())
              + options(wanted, collation));
    } catch (SQLException e) {
      return left("database", wanted.name(), e);
    }
    String remark =
        collation.equals(wanted.collation())
            ? ""
            : "The target does not know the collation "
                + wanted.collation()
                + "; "
                + collation
                + " stands for it.";
    return new ObjectReport("database", wanted.name(), Outcome.CARRIED, remark);
  }

  private String options(Definition wanted, String collation) {
    boolean mariaDb = session.server().mariaDb();
    return " CHARACTER SET "
        + wanted.charset()
        + " COLLATE "
        + collation
        + (mariaDb && !wanted.comment().isEmpty()
            ? " COMMENT " + MySqlNames.literal(wanted.comment())
            : "")
        + (!mariaDb && wanted.encrypted() ? " ENCRYPTION 'Y'" : "");
  }

  /**
   * @param statement that creates it
   */
  ObjectReport createSequence(TableId id, String statement) throws SQLException {
    try {
      if (target.sequences().contains(id)) {
        if (!replaces || target.sequence(id).equals(statement)) {
          return ObjectReport.present("sequence", id.toString());
        }
        session.execute("DROP SEQUENCE " + MySqlNames.quoted(id));
      }
      session.execute("USE " + MySqlNames.quoted(id.schema()));
      session.executeVerbatim(statement);
      return ObjectReport.carried("sequence", id.toString());
    } catch (SQLException e) {
      return left("sequence", id.toString(), e);
    }
  }

  private static ObjectReport left(String kind, String name, SQLException e) throws SQLException {
    if (MySqlFailure.isConnection(e)) {
      throw e;
    }
    return ObjectReport.left(kind, name, MySqlFailure.said(e) + ".");
  }
}
