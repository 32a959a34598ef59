package wherry.error;

/**
 * Stable codes of failures. A code never changes its meaning; {@link Kind} decides whether trying
 * again can help.
 */
public enum ErrorCode {
  /** The server cannot be reached or has hung up. */
  CONNECTION_FAILED(Kind.RECOVERABLE),
  /** The server refused the user or password. */
  LOGIN_FAILED(Kind.FATAL),
  /** TLS was asked for and could not be established or verified. */
  TLS_FAILED(Kind.FATAL),
  /** The database named by the endpoint does not exist. */
  DATABASE_MISSING(Kind.FATAL),
  /** The user lacks a right. */
  PRIVILEGE_MISSING(Kind.FATAL),
  /** A setting of the endpoint or task cannot be used. */
  SETTING_INVALID(Kind.FATAL),
  /** No table matches the selection rules. */
  NO_TABLES(Kind.FATAL),
  /** A deadlock, a lock wait or a statement timeout. */
  BUSY(Kind.RECOVERABLE),
  /** The server is out of disk, memory or another resource. */
  RESOURCES_EXHAUSTED(Kind.RECOVERABLE),
  /** A table cannot be read: it or a column is gone, or its definition cannot be understood. */
  SOURCE_TABLE_FAILED(Kind.TABLE),
  /** A table cannot be prepared, keyed or written on the target. */
  TARGET_TABLE_FAILED(Kind.TABLE),
  /**
   * The target refused rows of an encoded stream; the same rows have to go cell by cell to find
   * which.
   */
  ROWS_REFUSED(Kind.TABLE),
  /** A rejected row and a policy of SUSPEND_TABLE. */
  TABLE_SUSPENDED(Kind.TABLE),
  /** A rejected row and a policy of STOP_TASK. */
  TASK_STOPPED_BY_POLICY(Kind.FATAL),
  /**
   * The source's log no longer holds what is to be read next: a slot dropped or invalidated, a
   * binlog purged.
   */
  LOG_LOST(Kind.FATAL),
  /** The source is another server, or its log another one, than the task has read so far. */
  LOG_CHANGED(Kind.FATAL),
  /** Another run of the task applies its changes now; this one must not. */
  TAKEN_OVER(Kind.FATAL),
  /** A server refuses a command that the work cannot do without. */
  COMMAND_REFUSED(Kind.FATAL),
  /** Something is to be completed before everything has arrived. */
  NOT_IN_SYNC(Kind.RECOVERABLE),
  /** Rows read differ from rows loaded + filtered + rejected. */
  BOOKS_DO_NOT_BALANCE(Kind.FATAL),
  /** A defect in Wherry. */
  INTERNAL(Kind.FATAL);

  /** What a failure means for the task. */
  public enum Kind {
    /** Environment: the same attempt may succeed later. */
    RECOVERABLE,
    /** One table cannot go on; TableErrorPolicy decides. */
    TABLE,
    /** The task cannot go on. */
    FATAL
  }

  private final Kind kind;

  ErrorCode(Kind kind) {
    this.kind = kind;
  }

  /** What a run does about it. */
  public Kind kind() {
    return kind;
  }
}
