package wherry.server.elasticache;

import java.util.Locale;
import java.util.regex.Pattern;

/** The rules for names that users choose; each method returns the name as it is stored. */
final class CacheNames {
  private static final Pattern NAME = Pattern.compile("[A-Za-z](?:-?[A-Za-z0-9])*");
  private static final Pattern WINDOW =
      Pattern.compile(
          "(mon|tue|wed|thu|fri|sat|sun):([01]\\d|2[0-3]):[0-5]\\d-(?:mon|tue|wed|thu|fri|sat|sun):(?:[01]\\d|2[0-3]):[0-5]\\d");
  private static final Pattern DAILY =
      Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d");

  private CacheNames() {}

  static String group(String id) {
    return check("ReplicationGroupId", id, 40);
  }

  static String parameterGroup(String name) {
    return check("CacheParameterGroupName", name, 255);
  }

  static String subnetGroup(String name) {
    return check("CacheSubnetGroupName", name, 255);
  }

  private static String check(String parameter, String name, int most) {
    if (name.length() > most || !NAME.matcher(name).matches()) {
      throw CacheFaults.invalidValue(
          "The parameter "
              + parameter
              + " is not a valid identifier. Identifiers must begin with a letter; must contain only"
              + " ASCII letters, digits, and hyphens; must not end with a hyphen or contain two"
              + " consecutive hyphens; and have at most "
              + most
              + " characters.");
    }
    return name.toLowerCase(Locale.ROOT);
  }

  static String maintenanceWindow(String window) {
    String lower = window.toLowerCase(Locale.ROOT);
    if (!WINDOW.matcher(lower).matches()) {
      throw CacheFaults.invalidValue(
          "PreferredMaintenanceWindow must have the form ddd:hh:mm-ddd:hh:mm, such as"
              + " sun:05:00-sun:06:00.");
    }
    return lower;
  }

  static String snapshotWindow(String window) {
    if (!DAILY.matcher(window).matches()) {
      throw CacheFaults.invalidValue(
          "SnapshotWindow must have the form hh:mm-hh:mm, such as 05:00-06:00.");
    }
    return window;
  }

  /** AuthToken's rule, "Authenticating users with the AUTH command", ElastiCache user guide. */
  static String authToken(String token) {
    boolean plain =
        token.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/' && c != '"' && c != '@');
    if (token.length() < 16 || token.length() > 128 || !plain) {
      throw CacheFaults.invalidValue(
          "Invalid AuthToken provided: it must have 16 to 128 printable characters, without '/',"
              + " '\"', '@' and spaces.");
    }
    return token;
  }
}
