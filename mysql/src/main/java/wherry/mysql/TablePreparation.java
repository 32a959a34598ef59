package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** What the preparation of a table runs, known before it runs. */
final class TablePreparation {
  private static final String REHEARSED = "wherry_rehearsal";

  private final MySqlSession session;
  private final TableId target;
  private final TableSchema wanted;
  private final PrepareMode mode;
  private final Optional<MySqlCatalog.Definition> found;

  /**
   * @param target where the wanted table goes
   * @throws DmsException TARGET_TABLE_FAILED when the table cannot be had there
   */
  TablePreparation(MySqlSession session, TableId target, TableSchema wanted, PrepareMode mode)
      throws SQLException {
    this.session = session;
    this.target = target;
    this.wanted = wanted;
    this.mode = mode;
    this.found = new MySqlCatalog(session).table(target);
    if (found.filter(f -> f.schema().kind() == TableSchema.Kind.VIEW).isPresent()) {
      throw new DmsException(
          ErrorCode.TARGET_TABLE_FAILED,
          wanted.id(),
          "Table "
              + wanted.id()
              + ": "
              + target
              + " is a view on the target. Drop it or rename the table with a transformation rule.",
          null);
    }
  }

  /**
   * Statements that empty a table; MariaDB refuses to truncate one that keeps its history
   * (ER_VERS_NOT_SUPPORTED).
   */
  static List<String> emptying(MySqlSession session, TableId table) throws SQLException {
    boolean versioned =
        session
            .queryOne(
                "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                row -> row.getString(1),
                table.schema(),
                table.name())
            .filter("SYSTEM VERSIONED"::equals)
            .isPresent();
    String name = MySqlNames.quoted(table);
    return versioned
        ? List.of("DELETE FROM " + name, "DELETE HISTORY FROM " + name)
        : List.of("TRUNCATE TABLE " + name);
  }

  /** Whether a table of the name is there, to be emptied or dropped. */
  boolean clears() {
    return found.isPresent() && mode != PrepareMode.DO_NOTHING;
  }

  private boolean keepsTable() {
    return found.isPresent() && mode != PrepareMode.DROP_AND_CREATE;
  }

  Target.Preparation of(boolean deferKey) throws SQLException {
    List<String> statements = new ArrayList<>();
    if (!new MySqlCatalog(session).hasSchema(target.schema())) {
      statements.add(MySqlTarget.createDatabase(target.schema()));
    }
    if (clears()) {
      boolean drops = mode == PrepareMode.DROP_AND_CREATE;
      statements.addAll(
          drops ? List.of("DROP TABLE " + MySqlNames.quoted(target)) : emptying(session, target));
    }
    MySqlDdl ddl = MySqlTarget.ddl(session, wanted, target);
    boolean keyLater = deferKey && wanted.key().isPresent();
    if (keepsTable()) {
      found
          .flatMap(there -> ColumnChanges.finishing(there.schema(), wanted, ddl))
          .ifPresent(statements::add);
      TableSchema stands = MySqlTarget.described(session, wanted, target);
      List<String> types = stands.columns().stream().map(c -> c.nativeType().name()).toList();
      boolean lacksKey = found.filter(f -> f.schema().key().isEmpty()).isPresent();
      return new Target.Preparation(
          statements, keyLater && lacksKey ? List.of(ddl.addKey()) : List.of(), types);
    }
    statements.add(ddl.createTable(!deferKey));
    List<String> types = new ArrayList<>();
    for (int i = 0; i < wanted.columns().size(); i++) {
      types.add(ddl.type(i));
    }
    return new Target.Preparation(statements, keyLater ? List.of(ddl.addKey()) : List.of(), types);
  }

