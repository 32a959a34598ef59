package wherry.server.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.databasemigration.model.Tag;
import wherry.server.wire.Fault;

/** What a tag may be. */
final class TagRules {
  /** On one resource ("Tagging resources in AWS DMS"). */
  static final int MOST = 10;

  private static final Pattern CHARACTERS = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

  private TagRules() {}

  /**
   * The tags by key, checked; the last of a repeated key counts.
   *
   * @throws Fault InvalidParameterValueException
   */
  static Map<String, String> checked(List<Tag> tags) {
    Map<String, String> checked = new LinkedHashMap<>();
    for (Tag tag : tags) {
      String key = Objects.requireNonNullElse(tag.key(), "");
      String value = Objects.requireNonNullElse(tag.value(), "");
      check(key, value);
      checked.put(key, value);
    }
    requireRoom(checked);
    return checked;
  }

  /**
   * @throws Fault InvalidParameterValueException when a resource would have too many
   */
  static void requireRoom(Map<String, String> tags) {
    if (tags.size() > MOST) {
      throw Fault.invalidParameterValue(
          "A resource can have at most " + MOST + " tags; it would have " + tags.size() + ".");
    }
  }

  private static void check(String key, String value) {
    if (key.isEmpty() || key.length() > 128 || value.length() > 256) {
      throw Fault.invalidParameterValue(
          "The tag key \""
              + key
              + "\" or its value is not valid: keys have 1 to 128 characters, values 0 to 256.");
    }
    if (!CHARACTERS.matcher(key).matches() || !CHARACTERS.matcher(value).matches()) {
      throw Fault.invalidParameterValue(
          "The tag \""
              + key
              + "\" is not valid: keys and values have letters, digits, spaces and _ . : / = + - @"
              + " only.");
    }
    String lower = key.toLowerCase(Locale.ROOT);
    if (lower.startsWith("aws:") || lower.startsWith("dms:")) {
      throw Fault.invalidParameterValue(
          "The tag key \"" + key + "\" is not valid: the prefixes aws: and dms: are reserved.");
    }
  }
}
