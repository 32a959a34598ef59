package wherry.server.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import wherry.server.wire.Fault;

/** The categories of events by the type of their source. */
final class EventCategories {
  private static final Map<String, List<String>> BY_SOURCE_TYPE =
      new TreeMap<>(
          Map.of(
              EventLog.INSTANCE,
              List.of(
                  "configuration change",
                  "creation",
                  "deletion",
                  "failover",
                  "failure",
                  "low storage",
                  "maintenance"),
              EventLog.TASK,
              List.of("configuration change", "creation", "deletion", "failure", "state change"),
              EventLog.DATA_MIGRATION,
              List.of("deletion", "failure", "state change")));

  private EventCategories() {}

  /**
   * @throws Fault InvalidParameterValueException
   */
  static void requireSourceType(@Nullable String type) {
    if (type != null && !BY_SOURCE_TYPE.containsKey(type)) {
      throw Fault.invalidParameterValue(
          "The SourceType \""
              + type
              + "\" is not valid: it is "
              + String.join(" or ", BY_SOURCE_TYPE.keySet())
              + ".");
    }
  }

  /** The types that are asked for: one, or all. */
  static List<String> sourceTypes(@Nullable String type) {
    requireSourceType(type);
    return type == null ? List.copyOf(BY_SOURCE_TYPE.keySet()) : List.of(type);
  }

  static List<String> of(String sourceType) {
    return BY_SOURCE_TYPE.getOrDefault(sourceType, List.of());
  }

  /**
   * As the API returns them, from any spelling: {@code LowStorage} is {@code low storage}.
   *
   * @throws Fault InvalidParameterValueException
   */
  static List<String> canonical(List<String> given) {
    return given.stream().map(EventCategories::canonical).distinct().toList();
  }

  private static String canonical(String given) {
    return BY_SOURCE_TYPE.values().stream()
        .flatMap(List::stream)
        .filter(category -> spelling(category).equals(spelling(given)))
        .findFirst()
        .orElseThrow(() ->
            Fault.invalidParameterValue(
                "The event category \""
                    + given
                    + "\" is not valid. DescribeEventCategories lists the"
                    + " categories."));
  }

  private static String spelling(String category) {
    return category.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
  }
}
