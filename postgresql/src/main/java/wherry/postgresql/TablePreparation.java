package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** What the preparation of a table runs, known before it runs; in the caller's transaction. */
final class TablePreparation {
  /** Of a rehearsed load; two at once in one schema wait for each other. */
  private static final String REHEARSED = "wherry_rehearsal";

  private final Connection session;
  private final PostgresSettings settings;
  private final PostgresDdl ddl;
  private final TableSchema wanted;
  private final PrepareMode mode;

  TablePreparation(
      Connection session, PostgresSettings settings, TableSchema wanted, PrepareMode mode) {
    this.session = session;
    this.settings = settings;
    this.ddl = new PostgresDdl(session);
    this.wanted = wanted;
    this.mode = mode;
  }

  /**
   * @throws wherry.error.DmsException TARGET_TABLE_FAILED when the table cannot be had so
   */
  Target.Preparation preparation(boolean deferKey) throws SQLException {
    boolean stands = PostgresDdl.relationExists(session, wanted.id());
    List<String> statements = new ArrayList<>();
    if (stands) {
      TableRights.check(session, settings, wanted.id(), mode);
      statements.addAll(clearing());
    }
    if (stands && mode != PrepareMode.DROP_AND_CREATE) {
      TableSchema found = standing(wanted);
      return new Target.Preparation(statements, keyOf(found, deferKey), types(found));
    }
    List<String> types = new ArrayList<>();
    statements.addAll(ddl.createTable(wanted, deferKey, types));
    return new Target.Preparation(statements, deferKey ? key() : List.of(), types);
  }

  private List<String> clearing() throws SQLException {
    TargetTables.checkIsTable(session, settings, wanted.id());
    return switch (mode) {
      case DO_NOTHING -> List.of();
      case TRUNCATE_BEFORE_LOAD -> {
        TargetTables.checkNotReferenced(ddl, wanted.id(), "emptied");
        yield List.of("TRUNCATE TABLE " + PostgresNames.quote(wanted.id()));
      }
      case DROP_AND_CREATE -> {
        TargetTables.checkNotReferenced(ddl, wanted.id(), "dropped");
        yield List.of("DROP TABLE " + PostgresNames.quote(wanted.id()));
      }
    };
  }

  private TableSchema standing(TableSchema table) throws SQLException {
    return TargetTables.matched(table, new PostgresCatalog(session, settings).table(table.id()));
  }

  private List<String> keyOf(TableSchema found, boolean deferKey) {
    boolean has = wanted.key().map(key -> TargetTables.hasKey(found, key)).orElse(true);
    return deferKey && !has ? key() : List.of();
  }

  private List<String> key() {
    return wanted.key().map(key -> PostgresDdl.createKey(wanted, key)).stream().toList();
  }

  private static List<String> types(TableSchema table) {
    return table.columns().stream().map(Column::nativeType).map(type -> type.name()).toList();
  }

  /** The secondary indexes that the prepared table lacks. */
  Target.IndexPreparation indexes() throws SQLException {
    boolean stays =
        mode != PrepareMode.DROP_AND_CREATE && PostgresDdl.relationExists(session, wanted.id());
    TableSchema prepared =
        stays ? standing(wanted) : new TableSchema(wanted.id(), wanted.columns(), wanted.key());
    TargetTables.Names names =
        name ->
            stays
                ? PostgresDdl.relationExists(session, name)
                : PostgresDdl.existsBesideIndexesOf(session, wanted.id(), name);
    List<String> statements = new ArrayList<>();
    List<String> notes = new ArrayList<>(TargetTables.indexesLeftOut(wanted));
    for (TargetTables.IndexPlan plan : TargetTables.missingIndexes(wanted, prepared)) {
      if (plan.note().isPresent()) {
        notes.add(plan.note().get());
      } else {
        statements.add(plan.statement(names));
      }
    }
    return new Target.IndexPreparation(statements, notes);
  }

  /**
   * Makes a table like the one that the preparation would leave, and describes it. The caller rolls
   * back, so nobody ever sees it: a table that is missing is made itself, beside one that is to be
   * dropped a second one is made, and one that is to stay gets a temporary likeness.
   */
  TableSchema rehearsal() throws SQLException {
    if (!PostgresDdl.relationExists(session, wanted.id())) {
      ddl.execute(ddl.createTable(wanted, false, new ArrayList<>()));
      return standing(wanted);
    }
    if (mode == PrepareMode.DROP_AND_CREATE) {
      TableSchema second = wanted.withId(new TableId(wanted.id().schema(), REHEARSED));
      ddl.execute(ddl.createTable(second, false, new ArrayList<>()));
      return standing(second);
    }
    TableRights.checkTemporary(session, settings, wanted.id());
    ddl.execute(
        "CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING ALL)"
            .formatted(PostgresNames.quote(REHEARSED), PostgresNames.quote(wanted.id())));
    return standing(wanted).withId(new TableId("pg_temp", REHEARSED));
  }
}
