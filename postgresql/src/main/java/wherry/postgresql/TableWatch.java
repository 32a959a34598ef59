package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Finds, by comparing the catalogue with what it was, tables that came, went or moved, and keeps
 * the publication in step: a new table is published, and one that has lost what identifies its rows
 * is taken out at once, for the source would refuse the user's UPDATE and DELETE on it.
 *
 * <p>Owned by the watch's thread.
 */
final class TableWatch {
  private static final Logger log = LoggerFactory.getLogger(TableWatch.class);

  private final PostgresSettings settings;
  private final Publication publication;
  private final BiPredicate<TableId, TableSchema.Kind> selected;
  private final Map<TableId, TableSchema> begun = new HashMap<>();
  private final Set<TableId> carried;
  private final Set<TableId> toldOf = new HashSet<>();
  private final PartitionWatch partitions;
  private Map<Integer, TableId> known;
  private Map<Integer, TableId> found = new HashMap<>();
  private boolean changes;

  /**
   * @param tables that the reader begins with
   * @param carried of these, which were in the publication when the log was opened
   * @param names of these by oid, as they are now
   */
  TableWatch(
      PostgresSettings settings,
      Publication publication,
      PartitionWatch partitions,
      Collection<TableSchema> tables,
      Set<TableId> carried,
      Map<Integer, TableId> names,
      BiPredicate<TableId, TableSchema.Kind> selected) {
    this.partitions = partitions;
    this.carried = carried;
    this.known = names;
    this.settings = settings;
    this.publication = publication;
    this.selected = selected;
    tables.forEach(table -> begun.put(table.id(), table));
  }

  private record Row(int oid, TableId id, boolean eligible) {}

  /** Looks once, in a transaction of the caller; {@link #told} says that it was committed. */
  List<TableNotice> look(Connection session) throws SQLException {
    changes = publication.isOurs(session).orElse(false);
    List<Row> rows = rows(session);
    found = new HashMap<>(known);
    List<TableNotice> notices = new ArrayList<>();
    Map<Integer, TableId> now = new HashMap<>();
    rows.forEach(row -> now.put(row.oid(), row.id()));
    known.forEach((oid, id) -> {
      TableId is = now.get(oid);
      if (is == null) {
        found.remove(oid);
        notices.add(new TableNotice.Gone(oid));
      } else if (!is.equals(id)) {
        found.put(oid, is);
        notices.add(new TableNotice.Moved(oid, is));
      }
    });
    List<TableId> fresh = new ArrayList<>();
    for (Row row : rows) {
      boolean mine =
          begun.containsKey(row.id())
              || row.eligible() && selected.test(row.id(), TableSchema.Kind.TABLE);
      if (!known.containsKey(row.oid()) && mine) {
        fresh.add(row.id());
      }
    }
    publish(session, fresh, notices);
    notices.addAll(partitions.look(session, found.keySet()));
    return notices;
  }

  void told() {
    known = found;
    partitions.told();
  }

  private static List<Row> rows(Connection session) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(Sql.WATCHED)) {
      while (row.next()) {
        rows.add(
            new Row(
                (int) row.getLong("oid"),
                new TableId(row.getString("nspname"), row.getString("relname")),
                row.getBoolean("eligible")));
      }
    }
    return rows;
  }

  private void publish(Connection session, List<TableId> fresh, List<TableNotice> notices)
      throws SQLException {
    Set<TableId> held = publication.held(session);
    Set<TableId> asked = new HashSet<>(fresh);
    asked.addAll(found.values());
    Map<TableId, TableIdentity> identities = TableIdentity.read(session, asked);
    Map<TableId, TableSchema> schemas = schemas(session, fresh);
    for (TableIdentity table : identities.values()) {
      if (held.contains(table.id())) {
        held(session, table, schemas, notices);
      } else {
        notHeld(session, table, schemas, notices);
      }
    }
  }

  private void held(
      Connection session,
      TableIdentity table,
      Map<TableId, TableSchema> schemas,
      List<TableNotice> notices)
      throws SQLException {
    boolean endangered = table.publishedUpdatesWouldFail();
    if (endangered && changes && attempt(session, table, false)) {
      String reason =
          "it has lost the key or replica identity by which the log tells its rows, and was taken"
              + " out of publication %s so that the source goes on to take UPDATE and DELETE. Run:"
              + " ALTER TABLE %s REPLICA IDENTITY FULL; and reload the table.";
      notices.add(
          new TableNotice.Missing(
              (int) table.oid(),
              "",
              reason.formatted(publication.name(), PostgresNames.quote(table.id()))));
      return;
    }
    if (!endangered && !found.containsKey((int) table.oid())) {
      appear(session, table, schemas, notices);
    }
  }

  private void appear(
      Connection session,
      TableIdentity table,
      Map<TableId, TableSchema> schemas,
      List<TableNotice> notices)
      throws SQLException {
    int oid = (int) table.oid();
    found.put(oid, table.id());
    TableSchema schema = schemas.get(table.id());
    if (schema != null && !begun.containsKey(table.id())) {
      notices.add(
          new TableNotice.Appeared(
              oid, schema, Attribute.read(session, List.of(oid)).getOrDefault(oid, List.of())));
    }
  }

  private void notHeld(
      Connection session,
      TableIdentity table,
      Map<TableId, TableSchema> schemas,
      List<TableNotice> notices)
      throws SQLException {
    TableSchema schema =
        schemas.containsKey(table.id()) ? schemas.get(table.id()) : begun.get(table.id());
    if (schema == null) {
      return;
    }
    Optional<String> objection =
        changes ? table.objection(schema) : Optional.of(publication.addStatement(table.id()));
    if (objection.isPresent()) {
      if (carried.contains(table.id()) && found.remove((int) table.oid()) != null) {
        notices.add(
            new TableNotice.Missing(
                (int) table.oid(), "", objection.get() + " Then reload the table."));
      } else if (!begun.containsKey(table.id()) && toldOf.add(table.id())) {
        log.warn("{}", TableIdentity.refusal(table.id(), objection.get()).getMessage());
      }
      return;
    }
    if (!attempt(session, table, true)) {
      return;
    }
    boolean late = begun.containsKey(table.id()) || found.containsKey((int) table.oid());
    if (late) {
      found.put((int) table.oid(), table.id());
      notices.add(
          new TableNotice.Missing(
              (int) table.oid(),
              "",
              "its changes are in the log only from here on. Reload the table."));
    } else {
      appear(session, table, schemas, notices);
    }
  }

  /** A table that is locked or not the user's is left for the next look. */
  private boolean attempt(Connection session, TableIdentity table, boolean add)
      throws SQLException {
    Savepoint before = session.setSavepoint();
    try {
      if (add) {
        publication.add(session, table.id());
      } else {
        publication.remove(session, table.id());
      }
      session.releaseSavepoint(before);
      return true;
    } catch (SQLException e) {
      session.rollback(before);
      if (toldOf.add(table.id())) {
        log.warn(
            "Publication {} of the source {} could not be changed for table {}, and will be tried"
                + " again: {}",
            publication.name(),
            settings.place(),
            table.id(),
            PostgresFailures.said(e));
      }
      return false;
    }
  }

  private Map<TableId, TableSchema> schemas(Connection session, Collection<TableId> tables)
      throws SQLException {
    Map<TableId, TableSchema> schemas = new HashMap<>();
    if (!tables.isEmpty()) {
      Set<TableId> wanted = Set.copyOf(tables);
      new PostgresCatalog(session, settings)
          .tables((id, kind) -> wanted.contains(id))
          .forEach(table -> schemas.put(table.id(), table));
    }
    return schemas;
  }
}
