package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/**
 * Whether a server's binary log can be read, and what mends it ("Using a MySQL-compatible database
 * as a source for AWS DMS", with the settings that it asks for).
 */
final class BinlogChecks {
  private static final Logger log = LoggerFactory.getLogger(BinlogChecks.class);
  private static final long A_DAY_SECONDS = 86400;

  /** What makes the log hold documents that change as a whole. */
  static final String WHOLE_DOCUMENTS =
      "Run: SET GLOBAL binlog_row_value_options = ''; and let applications connect anew.";

  private static final List<String> VARIABLES =
      List.of(
          "log_bin",
          "binlog_format",
          "binlog_row_image",
          "binlog_row_value_options",
          "binlog_expire_logs_seconds",
          "expire_logs_days",
          "server_id",
          "server_uuid",
          "server_uid",
          "gtid_domain_id",
          "gtid_mode",
          "log_slave_updates",
          "log_replica_updates");

  private final MySqlSettings settings;
  private final MySqlServer server;
  private final MySqlGrants grants;
  private final Map<String, String> variables;

  private BinlogChecks(
      MySqlSettings settings,
      MySqlServer server,
      MySqlGrants grants,
      Map<String, String> variables) {
    this.settings = settings;
    this.server = server;
    this.grants = grants;
    this.variables = variables;
  }

  static BinlogChecks of(MySqlSession session) throws SQLException {
    return new BinlogChecks(
        session.settings(),
        session.server(),
        MySqlGrants.of(session),
        BinlogStatus.variables(session, VARIABLES));
  }

  static DmsException withoutLog(MySqlSettings settings) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        "The source "
            + settings.where()
            + " keeps no binary log. Restart it with log_bin=binlog, binlog_format=ROW and"
            + " server_id=1 in its configuration (Amazon RDS: turn on automatic backups).");
  }

  /** Everything that is in the way, told at once. */
  void refuseWhatCannotBeRead() {
    if (!is("log_bin", "ON")) {
      throw withoutLog(settings);
    }
    grants.needEverywhere(
        List.of("REPLICATION SLAVE", server.mariaDb() ? "BINLOG MONITOR" : "REPLICATION CLIENT"));
    List<String> complaints = new ArrayList<>();
    if (variables.containsKey("binlog_format") && !is("binlog_format", "ROW")) {
      complaints.add(
          "binlog_format is "
              + value("binlog_format")
              + ", so the log has statements and not rows; run SET GLOBAL binlog_format = 'ROW';"
              + " and let applications connect anew, since a session keeps the format that it"
              + " began with");
    }
    if (is("server_id", "0")) {
      complaints.add(
          "server_id is 0, with which a server serves no replica; run SET GLOBAL server_id = 1;");
    }
    if (!complaints.isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "Changes cannot be read from the binary log of "
              + settings.where()
              + ": "
              + String.join(". Also, ", complaints)
              + ".");
    }
    warnOfRetention();
  }

  private void warnOfRetention() {
    long seconds = number("binlog_expire_logs_seconds");
    long days = number("expire_logs_days");
    long kept = seconds > 0 ? seconds : days * A_DAY_SECONDS;
    if (kept > 0 && kept < A_DAY_SECONDS) {
      log.warn(
          "The source {} keeps its binary log for {} s only; a task that stands still for longer"
              + " has to load again. Run: SET GLOBAL binlog_expire_logs_seconds = {};",
          settings.where(),
          kept,
          A_DAY_SECONDS);
    }
  }

  /**
   * What tells this log from another: MySQL's server UUID. MariaDB has none; its server_id and
   * domain are the least that differs between two servers that know each other, and the positions'
   * GTIDs tell the rest.
   */
  String identity() {
    return server.mariaDb()
        ? "mariadb:" + value("server_id") + ":" + value("gtid_domain_id")
        : value("server_uuid");
  }

  /**
   * @param identity as an earlier start gave it; empty for none
   */
  void refuseAnother(String identity) {
    if (!identity.isEmpty() && !identity.equals(identity())) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED,
          "The source "
              + settings.where()
              + " is another server ("
              + identity()
              + ") than the one whose binary log the task has read so far ("
              + identity
              + "): positions of one mean nothing in the other. Point the endpoint to the former"
              + " server; or, when this one is its replica and has taken over, start a task of"
              + " type cdc here with CdcStartPosition = the task's RecoveryCheckpoint, whose GTIDs"
              + " tell the place; or start the task again with reload-target.");
    }
  }

  /** Whether all transactions get names: what lies between two of them would be passed over. */
  boolean hasGtids() {
    return server.mariaDb() || is("gtid_mode", "ON");
  }

  /** Whether images of rows have all columns. */
  boolean hasWholeRows() {
    return is("binlog_row_image", "FULL");
  }

  /** Tables of whose changes the log does not tell all, each with what mends it. */
  List<DmsException> refused(Collection<TableSchema> tables) {
    List<DmsException> refused = new ArrayList<>();
    for (TableSchema table : tables) {
      if (table.kind() == TableSchema.Kind.TABLE) {
        objection(table)
            .map(why -> new DmsException(ErrorCode.SOURCE_TABLE_FAILED, table.id(), why, null))
            .ifPresent(refused::add);
      }
    }
    return refused;
  }

  private Optional<String> objection(TableSchema table) {
    if (table.key().isEmpty() && !hasWholeRows()) {
      return Optional.of(
          "The table "
              + table.id()
              + " has neither a primary key nor a unique one without NULLs, and"
              + " binlog_row_image is "
              + value("binlog_row_image")
              + ", so the log does not tell its rows apart. Run: SET GLOBAL binlog_row_image"
              + " = 'FULL'; and let applications connect anew, or give it a primary key.");
    }
    boolean documents =
        table.columns().stream().anyMatch(column -> column.meaning() == Meaning.JSONB);
    if (documents && value("binlog_row_value_options").contains("PARTIAL_JSON")) {
      return Optional.of(
          "The table "
              + table.id()
              + " has JSON columns, and binlog_row_value_options is PARTIAL_JSON, so the log has"
              + " pieces of documents. "
              + WHOLE_DOCUMENTS);
    }
    return Optional.empty();
  }

  private String value(String name) {
    return variables.getOrDefault(name, "");
  }

  private boolean is(String name, String wanted) {
    return value(name).toUpperCase(Locale.ROOT).equals(wanted);
  }

  private long number(String name) {
    String value = value(name);
    return value.isEmpty() ? 0 : (long) Double.parseDouble(value);
  }
}
