package wherry.server.elasticache;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.elasticache.model.Tag;
import wherry.server.wire.Fault;

/** What a tag of ElastiCache may be. */
final class CacheTagRules {
  private static final int MOST = 50;

  private CacheTagRules() {}

  /**
   * The tags by key; the last of a repeated key counts.
   *
   * @throws Fault InvalidParameterValue, TagQuotaPerResourceExceeded
   */
  static Map<String, String> checked(List<Tag> tags) {
    Map<String, String> checked = new LinkedHashMap<>();
    for (Tag tag : tags) {
      String key = Objects.requireNonNullElse(tag.key(), "");
      String value = Objects.requireNonNullElse(tag.value(), "");
      if (key.isEmpty() || key.length() > 128 || value.length() > 256) {
        throw CacheFaults.invalidValue(
            "The tag key \""
                + key
                + "\" or its value is not valid: keys have 1 to 128 characters, values 0 to 256.");
      }
      if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
        throw CacheFaults.invalidValue(
            "The tag key \"" + key + "\" is not valid: the prefix aws: is reserved.");
      }
      checked.put(key, value);
    }
    requireRoom(checked);
    return checked;
  }

  static void requireRoom(Map<String, String> tags) {
    if (tags.size() > MOST) {
      throw Fault.of(
          "TagQuotaPerResourceExceeded",
          "A resource can have at most " + MOST + " tags; it would have " + tags.size() + ".");
    }
  }
}
