package wherry.task;

/** The states of a table in a task, in the exact words of DescribeTableStatistics. */
public enum TableState {
  DOES_NOT_EXIST("Table does not exist"),
  BEFORE_LOAD("Before load"),
  FULL_LOAD("Full load"),
  COMPLETED("Table completed"),
  CANCELLED("Table cancelled"),
  ERROR("Table error"),
  BEING_RELOADED("Table is being reloaded");

  private final String wire;

  TableState(String wire) {
    this.wire = wire;
  }

  public String wire() {
    return wire;
  }

  /** Whether the load has nothing more to do for the table. */
  public boolean isOver() {
    return switch (this) {
      case COMPLETED, ERROR, DOES_NOT_EXIST, CANCELLED -> true;
      case BEFORE_LOAD, FULL_LOAD, BEING_RELOADED -> false;
    };
  }
}
