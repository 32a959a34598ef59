package wherry.postgresql;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import wherry.connector.Target.ControlTable;

/**
 * Definitions of the control tables of a task that applies changes ("Control table task settings"
 * in the AWS DMS user guide).
 */
final class ApplyTables {
  static final String STATE = "awsdms_txn_state";
  static final String EXCEPTIONS = "awsdms_apply_exceptions";
  static final String STATUS = "awsdms_status";
  static final String SUSPENDED = "awsdms_suspended_tables";
  static final String HISTORY = "awsdms_history";

  private ApplyTables() {}

  /** Statements by the name of the table that each creates. */
  static Map<String, String> definitions(String controlSchema, Set<ControlTable> wanted) {
    Map<String, String> definitions = new LinkedHashMap<>();
    definitions.put(STATE, create(controlSchema, STATE, STATE_COLUMNS));
    definitions.put(EXCEPTIONS, create(controlSchema, EXCEPTIONS, EXCEPTION_COLUMNS));
    if (wanted.contains(ControlTable.STATUS)) {
      definitions.put(STATUS, create(controlSchema, STATUS, STATUS_COLUMNS));
    }
    if (wanted.contains(ControlTable.SUSPENDED_TABLES)) {
      definitions.put(SUSPENDED, create(controlSchema, SUSPENDED, SUSPENDED_COLUMNS));
    }
    if (wanted.contains(ControlTable.HISTORY)) {
      definitions.put(HISTORY, create(controlSchema, HISTORY, HISTORY_COLUMNS));
    }
    return definitions;
  }

  private static String create(String controlSchema, String name, String columns) {
    return "CREATE TABLE IF NOT EXISTS %s (%s)"
        .formatted(ControlTables.table(controlSchema, name), columns);
  }

  /** RUN is the session that may write the row; CHECKPOINT is for people and CdcStartPosition. */
  private static final String STATE_COLUMNS =
      """
      "TASK_NAME" varchar(128) PRIMARY KEY,
      "RUN" text NOT NULL,
      "CHECKPOINT" text,
      "SOURCE_POSITION" text,
      "SOURCE_COMMITTED_AT" timestamp,
      "AHEAD_POSITION" text,
      "BEHIND_OWNERS" text[],
      "BEHIND_TABLES" text[],
      "SUSPENDED_OWNERS" text[],
      "SUSPENDED_TABLES" text[],
      "SOURCE_IDENTITY" text,
      "TABLE_NOTES" text,
      "TABLE_PARTITIONS" text
      """;

  private static final String EXCEPTION_COLUMNS =
      """
      "TASK_NAME" varchar(128) NOT NULL,
      "TABLE_OWNER" varchar(128) NOT NULL,
      "TABLE_NAME" varchar(128) NOT NULL,
      "ERROR_TIME" timestamp NOT NULL,
      "STATEMENT" text NOT NULL,
      "ERROR" text NOT NULL
      """;

  private static final String STATUS_COLUMNS =
      """
      "SERVER_NAME" varchar NOT NULL,
      "TASK_NAME" varchar(128) NOT NULL,
      "TASK_STATUS" varchar NOT NULL,
      "STATUS_TIME" timestamp NOT NULL,
      "PENDING_CHANGES" bigint NOT NULL,
      "DISK_SWAP_SIZE" bigint NOT NULL,
      "TASK_MEMORY" bigint NOT NULL,
      "SOURCE_CURRENT_POSITION" varchar NOT NULL,
      "SOURCE_CURRENT_TIMESTAMP" timestamp,
      "SOURCE_TAIL_POSITION" varchar NOT NULL,
      "SOURCE_TAIL_TIMESTAMP" timestamp,
      "SOURCE_TIMESTAMP_APPLIED" timestamp
      """;

  private static final String SUSPENDED_COLUMNS =
      """
      "SERVER_NAME" varchar NOT NULL,
      "TASK_NAME" varchar(128) NOT NULL,
      "TABLE_OWNER" varchar(128) NOT NULL,
      "TABLE_NAME" varchar(128) NOT NULL,
      "SUSPEND_REASON" varchar NOT NULL,
      "SUSPEND_TIMESTAMP" timestamp NOT NULL
      """;

  private static final String HISTORY_COLUMNS =
      """
      "SERVER_NAME" varchar NOT NULL,
      "TASK_NAME" varchar(128) NOT NULL,
      "TIMESLOT_TYPE" varchar NOT NULL,
      "TIMESLOT" timestamp NOT NULL,
      "TIMESLOT_DURATION" int NOT NULL,
      "TIMESLOT_LATENCY" int,
      "RECORDS" bigint NOT NULL,
      "TIMESLOT_VOLUME" bigint NOT NULL
      """;
}
