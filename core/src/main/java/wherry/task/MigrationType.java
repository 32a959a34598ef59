package wherry.task;

import java.util.Arrays;

/** What a task does, in the words of the API's MigrationType. */
public enum MigrationType {
  FULL_LOAD("full-load"),
  FULL_LOAD_AND_CDC("full-load-and-cdc"),
  CDC("cdc");

  private final String wire;

  MigrationType(String wire) {
    this.wire = wire;
  }

  /**
   * @throws IllegalArgumentException for a word that the API does not have
   */
  public static MigrationType ofWire(String wire) {
    return Arrays.stream(values())
        .filter(type -> type.wire.equals(wire))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "MigrationType must be full-load, full-load-and-cdc or cdc, not " + wire + "."));
  }

  public String wire() {
    return wire;
  }

  /** Whether the rows that are there are loaded. */
  public boolean loads() {
    return this != CDC;
  }

  /** Whether changes are captured and applied. */
  public boolean capturesChanges() {
    return this != FULL_LOAD;
  }
}
