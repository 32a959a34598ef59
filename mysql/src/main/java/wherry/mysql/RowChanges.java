package wherry.mysql;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.change.Collapse;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.connector.ChangeWriter.NetCounts;
import wherry.connector.TableRoute;
import wherry.schema.TableId;

/** Applies changes of rows, each table's as sets or one by one. */
final class RowChanges {
  private static final Logger log = LoggerFactory.getLogger(RowChanges.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final MySqlSession session;
  private final RowStatements statements;
  private final Bytes buffer = new Bytes(BUFFER_BYTES);
  private final ChangeSets sets;
  private final ForeignKeyActions actions;
  private final Map<TableId, ChangeStatements> cache;
  private final Set<TableId> seen = new HashSet<>();

  /**
   * @param database where temporary tables are made
   * @param statementCacheSize of so many tables it is kept what their statements are made of
   */
  RowChanges(
      MySqlSession session,
      String database,
      boolean loadData,
      int statementCacheSize,
      ForeignKeyActions actions) {
    this.session = session;
    this.actions = actions;
    this.statements = new RowStatements(session);
    this.sets = new ChangeSets(session, statements, buffer, database, loadData);
    this.cache = new LeastRecentlyUsed<>(Math.max(1, statementCacheSize));
  }

  /**
   * By a statement of its own.
   *
   * @return rows touched
   */
  long apply(TableRoute route, RowChange change) throws SQLException {
    return change.actsSilently() && actions.on(route.target().id())
        ? actions.letAct(() -> applied(route, change))
        : applied(route, change);
  }

  private long applied(TableRoute route, RowChange change) throws SQLException {
    Optional<NetChanges> net = byLoadData(route, change);
    if (net.isPresent()) {
      NetCounts counts = apply(route, net.get());
      return counts.updated() + counts.inserted();
    }
    return statements(route).apply(change);
  }

  /** As sets. */
  NetCounts apply(TableRoute route, NetChanges changes) throws SQLException {
    ChangeStatements singly = statements(route);
    long deleted = changes.deletes().count() == 0 ? 0 : sets.delete(singly, changes.deletes());
    long updated = 0;
    for (NetChanges.Update update : changes.updates()) {
      updated += sets.update(singly, update);
    }
    long inserted = changes.inserts().count() == 0 ? 0 : sets.insert(route, changes.inserts());
    return new NetCounts(deleted, updated, inserted);
  }

  /**
   * The change as a set, where it is too long for a statement; not where it gives the row another
   * key, because a set tells that as two changes.
   */
  private Optional<NetChanges> byLoadData(TableRoute route, RowChange change) {
    if (change.after() == RowChange.NONE
        || !sets.isTooLongForStatement(change.rows(), change.after())) {
      return Optional.empty();
    }
    if (change.operation() == RowChange.Operation.INSERT) {
      return change.rows().hasAbsent()
          ? Optional.empty()
          : Optional.of(NetChanges.inserting(List.of(change)));
    }
    return route.key().isEmpty()
        ? Optional.empty()
        : Collapse.of(List.of(change), route.key()).filter(net -> net.deletes().count() == 0);
  }

  private ChangeStatements statements(TableRoute route) throws SQLException {
    ChangeStatements cached = cache.get(route.target().id());
    if (cached == null || !cached.route().equals(route)) {
      warnOfTriggers(route.target().id());
      cached = new ChangeStatements(session, statements, buffer, route);
      cache.put(route.target().id(), cached);
    }
    return cached;
  }

  /** Triggers cannot be switched off here; the user should know. */
  private void warnOfTriggers(TableId table) throws SQLException {
    if (!seen.add(table)) {
      return;
    }
    List<String> triggers =
        session.query(
            "SELECT trigger_name FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?",
            row -> row.getString(1),
            table.schema(),
            table.name());
    if (!triggers.isEmpty()) {
      log.warn(
          "{} has triggers, which act on the changes that are applied to it: {}. Drop them until the migration ends, unless"
              + " they are meant to.",
          table,
          String.join(", ", triggers));
    }
  }

  /** The table is defined anew. */
  void forget(TableId table) {
    cache.remove(table);
    seen.remove(table);
  }
}
