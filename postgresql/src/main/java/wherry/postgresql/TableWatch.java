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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.ChangeLog;
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

  /** SQLSTATE insufficient_privilege. */
  private static final String NOT_THE_USERS = "42501";

  private final PostgresSettings settings;
  private final Publication publication;
  private final ChangeLog.Request request;
  private final Map<TableId, TableSchema> begun = new HashMap<>();
  private final Map<Integer, TableId> names;
  private final Set<TableId> toldOf = new HashSet<>();
  private final PartitionWatch partitions;
  private final PublicationEntries entries;
  private final Map<Integer, TableId> everRefused;
  private Seen told;
  private Seen now;
  private boolean changes;

  /**
   * What is known of tables, by oid.
   *
   * @param names of those that the reader has
   * @param carried of these, whose changes the log has
   * @param refused selected tables whose changes it cannot carry
   * @param withdrawn of all that ever were refused, which are gone
   * @param doubted selected tables whose changes the log could not carry at one look
   */
  private record Seen(
      Map<Integer, TableId> names,
      Set<Integer> carried,
      Map<Integer, TableId> refused,
      Set<Integer> withdrawn,
      Set<Integer> doubted) {
    Seen copy() {
      return new Seen(
          new HashMap<>(names),
          new HashSet<>(carried),
          new HashMap<>(refused),
          new HashSet<>(withdrawn),
          new HashSet<>(doubted));
    }
  }

  /**
   * @param request with the tables that the reader begins with
   * @param carried of these, which were in the publication when the log was opened
   * @param names of these by oid, as they are now
   * @param everRefused tables that this reader and earlier ones have refused, by oid; added to
   */
  TableWatch(
      PostgresSettings settings,
      Publication publication,
      PartitionWatch partitions,
      PublicationEntries entries,
      ChangeLog.Request request,
      Set<TableId> carried,
      Map<Integer, TableId> names,
      Map<Integer, TableId> everRefused) {
    this.everRefused = everRefused;
    this.partitions = partitions;
    this.entries = entries;
    this.names = names;
    this.settings = settings;
    this.publication = publication;
    this.request = request;
    request.tables().forEach(table -> begun.put(table.id(), table));
    Set<Integer> carriedOids =
        names.keySet().stream()
            .filter(oid -> carried.contains(names.get(oid)))
            .collect(Collectors.toSet());
    this.told = new Seen(names, carriedOids, Map.of(), Set.of(), Set.of());
    this.now = told.copy();
  }

  private record Row(int oid, TableId id, boolean eligible) {}

  /** Looks once, in a transaction of the caller; {@link #told} says that it was committed. */
  List<TableNotice> look(Connection session) throws SQLException {
    changes = publication.isOurs(session).orElse(false);
    List<Row> rows = rows(session);
    now = told.copy();
    List<TableNotice> notices = new ArrayList<>();
    Map<Integer, TableId> standing = new HashMap<>();
    rows.forEach(row -> standing.put(row.oid(), row.id()));
    told.names()
        .forEach((oid, id) -> {
          TableId is = standing.get(oid);
          if (is == null) {
            now.names().remove(oid);
            notices.add(new TableNotice.Gone(oid));
          } else if (!is.equals(id)) {
            if (now.carried().contains(oid)) {
              now.names().put(oid, is);
            } else {
              now.names().remove(oid); // What was told of it is of its old name.
            }
            notices.add(new TableNotice.Moved(oid, is));
          }
        });
    everRefused.forEach((oid, id) -> {
      if (!standing.containsValue(id) && now.withdrawn().add(oid)) {
        notices.add(new TableNotice.Withdrawn(oid, id));
      }
    });
    List<TableId> fresh = new ArrayList<>();
    for (Row row : rows) {
      boolean mine =
          begun.containsKey(row.id())
              || row.eligible() && request.selected().test(row.id(), TableSchema.Kind.TABLE);
      if (!now.names().containsKey(row.oid()) && mine) {
        fresh.add(row.id());
      }
    }
    publish(session, fresh, notices);
    replaced(session, notices);
    notices.addAll(partitions.look(session, now.names().keySet()));
    return notices;
  }

  void told() {
    told = now;
    entries.told();
    partitions.told();
  }

  private void replaced(Connection session, List<TableNotice> notices) throws SQLException {
    for (int oid : entries.replaced(session, publication, now.carried())) {
      now.carried().remove(oid);
      String reason =
          "it was taken out of publication %s and put back, and what was written to it in between"
              + " is not in the log. Reload the table.";
      notices.add(new TableNotice.Missing(oid, "", reason.formatted(publication.name())));
    }
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
    asked.addAll(now.names().values());
    Map<TableId, TableIdentity> identities = TableIdentity.read(session, asked);
    publication.requireWhole(session, identities.values());
    Map<TableId, TableSchema> schemas = schemas(session, fresh);
    for (TableIdentity table : identities.values()) {
      TableSchema schema = schemas.getOrDefault(table.id(), begun(table));
      if (held.contains(table.id())) {
        held(session, table, schema, notices);
      } else if (schema != null) {
        notHeld(session, table, schema, notices);
      }
    }
  }

  /** The table as the reader began with it, whatever it is called now. */
  private @Nullable TableSchema begun(TableIdentity table) {
    return begun.get(names.getOrDefault((int) table.oid(), table.id()));
  }

  private Optional<String> objection(TableIdentity table, TableSchema schema) {
    return table.objection(request.needed().apply(schema));
  }

  private void held(
      Connection session,
      TableIdentity table,
      @Nullable TableSchema schema,
      List<TableNotice> notices)
      throws SQLException {
    int oid = (int) table.oid();
    boolean endangered = table.publishedUpdatesWouldFail();
    if (endangered && changes && attempt(session, table, false) == null) {
      String reason =
          "it has lost the key or replica identity by which the log tells its rows, and was taken"
              + " out of publication %s so that the source goes on to take UPDATE and DELETE. Run:"
              + " ALTER TABLE %s REPLICA IDENTITY FULL; and reload the table.";
      now.carried().remove(oid);
      notices.add(
          new TableNotice.Missing(
              oid, "", reason.formatted(publication.name(), PostgresNames.quote(table.id()))));
    } else if (!now.names().containsKey(oid) && schema != null) {
      Optional<String> objection = endangered ? objection(table, schema) : Optional.empty();
      if (objection.isPresent()) {
        refuse(table, objection.get(), notices);
      } else {
        appear(session, table, schema, notices);
      }
    }
  }

  private void appear(
      Connection session, TableIdentity table, TableSchema schema, List<TableNotice> notices)
      throws SQLException {
    int oid = (int) table.oid();
    now.names().put(oid, table.id());
    now.carried().add(oid);
    notices.add(
        new TableNotice.Appeared(
            oid, schema, Attribute.read(session, List.of(oid)).getOrDefault(oid, List.of())));
  }

  /**
   * Told by the second look: the key of a new table often comes in a statement of its own, and who
   * is told of an error meanwhile is told of nothing that lasts.
   */
  private void refuse(TableIdentity table, String reason, List<TableNotice> notices) {
    int oid = (int) table.oid();
    if (now.doubted().add(oid)) {
      return;
    }
    everRefused.put(oid, table.id());
    now.withdrawn().remove(oid);
    if (!table.id().equals(now.refused().put(oid, table.id()))) {
      notices.add(new TableNotice.Refused(oid, table.id(), reason));
    }
  }

  private void notHeld(
      Connection session, TableIdentity table, TableSchema schema, List<TableNotice> notices)
      throws SQLException {
    int oid = (int) table.oid();
    boolean known = now.names().containsKey(oid);
    Optional<String> objection =
        changes ? objection(table, schema) : Optional.of(publication.addStatement(table.id()));
    if (objection.isPresent()) {
      if (now.carried().remove(oid)) {
        notices.add(new TableNotice.Missing(oid, "", objection.get() + " Then reload the table."));
      } else if (!known) {
        refuse(table, objection.get(), notices);
      }
      return;
    }
    SQLException failure = attempt(session, table, true);
    if (failure == null && !known) {
      appear(session, table, schema, notices);
    } else if (failure == null) {
      now.carried().remove(oid);
      notices.add(
          new TableNotice.Missing(
              oid, "", "its changes are in the log only from here on. Reload the table."));
    } else if (now.carried().remove(oid)) {
      String reason =
          "it was taken out of publication %s, and cannot be put back: %s %sReload the table.";
      String right = isNotTheUsers(failure) ? publication.right(table) + " Then: " : "";
      notices.add(
          new TableNotice.Missing(
              oid,
              "",
              reason.formatted(publication.name(), PostgresFailures.said(failure), right)));
    } else if (!known && isNotTheUsers(failure)) {
      refuse(table, "the user may not publish it. " + publication.right(table), notices);
    }
  }

  private static boolean isNotTheUsers(SQLException failure) {
    return PostgresFailures.state(failure).equals(NOT_THE_USERS);
  }

  /**
   * A table that is locked or not the user's is left for the next look.
   *
   * @return what the server says against it
   */
  private @Nullable SQLException attempt(Connection session, TableIdentity table, boolean add)
      throws SQLException {
    Savepoint before = session.setSavepoint();
    try {
      if (add) {
        publication.add(session, table.id());
      } else {
        publication.remove(session, table.id());
      }
      session.releaseSavepoint(before);
      return null;
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
      return e;
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
