package wherry.chaos;

import wherry.sandbox.Availability;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/** The engines, and what differs between them for the workload. */
enum Dialect {
  POSTGRES,
  MYSQL,
  MARIADB;

  /** The EngineName of the AWS DMS API. */
  String engineName() {
    return switch (this) {
      case POSTGRES -> "postgres";
      case MYSQL -> "mysql";
      case MARIADB -> "mariadb";
    };
  }

  Availability available() {
    return this == MYSQL ? MySqlServer.available() : new Availability(true, "");
  }

  /**
   * Starts a server that waits for locks no longer than a second and needs little disk.
   *
   * @param options where its data is
   */
  DatabaseServer start(ServerOptions options) {
    return switch (this) {
      case POSTGRES ->
          PostgresServer.start(
              options
                  .with("lock_timeout", "1s")
                  .with("deadlock_timeout", "100ms")
                  .with("min_wal_size", "32MB")
                  .with("max_wal_size", "128MB"));
      case MYSQL ->
          MySqlServer.start(
              options
                  .with("innodb_lock_wait_timeout", "1")
                  .with("innodb_redo_log_capacity", "64M"));
      case MARIADB ->
          MariaDbServer.start(
              options.with("innodb_lock_wait_timeout", "1").with("innodb_log_file_size", "64M"));
    };
  }

  /** Text of any length. */
  String textType() {
    return this == POSTGRES ? "text" : "mediumtext";
  }

  /** Changes or deletes one of several rows that are alike. */
  String oneOf(String statement, String table, String condition) {
    return this == POSTGRES
        ? "%s WHERE ctid = (SELECT ctid FROM %s WHERE %s LIMIT 1)"
            .formatted(statement, table, condition)
        : "%s WHERE %s LIMIT 1".formatted(statement, condition);
  }
}
