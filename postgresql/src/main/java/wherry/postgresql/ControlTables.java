package wherry.postgresql;

import wherry.schema.TableId;

/**
 * SQL of the tables that Wherry keeps in the target ("Control table task settings" in the AWS DMS
 * user guide).
 */
final class ControlTables {
  static final String LEDGER = "awsdms_load_ledger";
  static final String EXCEPTIONS = "awsdms_full_load_exceptions";
  private static final String DEFAULT_SCHEMA = "public";

  private ControlTables() {}

  static String schema(String controlSchema) {
    return controlSchema.isEmpty() ? DEFAULT_SCHEMA : controlSchema;
  }

  static String table(String controlSchema, String name) {
    return PostgresNames.quote(new TableId(schema(controlSchema), name));
  }

  /** TABLE_OWNER and TABLE_NAME are the source's; a predicate is as long as its boundaries. */
  static String createLedger(String controlSchema) {
    return """
    CREATE TABLE IF NOT EXISTS %s (
      "TASK_NAME" varchar(128) NOT NULL,
      "TABLE_OWNER" varchar(128) NOT NULL,
      "TABLE_NAME" varchar(128) NOT NULL,
      "SEGMENT" integer NOT NULL,
      "PARTITION_NAME" text NOT NULL,
      "PREDICATE" text NOT NULL,
      "LASTING" boolean NOT NULL,
      "KEY_DEFERRED" boolean NOT NULL,
      "ESTIMATED_ROWS" bigint NOT NULL,
      "DONE" boolean NOT NULL DEFAULT false,
      "ROWS_READ" bigint NOT NULL DEFAULT 0,
      "ROWS_FILTERED" bigint NOT NULL DEFAULT 0,
      "ROWS_LOADED" bigint NOT NULL DEFAULT 0,
      "ROWS_REJECTED" bigint NOT NULL DEFAULT 0,
      "VALUES_SHORTENED" bigint NOT NULL DEFAULT 0,
      "SNAPSHOT_CUT" text NOT NULL DEFAULT '',
      PRIMARY KEY ("TASK_NAME", "TABLE_OWNER", "TABLE_NAME", "SEGMENT"))
    """
        .formatted(table(controlSchema, LEDGER));
  }

  static String createExceptions(String controlSchema) {
    return """
    CREATE TABLE IF NOT EXISTS %s (
      "TASK_NAME" varchar(128) NOT NULL,
      "TABLE_OWNER" varchar(128) NOT NULL,
      "TABLE_NAME" varchar(128) NOT NULL,
      "ERROR_TIME" timestamp NOT NULL,
      "STATEMENT" text NOT NULL,
      "ERROR" text NOT NULL)
    """
        .formatted(table(controlSchema, EXCEPTIONS));
  }

  static String selectLedger(String controlSchema) {
    return """
    SELECT "TABLE_OWNER", "TABLE_NAME", "SEGMENT", "PARTITION_NAME", "PREDICATE", "LASTING", "KEY_DEFERRED", "ESTIMATED_ROWS", "DONE",
           "ROWS_READ", "ROWS_FILTERED", "ROWS_LOADED", "ROWS_REJECTED", "VALUES_SHORTENED",
           "SNAPSHOT_CUT"
      FROM %s WHERE "TASK_NAME" = ? ORDER BY "TABLE_OWNER", "TABLE_NAME", "SEGMENT"
    """
        .formatted(table(controlSchema, LEDGER));
  }

  static String insertSegment(String controlSchema) {
    return """
    INSERT INTO %s ("TASK_NAME", "TABLE_OWNER", "TABLE_NAME", "SEGMENT", "PARTITION_NAME", "PREDICATE", "LASTING", "ESTIMATED_ROWS",
           "KEY_DEFERRED")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
        .formatted(table(controlSchema, LEDGER));
  }

  static String markDone(String controlSchema) {
    return """
    UPDATE %s SET "DONE" = true, "ROWS_READ" = ?, "ROWS_FILTERED" = ?, "ROWS_LOADED" = ?, "ROWS_REJECTED" = ?,
           "VALUES_SHORTENED" = ?, "SNAPSHOT_CUT" = ?
     WHERE "TASK_NAME" = ? AND "TABLE_OWNER" = ? AND "TABLE_NAME" = ? AND "SEGMENT" = ? AND NOT "DONE"
    """
        .formatted(table(controlSchema, LEDGER));
  }

  static String keepRejection(String controlSchema) {
    return """
    INSERT INTO %s ("TASK_NAME", "TABLE_OWNER", "TABLE_NAME", "ERROR_TIME", "STATEMENT", "ERROR")
    VALUES (?, ?, ?, ?, ?, ?)
    """
        .formatted(table(controlSchema, EXCEPTIONS));
  }

  static String forgetSegments(String controlSchema) {
    return "DELETE FROM " + table(controlSchema, LEDGER) + " WHERE \"TASK_NAME\" = ?";
  }

  static String forgetRejections(String controlSchema) {
    return "DELETE FROM " + table(controlSchema, EXCEPTIONS) + " WHERE \"TASK_NAME\" = ?";
  }

  /** Narrows the two above to one table. */
  static String ofTable(String statement) {
    return statement + " AND \"TABLE_OWNER\" = ? AND \"TABLE_NAME\" = ?";
  }
}
