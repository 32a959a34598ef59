package wherry.sandbox;

/**
 * Whether a server can run on this machine.
 *
 * @param usable true when it can
 * @param reason why not, and what to install; empty when it can
 */
public record Availability(boolean usable, String reason) {
  static Availability yes() {
    return new Availability(true, "");
  }

  static Availability no(String reason) {
    return new Availability(false, reason);
  }
}
