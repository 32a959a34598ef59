package wherry.mysql;

import java.sql.SQLException;
import java.util.List;
import java.util.function.BiPredicate;
import wherry.connector.ChangeLog;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A MySQL or MariaDB server to read from. */
final class MySqlSource implements Source {
  private final MySqlSettings settings;

  MySqlSource(MySqlSettings settings) {
    this.settings = settings;
  }

  @Override
  public void test() {
    try (MySqlSession session = open()) {
      MySqlCatalog catalog = new MySqlCatalog(session);
      if (settings.database().isPresent() && !catalog.hasSchema(settings.database().get())) {
        throw new DmsException(
            ErrorCode.DATABASE_MISSING,
            "The database "
                + settings.database().get()
                + " does not exist at "
                + settings.where()
                + ", or its user may not see it. Correct DatabaseName, or run: GRANT SELECT ON "
                + MySqlNames.quoted(settings.database().get())
                + ".* TO "
                + MySqlNames.literal(settings.user())
                + ";");
      }
      MySqlGrants.of(session).needSomewhere(List.of("SELECT"));
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "testing the connection", e);
    }
  }

  @Override
  public List<String> schemas() {
    try (MySqlSession session = open()) {
      return new MySqlCatalog(session).schemas();
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "listing databases", e);
    }
  }

  @Override
  public boolean ignoresCaseOfNames() {
    try (MySqlSession session = open()) {
      return session.server().ignoresCaseOfNames();
    }
  }

  @Override
  public List<TableSchema> tables(BiPredicate<TableId, TableSchema.Kind> selected) {
    try (MySqlSession session = open()) {
      return new MySqlCatalog(session).tables(selected);
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "reading the catalogue", e);
    }
  }

  @Override
  public Snapshot snapshot(List<TableSchema> tables, int readers) {
    return new MySqlSnapshot(settings, ConsistentView.open(settings, tables, readers));
  }

  @Override
  public ChangeLog changeLog(String taskName) {
    return new BinlogChangeLog(settings, taskName);
  }

  private MySqlSession open() {
    return MySqlSession.open(settings, MySqlSession.Role.READ).limitQueries();
  }

  /** Nothing is kept open between calls. */
  @Override
  public void close() {}
}
