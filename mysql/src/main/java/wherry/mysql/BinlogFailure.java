package wherry.mysql;

import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** Says what a failure of reading the binary log means. */
final class BinlogFailure {
  /** ER_MASTER_FATAL_ERROR_READING_BINLOG: one code for many reasons, told apart by their words. */
  private static final int FATAL_WHILE_READING = 1236;

  private BinlogFailure() {}

  static DmsException of(MySqlSettings settings, BinlogPosition at, SQLException failure) {
    if (failure.getErrorCode() != FATAL_WHILE_READING) {
      return MySqlFailure.of(settings, "reading the binary log from " + at.text(), failure);
    }
    String said = String.valueOf(failure.getMessage());
    String words = said.toLowerCase(Locale.ROOT);
    if (words.contains("could not find") || words.contains("purged")) {
      return lost(settings, at, MySqlFailure.said(failure), failure);
    }
    if (words.contains("impossible position") || words.contains("> file size")) {
      return tooShort(settings, at, MySqlFailure.said(failure), failure);
    }
    if (words.contains("same server_uuid") || words.contains("same server_id")) {
      return new DmsException(
          ErrorCode.CONNECTION_FAILED,
          "Another reader of the task has taken over the binary log of "
              + settings.where()
              + ". ("
              + MySqlFailure.said(failure)
              + ")",
          failure);
    }
    return noEvent(settings, at, MySqlFailure.said(failure), failure);
  }

  static DmsException noEvent(
      MySqlSettings settings, BinlogPosition at, String said, Throwable cause) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        "The binary log of "
            + settings.where()
            + " cannot be read from "
            + at.text()
            + ": probably no event begins there. Give a position that SHOW BINLOG EVENTS lists, at"
            + " the start of a transaction. ("
            + said
            + ")",
        cause);
  }

  static DmsException tooShort(
      MySqlSettings settings, BinlogPosition at, String said, @Nullable Throwable cause) {
    return new DmsException(
        ErrorCode.LOG_CHANGED,
        "The binary log of "
            + settings.where()
            + " ends before "
            + at.text()
            + ", where the task has to read on: the log was reset (RESET MASTER), lost its end in"
            + " a crash (sync_binlog=0), or this is another server. Start the task again with"
            + " reload-target. ("
            + said
            + ")",
        cause);
  }

  static DmsException lost(
      MySqlSettings settings, BinlogPosition at, String said, @Nullable Throwable cause) {
    return new DmsException(
        ErrorCode.LOG_LOST,
        "The source "
            + settings.where()
            + " no longer has "
            + at.file()
            + ", in which the task has to read on at "
            + at.text()
            + ": the file was purged. Start the task again with reload-target, and keep the log"
            + " longer: raise binlog_expire_logs_seconds (MariaDB also: expire_logs_days; Amazon"
            + " RDS: CALL mysql.rds_set_configuration('binlog retention hours', 24)). ("
            + said
            + ")",
        cause);
  }
}