  /** The secondary indexes that the prepared table lacks. */
  Target.IndexPreparation indexes() throws SQLException {
    MySqlDdl ddl = MySqlTarget.ddl(session, wanted, target);
    TableSchema prepared =
        keepsTable()
            ? MySqlTarget.described(session, wanted, target)
            : new TableSchema(target, columns(ddl.createTable(true)), wanted.key());
    List<Index> there =
        keepsTable() ? found.map(f -> f.schema().indexes()).orElse(List.of()) : List.of();
    List<String> statements = new ArrayList<>();
    List<String> notes = new ArrayList<>(IndexPlan.leftOut(wanted));
    for (IndexPlan plan : IndexPlan.missing(ddl, wanted, prepared, there)) {
      plan.note().ifPresentOrElse(notes::add, () -> statements.add(plan.statement()));
    }
    return new Target.IndexPreparation(statements, notes);
  }

  /**
   * Makes a temporary table of the session like the one that the preparation would leave, and
   * describes it. No catalogue tells of temporary tables, so a new one is as its statement says.
   */
  TableSchema rehearsal() throws SQLException {
    MySqlGrants grants = MySqlGrants.of(session);
    List<String> there =
        new MySqlCatalog(session)
            .schemas().stream()
                .filter(database -> grants.on(database, "CREATE TEMPORARY TABLES"))
                .toList();
    if (!there.isEmpty()) {
      return rehearsal(there.contains(target.schema()) ? target.schema() : there.getFirst());
    }
    if (!grants.everywhere("CREATE TEMPORARY TABLES")) {
      throw new DmsException(
          ErrorCode.COMMAND_REFUSED,
          wanted.id(),
          "No row of %s was tried: that takes a temporary table on the target, which its user may not make. Run: GRANT CREATE TEMPORARY TABLES ON %s.* TO %s;"
              .formatted(
                  wanted.id(),
                  MySqlNames.quoted(target.schema()),
                  MySqlNames.literal(session.settings().user())),
          null);
    }
    // A temporary table has to be made in a database, and outlives it.
    String own = REHEARSED + "_" + UUID.randomUUID().toString().substring(0, 8);
    session.execute("CREATE DATABASE " + MySqlNames.quoted(own));
    try {
      return rehearsal(own);
    } finally {
      session.execute("DROP DATABASE " + MySqlNames.quoted(own));
    }
  }

  private TableSchema rehearsal(String database) throws SQLException {
    TableId temporary = new TableId(database, REHEARSED);
    if (keepsTable()) {
      TableSchema stands = MySqlTarget.described(session, wanted, target);
      session.execute(
          "CREATE TEMPORARY TABLE "
              + MySqlNames.quoted(temporary)
              + " LIKE "
              + MySqlNames.quoted(target));
      return stands.withId(temporary);
    }
    String statement = MySqlTarget.ddl(session, wanted, temporary).createTable(true);
    session.execute(statement.replaceFirst("CREATE TABLE", "CREATE TEMPORARY TABLE"));
    return new TableSchema(temporary, columns(statement), wanted.key());
  }

  private List<Column> columns(String statement) throws SQLException {
    boolean mariaDb = session.server().mariaDb();
    String collation =
        session
            .queryOne(
                "SELECT collation_name FROM information_schema.collations WHERE"
                    + " character_set_name = 'utf8mb4' AND is_default = 'Yes'",
                row -> row.getString(1))
            .orElse("utf8mb4_general_ci");
    TableStatement made =
        DdlTree.of(statement, mariaDb)
            .map(tree -> new DdlReader(target.schema()).read(tree).getFirst())
            .orElseThrow(() -> new IllegalStateException("No statement of ours: " + statement));
    return switch (made) {
      case TableStatement.Create create ->
          create.columns().stream()
              .map(column -> column.column("utf8mb4", collation, mariaDb))
              .toList();
      case TableStatement.Drop drop -> List.of();
      case TableStatement.DropDatabase drop -> List.of();
      case TableStatement.Rename rename -> List.of();
      case TableStatement.Truncate truncate -> List.of();
      case TableStatement.Alter alter -> List.of();
    };
  }
}
