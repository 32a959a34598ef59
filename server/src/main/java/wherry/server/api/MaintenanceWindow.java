package wherry.server.api;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.server.wire.Fault;

/**
 * The weekly window {@code ddd:hh:mm-ddd:hh:mm} in UTC; kept for clients, as there is no hardware
 * to maintain.
 */
final class MaintenanceWindow {
  private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  private static final String TIME = "(mon|tue|wed|thu|fri|sat|sun):([01]\\d|2[0-3]):([0-5]\\d)";
  private static final Pattern FORM = Pattern.compile(TIME + "-" + TIME);
  private static final int DAY_MINUTES = 24 * 60;
  private static final int WEEK_MINUTES = 7 * DAY_MINUTES;
  private static final int LEAST_MINUTES = 30;

  private MaintenanceWindow() {}

  /**
   * @throws Fault InvalidParameterValueException when it is malformed or shorter than 30 minutes
   */
  static String checked(String window) {
    Matcher form = FORM.matcher(window);
    if (!form.matches()) {
      throw Fault.invalidParameterValue(
          "The PreferredMaintenanceWindow \""
              + window
              + "\" is not valid: the form is ddd:hh24:mi-ddd:hh24:mi in"
              + " UTC, for"
              + " example sun:06:00-sun:14:00.");
    }
    int length = Math.floorMod(minuteOfWeek(form, 4) - minuteOfWeek(form, 1), WEEK_MINUTES);
    if (length < LEAST_MINUTES) {
      throw Fault.invalidParameterValue(
          "The PreferredMaintenanceWindow \""
              + window
              + "\" is not valid: it must last at least 30 minutes.");
    }
    return window;
  }

  /** Half an hour somewhere in the week. */
  static String random() {
    int from = ThreadLocalRandom.current().nextInt(WEEK_MINUTES);
    return text(from) + "-" + text((from + LEAST_MINUTES) % WEEK_MINUTES);
  }

  private static int minuteOfWeek(Matcher form, int group) {
    return DAYS.indexOf(form.group(group)) * DAY_MINUTES
        + Integer.parseInt(form.group(group + 1)) * 60
        + Integer.parseInt(form.group(group + 2));
  }

  private static String text(int minuteOfWeek) {
    int minute = minuteOfWeek % DAY_MINUTES;
    return "%s:%02d:%02d".formatted(DAYS.get(minuteOfWeek / DAY_MINUTES), minute / 60, minute % 60);
  }
}
