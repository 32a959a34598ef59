package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The write-ahead log as pgoutput decodes it, kept for the task by a replication slot (PostgreSQL
 * manual, 47 "Logical Decoding"). In the source a task makes a publication and a slot and nothing
 * else.
 */
final class PostgresChangeLog implements ChangeLog {
  private final PostgresSessions sessions;
  private final PostgresSettings settings;
  private final boolean ownsSlot;
  private final ReplicationSlot slot;
  private final LogServer server;
  private final String ownName;
  private final StreamFailures failures;
  private final PublicationEntries entries = new PublicationEntries();

  /**
   * Tables that were put into the publication, by name with their oids, so that somebody has taken
   * out those that are not there, or made them again.
   */
  private final Map<TableId, Integer> carried = new ConcurrentHashMap<>();

  /** Selected tables by oid whose changes the log could not carry, as any reader has told. */
  private final Map<Integer, TableId> refused = new ConcurrentHashMap<>();

  PostgresChangeLog(PostgresSessions sessions, String taskName) {
    this.sessions = sessions;
    this.settings = sessions.settings();
    this.ownName = ownName(taskName);
    this.ownsSlot = settings.slotName().isEmpty();
    this.slot = new ReplicationSlot(settings, ownsSlot ? ownName : settings.slotName());
    this.server = new LogServer(sessions, slot);
    this.failures = new StreamFailures(sessions, slot);
  }

  /** Lower-case letters, digits and underscores are all that a slot's name may have. */
  static String ownName(String taskName) {
    CRC32 checksum = new CRC32();
    checksum.update(taskName.getBytes(StandardCharsets.UTF_8));
    String readable = taskName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    return "wherry_%s_%08x"
        .formatted(readable.substring(0, Math.min(readable.length(), 40)), checksum.getValue());
  }

  @Override
  public Start open(Collection<TableSchema> tables, String identity) {
    try (Connection session = sessions.open()) {
      server.check(session);
      LogIdentity now = server.identify();
      Map<TableId, TableIdentity> identities =
          TableIdentity.read(session, tables.stream().map(TableSchema::id).toList());
      List<DmsException> refused = new ArrayList<>();
      List<TableIdentity> fit = fit(tables, identities, refused);
      if (!identity.isEmpty()) {
        server.checkSame(LogIdentity.parse(identity), now);
      } else {
        // Also where a slot is given now: nobody would ever read an earlier one of our own.
        new ReplicationSlot(settings, ownName).drop(session);
      }
      Publication publication = publication(session);
      publication.requireWhole(session, fit);
      carried.clear();
      take(session, fit, publication, publication.publish(session, fit), refused);
      if (identity.isEmpty() && ownsSlot) {
        Lsn made = slot.create(session);
        return new Start(made, now.madeAt(made).text(), refused);
      }
      Lsn confirmed = slot.usable(session).confirmed();
      return new Start(
          confirmed, identity.isEmpty() ? now.madeAt(confirmed).text() : identity, refused);
    } catch (SQLException e) {
      throw sessions.failures().during("Opening the log", "", e);
    }
  }

  /** The publication holds tables, not names: one made anew under its name is not in it. */
  @Override
  public Set<TableId> uncarried(Collection<TableSchema> tables, String identity) {
    try (Connection session = sessions.open()) {
      server.checkSame(LogIdentity.parse(identity), server.identify());
      slot.usable(session);
      Set<TableId> uncarried = tables.stream().map(TableSchema::id).collect(Collectors.toSet());
      uncarried.removeAll(publication(session).held(session));
      return uncarried;
    } catch (SQLException e) {
      throw sessions.failures().during("Asking what the log carries", "", e);
    }
  }

  /**
   * What carries a table is in the publication since before the snapshot that it was loaded under.
   */
  @Override
  public Set<TableId> interrupted(Map<TableId, List<Cut>> loaded) {
    Map<Integer, TableId> names = new HashMap<>();
    Map<Integer, List<PostgresCut>> cuts = new HashMap<>();
    loaded.forEach((id, seen) -> {
      Integer oid = carried.get(id);
      if (oid != null) {
        names.put(oid, id);
        cuts.put(oid, seen.stream().map(PostgresCut.class::cast).toList());
      }
    });
    try (Connection session = sessions.open()) {
      return PublicationEntries.madeLater(session, publication(session), cuts).stream()
          .map(names::get)
          .collect(Collectors.toSet());
    } catch (SQLException e) {
      throw sessions.failures().during("Asking since when the log carries tables", "", e);
    }
  }

