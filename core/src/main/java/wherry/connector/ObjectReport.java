package wherry.connector;

import java.util.Locale;

/**
 * What became of one object.
 *
 * @param kind in the engine's words, lower case: {@code table}, {@code materialized view}, {@code
 *     foreign key} …
 * @param name with its schema where it has one, and its table's name where it hangs on one; not
 *     quoted
 * @param reason of LEFT: what the server said or why it was not tried, and what to do; else empty
 *     or a remark
 */
public record ObjectReport(String kind, String name, Outcome outcome, String reason) {
  /** What became of it. */
  public enum Outcome {
    /** It will be carried; of a survey only. */
    PLANNED,
    /** It is on the target now as the source has it. */
    CARRIED,
    /** The target had an object of its name already, which was kept. */
    PRESENT,
    /** It is not on the target. */
    LEFT
  }

  /** Of a survey: it will be carried. */
  public static ObjectReport planned(String kind, String name) {
    return new ObjectReport(kind, name, Outcome.PLANNED, "");
  }

  /** It is on the target now as the source has it. */
  public static ObjectReport carried(String kind, String name) {
    return new ObjectReport(kind, name, Outcome.CARRIED, "");
  }

  /** The target's own of that name was kept. */
  public static ObjectReport present(String kind, String name) {
    return new ObjectReport(kind, name, Outcome.PRESENT, "");
  }

  /**
   * It is not on the target.
   *
   * @param reason with the next step
   */
  public static ObjectReport left(String kind, String name, String reason) {
    return new ObjectReport(kind, name, Outcome.LEFT, reason);
  }

  /** {@code view public.totals: left, because …}, for logs. */
  @Override
  public String toString() {
    String what = kind + " " + name + ": " + outcome.name().toLowerCase(Locale.ROOT);
    return reason.isEmpty() ? what : what + ", " + reason;
  }
}
