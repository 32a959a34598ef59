package wherry.mysql;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.change.Checkpoint;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * A task's row in {@code awsdms_txn_state}: how far its changes are, and whose turn it is. A
 * session that takes the row over gives it a new owner, and only the owner can write a checkpoint;
 * so a session that was given up, wherever it hangs, never commits again.
 */
final class ApplyState {
  private static final Logger log = LoggerFactory.getLogger(ApplyState.class);

  /** So long a session that was just closed may take to end. */
  private static final int ENDING_SECONDS = 1;

  private static final int TAKE_OVER_SECONDS = 10;

  private static final DateTimeFormatter DATETIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final MySqlSession session;
  private final String table;
  private final String taskName;
  private final String owner = UUID.randomUUID().toString();

  private ApplyState(MySqlSession session, String database, String taskName) {
    this.session = session;
    this.table = MySqlNames.quoted(new TableId(database, "awsdms_txn_state"));
    this.taskName = taskName;
  }

  /**
   * Takes the task's row over, in a session that commits each statement.
   *
   * @param owners what sessions of this run, and the one before it, were called; the new one is
   *     added. A stranger is another run that has taken the task over, and is not to be fought
   * @throws DmsException TAKEN_OVER
   */
  static ApplyState takeOver(
      MySqlSession session, String database, String taskName, Set<String> owners)
      throws SQLException {
    ApplyState state = new ApplyState(session, database, taskName);
    boolean hadIt = !owners.isEmpty();
    Optional<String> before;
    do {
      before = state.currentOwner();
      if (hadIt && before.isPresent() && !owners.contains(before.get())) {
        throw state.takenOver();
      }
      // Both are ours where the answer is lost, and nobody knows which of them has the row.
      before.ifPresent(owners::add);
      owners.add(state.owner);
      state.endPredecessor(database);
    } while (!state.take(before));
    return state;
  }

  private Optional<String> currentOwner() throws SQLException {
    return session.queryOne(
        "SELECT OWNER FROM " + table + " WHERE TASK_NAME = ?", row -> row.getString(1), taskName);
  }

  /** Whether nobody else was faster. */
  private boolean take(Optional<String> before) throws SQLException {
    return before.isEmpty()
        ? session.update(
                "INSERT IGNORE INTO " + table + " (TASK_NAME, OWNER) VALUES (?, ?)",
                taskName,
                owner)
            == 1
        : session.update(
                "UPDATE " + table + " SET OWNER = ? WHERE TASK_NAME = ? AND OWNER = ?",
                owner,
                taskName,
                before.get())
            == 1;
  }

  DmsException takenOver() {
    return new DmsException(
        ErrorCode.TAKEN_OVER,
        "Another run of task "
            + taskName
            + " has taken over its row of "
            + table
            + " at "
            + session.settings().where()
            + ", so this run applies nothing more. If two services run the same task, stop one of them.");
  }

  /**
   * Ends a session of the task that still hangs in the server, by a named lock that each holds
   * until its end. It could not commit any more, but would keep its rows locked until the server
   * notices that nobody is there.
   */
  private void endPredecessor(String database) {
    String lock =
        "wherry-"
            + UUID.nameUUIDFromBytes((database + '/' + taskName).getBytes(StandardCharsets.UTF_8));
    try {
      if (locked(lock, ENDING_SECONDS)) {
        return;
      }
      Optional<Long> holder =
          session.queryOne("SELECT IS_USED_LOCK(?)", row -> row.getLong(1), lock);
      if (holder.isPresent() && holder.get() > 0) {
        log.warn(
            "Task {}: ending connection {} at {}, which an earlier run has left behind",
            taskName,
            holder.get(),
            session.settings().where());
        session.execute("KILL " + holder.get());
      }
      if (!locked(lock, TAKE_OVER_SECONDS)) {
        log.warn("Task {}: connection {} does not end; going on without", taskName, holder);
      }
    } catch (SQLException e) {
      // The row's owner decides who commits; without the lock it may only take longer.
      log.debug("Task {}: no named lock: {}", taskName, e.getMessage());
    }
  }

  private boolean locked(String lock, int seconds) throws SQLException {
    return session
        .queryOne("SELECT GET_LOCK(?, ?)", row -> row.getInt(1) == 1, lock, seconds)
        .orElse(false);
  }

  Optional<Checkpoint> checkpoint() throws SQLException {
    return session.queryOne(
        "SELECT POSITION, COMMITTED_AT, POSITION_AHEAD, TABLES_BEHIND, TABLES_SUSPENDED, LOG_IDENTITY, TABLE_NOTES,"
            + " TABLE_PARTITIONS FROM "
            + table
            + " WHERE TASK_NAME = ? AND POSITION IS NOT NULL",
        row ->
            new Checkpoint(
                row.getString(1),
                LocalDateTime.parse(row.getString(2), DATETIME).toInstant(ZoneOffset.UTC),
                row.getString(3),
                tables(row.getString(4)),
                tables(row.getString(5)),
                row.getString(6),
                row.getString(7),
                row.getString(8)),
        taskName);
  }

  /**
   * Writes the checkpoint in the transaction.
   *
   * @return whether the row is still ours; else the transaction must not commit
   */
  boolean write(Checkpoint checkpoint) throws SQLException {
    return session.update(
            "UPDATE "
                + table
                + " SET CHECKPOINT=?, POSITION=?, COMMITTED_AT=?, POSITION_AHEAD=?, TABLES_BEHIND=?,"
                + " TABLES_SUSPENDED=?, LOG_IDENTITY=?, TABLE_NOTES=?, TABLE_PARTITIONS=?"
                + " WHERE TASK_NAME=? AND OWNER=?",
            checkpoint.text(),
            checkpoint.position(),
            text(checkpoint.committedAt()),
            checkpoint.ahead(),
            text(checkpoint.behind()),
            text(checkpoint.suspended()),
            checkpoint.identity(),
            checkpoint.notes(),
            checkpoint.partitions(),
            taskName,
            owner)
        == 1;
  }

  void forget() throws SQLException {
    session.update("DELETE FROM " + table + " WHERE TASK_NAME=?", taskName);
  }

  /** For DATETIME(6), in UTC. */
  static String text(Instant instant) {
    return DATETIME.format(instant);
  }

  /** {@code schema/name} of each, both parts URL-encoded, separated by blanks. */
  private static String text(List<TableId> tables) {
    return tables.stream()
        .map(id -> encoded(id.schema()) + '/' + encoded(id.name()))
        .collect(Collectors.joining(" "));
  }

  private static List<TableId> tables(String text) {
    return Stream.of(text.split(" ", -1))
        .filter(part -> !part.isEmpty())
        .map(part -> {
          int slash = part.indexOf('/');
          return new TableId(decoded(part.substring(0, slash)), decoded(part.substring(slash + 1)));
        })
        .toList();
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
