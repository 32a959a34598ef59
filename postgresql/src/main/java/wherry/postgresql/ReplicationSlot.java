package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** The slot that keeps the source's log for a task (PostgreSQL manual, 47.2.2). */
final class ReplicationSlot {
  private static final Logger log = LoggerFactory.getLogger(ReplicationSlot.class);

  /** How long the server may need to notice that a reader of ours has gone. */
  private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(5);

  /** A new attempt begins to wait anew. */
  private static final Duration CREATION_PATIENCE = Duration.ofSeconds(120);

  private static final Duration RELEASE_POLL = Duration.ofMillis(50);

  private final PostgresSettings settings;
  private final String name;
  private volatile @Nullable Statement creating;

  ReplicationSlot(PostgresSettings settings, String name) {
    this.settings = settings;
    this.name = name;
  }

  /**
   * @param reader process id of the session that reads it; 0 for none
   * @param confirmed what is before it may be gone
   * @param lost why the server no longer keeps the log for it; empty while it does
   */
  record State(boolean here, String plugin, int reader, Lsn confirmed, String lost) {}

  String name() {
    return name;
  }

  Optional<State> state(Connection session) throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(Sql.SLOT)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String confirmed = row.getString("confirmed");
        boolean logical = row.getString("slot_type").equals("logical");
        String invalidation = row.getString("invalidation");
        boolean gone = row.getString("wal_status").equals("lost") || !invalidation.isEmpty();
        return Optional.of(
            new State(
                row.getBoolean("here"),
                logical ? row.getString("plugin") : "none, for it is a physical slot",
                row.getInt("active_pid"),
                confirmed == null ? new Lsn(0) : Lsn.parse(confirmed),
                gone ? (invalidation.isEmpty() ? "wal_removed" : invalidation) : ""));
      }
    }
  }

  /** The slot as it stands, able to give the log. */
  State usable(Connection session) throws SQLException {
    State state = state(session).orElseThrow(this::missing);
    if (!state.here() || !state.plugin().equals("pgoutput")) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          ("Replication slot %s of the source %s cannot be read: it must be of this database with"
                  + " the plug-in pgoutput, which is %s. Run there: SELECT"
                  + " pg_create_logical_replication_slot('another_name', 'pgoutput'); and set"
                  + " SlotName.")
              .formatted(name, settings.place(), state.plugin()));
    }
    if (!state.lost().isEmpty()) {
      throw new DmsException(
          ErrorCode.LOG_LOST,
          ("The source %s no longer keeps the log for replication slot %s (%s), so changes are"
                  + " missing from it. Raise max_slot_wal_keep_size there, then start the task with"
                  + " reload-target.")
              .formatted(settings.place(), name, state.lost()));
    }
    return state;
  }

  private DmsException missing() {
    return new DmsException(
        ErrorCode.LOG_LOST,
        ("Replication slot %s is gone from the source %s, and with it the log of what has changed"
                + " since. Start the task with reload-target.")
            .formatted(name, settings.place()));
  }

  /** The statement that makes it, for people. */
  String createStatement() {
    return "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')"
        .formatted(PostgresNames.literal(name));
  }

  /** Whether there is room for one more slot. */
  void checkFree(Connection session) throws SQLException {
    String query =
        "SELECT (SELECT count(*) FROM pg_catalog.pg_replication_slots) <"
            + " pg_catalog.current_setting('max_replication_slots')::int";
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      if (!row.getBoolean(1)) {
        throw noneLeft("all of max_replication_slots are taken.", null);
      }
    }
  }

  private DmsException noneLeft(String said, @Nullable Exception e) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        ("The source %s has no replication slot left: %s Raise max_replication_slots there and"
                + " restart it, or drop a slot that nobody reads (see pg_replication_slots).")
            .formatted(settings.place(), said),
        e);
  }

  /** Makes the slot; everything from the position on can be read. */
  Lsn create(Connection session) throws SQLException {
    try (Statement patience = session.createStatement();
        PreparedStatement statement =
            session.prepareStatement(
                "SELECT lsn::text FROM pg_catalog.pg_create_logical_replication_slot(?, 'pgoutput')")) {
      patience.execute("SET statement_timeout = '" + CREATION_PATIENCE.toSeconds() + "s'");
      statement.setString(1, name);
      creating = statement;
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        Lsn made = Lsn.parse(row.getString(1));
        patience.execute("SET statement_timeout = 0");
        return made;
      }
    } catch (SQLException e) {
      if (PostgresFailures.state(e).equals("57014")) {
        throw new DmsException(
            ErrorCode.BUSY,
            ("A replication slot begins where no transaction is open that began before, and the source"
                    + " %s had one for all of %d s. See there: SELECT pid, xact_start, query FROM"
                    + " pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start;")
                .formatted(settings.place(), CREATION_PATIENCE.toSeconds()),
            e);
      }
      if (PostgresFailures.state(e).equals("42501")) {
        throw replicationMissing(settings, e);
      }
      if (PostgresFailures.state(e).equals("53400")) {
        throw noneLeft(PostgresFailures.said(e), e);
      }
      throw e;
    } finally {
      creating = null;
    }
  }

  /**
   * Ends a {@link #create} that waits. The server is asked to: one that only lost its client would
   * wait on, and then leave a slot that nobody knows of. From any thread.
   */
  void abandonCreation() {
    Statement waiting = creating;
    if (waiting != null) {
      try {
        waiting.cancel();
      } catch (SQLException e) {
        log.debug("Cancelling the creation of slot {}: {}", name, e.getMessage());
      }
    }
  }

  static DmsException replicationMissing(PostgresSettings settings, Exception e) {
    return new DmsException(
        ErrorCode.PRIVILEGE_MISSING,
        ("User %s may not read the log of the source %s. Run: ALTER ROLE %s REPLICATION; (on Amazon"
                + " RDS: GRANT rds_replication TO %s;)")
            .formatted(
                settings.user(),
                settings.place(),
                PostgresNames.quote(settings.user()),
                PostgresNames.quote(settings.user())),
        e);
  }

  /** Removes the slot if it is there; waits a moment for a reader that is just leaving. */
  void drop(Connection session) throws SQLException {
    if (awaitReleased(session).isPresent()) {
      try (PreparedStatement statement =
          session.prepareStatement("SELECT pg_catalog.pg_drop_replication_slot(?)")) {
        statement.setString(1, name);
        statement.execute();
      }
    }
  }

  /**
   * How the slot stands once nobody reads it.
   *
   * @throws DmsException BUSY when somebody goes on reading
   */
  Optional<State> awaitReleased(Connection session) throws SQLException {
    long deadline = System.nanoTime() + RELEASE_PATIENCE.toNanos();
    while (true) {
      Optional<State> state = state(session);
      if (state.isEmpty() || state.get().reader() == 0) {
        return state;
      }
      if (System.nanoTime() > deadline) {
        throw new DmsException(
            ErrorCode.BUSY,
            ("Replication slot %s of the source %s is being read by its process %d. If that is no"
                    + " running task, run there: SELECT pg_terminate_backend(%d);")
                .formatted(name, settings.place(), state.get().reader(), state.get().reader()));
      }
      pause(session);
    }
  }

  /** The server waits for us, so that this thread needs no sleep of its own. */
  private static void pause(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "SELECT pg_catalog.pg_sleep(%s)".formatted(RELEASE_POLL.toMillis() / 1000.0));
    }
  }
}
