package wherry.task;

import java.time.Instant;

/** Where the capture of a task's changes begins when it starts from the beginning. */
public sealed interface CdcStart {
  /** At the end of the source's log at that moment. */
  record FromNow() implements CdcStart {}

  /** With the first transaction that was committed at or after this time. */
  record FromTime(Instant time) implements CdcStart {}

  /**
   * At a place in the log.
   *
   * @param text as given: the engine's notation, or a {@code checkpoint:V1#…} that holds it
   */
  record FromPosition(String text) implements CdcStart {
    private static final String CHECKPOINT = "checkpoint:";
    private static final int NATIVE_FIELD = 2;

    /**
     * The place in the engine's notation. Of a checkpoint, AWS's too, it is the third field: {@code
     * checkpoint:V1#1#000004AF/B00000D0#0#0#*#0#0}.
     */
    public String nativeText() {
      return text.startsWith(CHECKPOINT) ? text.split("#", -1)[NATIVE_FIELD] : text;
    }
  }

  /**
   * Reads the API's CdcStartPosition.
   *
   * @param text empty for a start from now on; a date such as {@code 2018-03-08T12:12:12} is UTC
   * @throws IllegalArgumentException telling what is expected
   */
  static CdcStart of(String text) {
    String given = text.strip();
    if (given.isEmpty()) {
      return new FromNow();
    }
    if (UtcTime.isMeant(given)) {
      return new FromTime(UtcTime.parse("CdcStartPosition", given));
    }
    if (given.startsWith(FromPosition.CHECKPOINT)
        && !given.matches("checkpoint:V\\d+#[^#]*#[^#]+(#.*)?")) {
      throw new IllegalArgumentException(
          "CdcStartPosition "
              + given
              + " is no checkpoint: checkpoint:V1#<number>#<position>#… is expected, as"
              + " RecoveryCheckpoint of a task has it.");
    }
    return new FromPosition(given);
  }
}
