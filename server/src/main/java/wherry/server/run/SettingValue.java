package wherry.server.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import wherry.connector.EndpointSetting;

/**
 * A setting's value in the one spelling that the API returns, from whatever spelling it was given
 * in.
 */
public final class SettingValue {
  private static final List<String> TRUE = List.of("true", "y", "yes", "1");
  private static final List<String> FALSE = List.of("false", "n", "no", "0");

  private SettingValue() {}

  /** The declared setting of this name, compared without case. */
  public static Optional<EndpointSetting> declared(List<EndpointSetting> settings, String name) {
    return settings.stream().filter(setting -> setting.name().equalsIgnoreCase(name)).findFirst();
  }

  /**
   * The value as wire JSON: a number, a boolean or text; enum values regardless of case and of
   * {@code _} for {@code -}.
   *
   * @throws IllegalArgumentException when it is none of the setting's; the message names the
   *     setting and never a secret
   */
  public static JsonNode canonical(EndpointSetting setting, String text) {
    String given = text.strip();
    return switch (setting.type()) {
      case "boolean" -> flag(setting, given);
      case "integer" -> number(setting, given);
      case "enum" -> choice(setting, given);
      default -> JsonNodeFactory.instance.stringNode(text);
    };
  }

  private static JsonNode flag(EndpointSetting setting, String given) {
    String lower = given.toLowerCase(Locale.ROOT);
    if (!TRUE.contains(lower) && !FALSE.contains(lower)) {
      throw wrong(setting, given, "true or false");
    }
    return JsonNodeFactory.instance.booleanNode(TRUE.contains(lower));
  }

  private static JsonNode number(EndpointSetting setting, String given) {
    String range = "a whole number from " + setting.intValueMin() + " to " + setting.intValueMax();
    int value;
    try {
      value = Integer.parseInt(given);
    } catch (NumberFormatException e) {
      throw wrong(setting, given, range);
    }
    if (value < setting.intValueMin() || value > setting.intValueMax()) {
      throw wrong(setting, given, range);
    }
    return JsonNodeFactory.instance.numberNode(value);
  }

  private static JsonNode choice(EndpointSetting setting, String given) {
    return setting.enumValues().stream()
        .filter(value -> spelling(value).equals(spelling(given)))
        .findFirst()
        .map(JsonNodeFactory.instance::stringNode)
        .orElseThrow(
            () -> wrong(setting, given, "one of " + String.join(", ", setting.enumValues())));
  }

  private static String spelling(String value) {
    return value.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static IllegalArgumentException wrong(
      EndpointSetting setting, String given, String expected) {
    String shown = setting.sensitive() ? "" : " \"" + given + "\"";
    return new IllegalArgumentException(setting.name() + shown + " must be " + expected);
  }
}