  /** The others stay in the publication as they are: the watch looks after them. */
  @Override
  public List<DmsException> carry(Collection<TableSchema> tables, String identity) {
    try (Connection session = sessions.open()) {
      Map<TableId, TableIdentity> identities =
          TableIdentity.read(session, tables.stream().map(TableSchema::id).toList());
      List<DmsException> refused = new ArrayList<>();
      List<TableIdentity> fit = fit(tables, identities, refused);
      Publication publication = publication(session);
      publication.requireWhole(session, fit);
      take(session, fit, publication, publication.include(session, fit), refused);
      return refused;
    } catch (SQLException e) {
      throw sessions.failures().during("Publishing tables", "", e);
    }
  }

  @Override
  public Map<TableId, String> partitions(Collection<TableSchema> tables) {
    Map<TableId, String> partitions = new HashMap<>();
    try (Connection session = sessions.open()) {
      Map<Integer, TableId> names = new HashMap<>();
      TableIdentity.read(session, tables.stream().map(TableSchema::id).toList())
          .values()
          .forEach(table -> names.put((int) table.oid(), table.id()));
      session.setAutoCommit(false);
      PartitionWatch.first(session, names.keySet())
          .forEach((oid, set) -> partitions.put(names.get(oid), set.text()));
      session.rollback();
      return partitions;
    } catch (SQLException e) {
      throw sessions.failures().during("Looking at partitions", "", e);
    }
  }

  private void take(
      Connection session,
      List<TableIdentity> fit,
      Publication publication,
      List<TableId> notHeld,
      List<DmsException> refused)
      throws SQLException {
    fit.forEach(table -> carried.put(table.id(), (int) table.oid()));
    notHeld.forEach(carried::remove);
    entries.begin(session, publication, fit.stream().map(table -> (int) table.oid()).toList());
    refused.addAll(refusals(publication, notHeld));
  }

  private static List<DmsException> refusals(Publication publication, List<TableId> notHeld) {
    return notHeld.stream()
        .map(table -> TableIdentity.refusal(table, publication.addStatement(table)))
        .toList();
  }

  @Override
  public Prospect prospect(Collection<TableSchema> tables) {
    try (Connection session = sessions.open()) {
      server.check(session);
      server.identify();
      Map<TableId, TableIdentity> identities =
          TableIdentity.read(session, tables.stream().map(TableSchema::id).toList());
      List<DmsException> refused = new ArrayList<>();
      List<TableIdentity> fit = fit(tables, identities, refused);
      if (ownsSlot) {
        slot.checkFree(session);
      } else {
        slot.usable(session);
      }
      Publication publication = publication(session);
      publication.requireWhole(session, fit);
      List<String> statements =
          new ArrayList<>(publication.statement(session, fit).stream().toList());
      // What a user may publish, only the attempt tells; nobody sees it, for it is taken back.
      session.setAutoCommit(false);
      refused.addAll(refusals(publication, publication.publish(session, fit)));
      session.rollback();
      if (ownsSlot) {
        statements.add(slot.createStatement());
      }
      return new Prospect(statements, refused);
    } catch (SQLException e) {
      throw sessions.failures().during("Asking about the log", "", e);
    }
  }

  /** It describes a table as it is before the next row of it. */
  @Override
  public boolean tellsStatements() {
    return false;
  }

  @Override
  public Optional<String> remedyForPartialRows(TableSchema table) {
    try (Connection session = sessions.open()) {
      TableIdentity identity = TableIdentity.read(session, List.of(table.id())).get(table.id());
      if (identity != null && identity.identity() == 'f') {
        return Optional.empty();
      }
      return Optional.of(
          identity != null && identity.isPartitioned()
              ? "Those of a partitioned table are in no log; use columns of its key."
              : "Run: ALTER TABLE %s REPLICA IDENTITY FULL;"
                  .formatted(PostgresNames.quote(table.id())));
    } catch (SQLException e) {
      throw sessions.failures().during("Asking for the replica identity", "", e);
    }
  }

  private static List<TableIdentity> fit(
      Collection<TableSchema> tables,
      Map<TableId, TableIdentity> identities,
      List<DmsException> refused) {
    List<TableIdentity> fit = new ArrayList<>();
    for (TableSchema table : tables) {
      TableIdentity identity = identities.get(table.id());
      if (identity == null) {
        refused.add(TableIdentity.refusal(table.id(), "it is gone from the source."));
        continue;
      }
      identity
          .objection(table)
          .ifPresentOrElse(
              objection -> refused.add(TableIdentity.refusal(table.id(), objection)),
              () -> fit.add(identity));
    }
    return fit;
  }

  /**
   * Who gives a slot gives a publication of its name with it, made before it: the slot decodes the
   * log as the catalogue was at each place, and where the publication was not there yet the server
   * leaves rows out without a word.
   */
  private Publication publication(Connection session) throws SQLException {
    Publication given = new Publication(settings, slot.name());
    if (given.exists(session)) {
      return given;
    }
    if (ownsSlot) {
      return new Publication(settings, ownName);
    }
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "The slot "
            + slot.name()
            + " that SlotName gives has no publication of its name in source "
            + settings.place()
            + ", so the log from the slot's place on would lack rows. Run there CREATE PUBLICATION "
            + PostgresNames.quote(slot.name())
            + " FOR TABLE <the task's tables>; and then make the slot anew, for it has to be younger"
            + " than the publication. Or leave SlotName out, and the task makes both.");
  }

  @Override
  public Position now() {
    try (Connection session = sessions.open()) {
      return Lsn.parse(LogServer.single(session, "SELECT pg_catalog.pg_current_wal_lsn()::text"));
    } catch (SQLException e) {
      throw sessions.failures().during("Asking for the end of the log", "", e);
    }
  }

  @Override
  public Position position(String text) {
    try {
      return Lsn.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "%s is no position in a PostgreSQL log; it has the form 4AF/B00000D0.".formatted(text),
          e);
    }
  }

  @Override
  public Position at(Instant time) {
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "The log of PostgreSQL cannot be searched by time. Give the position as LSN, of the form"
            + " 4AF/B00000D0, and a slot that holds it as SlotName of the source endpoint.");
  }

  @Override
  public Cut cut(String text) {
    return PostgresCut.parse(text);
  }

  @Override
  public ChangeReader read(Request request) {
    Lsn from = (Lsn) request.from();
    LogIdentity identity = LogIdentity.parse(request.identity());
    server.checkSame(identity, server.identify());
    try (Connection session = sessions.open()) {
      slot.usable(session);
      checkHeld(slot.awaitReleased(session).orElseThrow(), from, identity.made());
      Publication publication = publication(session);
      CapturedTables tables =
          new CapturedTables(sessions, session, request.tables(), Map.copyOf(carried));
      TableWatch tableWatch =
          new TableWatch(
              settings,
              publication,
              new PartitionWatch(partitions(request, tables.names())),
              entries,
              request,
              Set.copyOf(carried.keySet()),
              tables.names(),
              refused);
      ReplicationStream stream = start(publication.name(), from);
      SourceWatch watch = new SourceWatch(sessions, slot, stream.sender(), tableWatch);
      return new PostgresChangeReader(stream, watch, tables, failures, from);
    } catch (SQLException e) {
      throw sessions.failures().during("Opening the log", "", e);
    }
  }

  private static Map<Integer, PartitionSet> partitions(
      Request request, Map<Integer, TableId> names) {
    Map<Integer, PartitionSet> known = new HashMap<>();
    names.forEach((oid, table) -> {
      String partitions = request.partitions().get(table);
      if (partitions != null) {
        known.put(oid, PartitionSet.parse(partitions));
      }
    });
    return known;
  }

  /** The server would silently begin later: what lies between would be lost. */
  private void checkHeld(ReplicationSlot.State state, Lsn from, Lsn made) {
    if (from.compareTo(made) < 0) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          ("The position %s lies before the beginning of replication slot %s of the source %s. Begin"
                  + " at %s or later.")
              .formatted(from, slot.name(), settings.place(), made));
    }
    if (from.compareTo(state.confirmed()) < 0) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED,
          ("Replication slot %s of the source %s begins at %s, behind %s where the task has to go"
                  + " on: it was made again, or somebody else has read from it. Start the task with"
                  + " reload-target.")
              .formatted(slot.name(), settings.place(), state.confirmed(), from));
    }
  }

  private ReplicationStream start(String publication, Lsn from) {
    Connection session = server.openReplication();
    try {
      return new ReplicationStream(session, slot.name(), publication, from);
    } catch (SQLException e) {
      ReplicationStream.abort(session);
      throw failures.starting(e);
    }
  }

  @Override
  public Optional<String> keptBy() {
    try (Connection session = sessions.open()) {
      return slot.state(session)
          .filter(state -> state.lost().isEmpty())
          .map(state -> "replication slot " + slot.name());
    } catch (SQLException e) {
      throw sessions.failures().during("Asking for the replication slot", "", e);
    }
  }

  @Override
  public void abandon() {
    slot.abandonCreation();
  }

  @Override
  public void drop() {
    try (Connection session = sessions.open()) {
      if (ownsSlot) {
        slot.drop(session);
      }
      new Publication(settings, ownName).drop(session);
    } catch (SQLException e) {
      throw sessions.failures().during("Removing the replication slot", "", e);
    }
  }

  /** Each call has closed its own session, and readers are closed by their owners. */
  @Override
  public void close() {}
}
