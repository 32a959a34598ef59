package wherry.server.elasticache;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list, in the order of its keys. The marker holds the last key shown.
 *
 * @param marker for the next page; null on the last one
 */
record CachePage<T>(List<T> items, @Nullable String marker) {
  private static final int LEAST = 20;
  private static final int MOST = 100;

  /**
   * @param maxRecords 20 to 100; null for 100
   * @throws wherry.server.wire.Fault InvalidParameterValue when maxRecords or marker are none
   */
  static <T> CachePage<T> of(
      List<T> all, Function<T, String> key, @Nullable Integer maxRecords, @Nullable String marker) {
    int size = maxRecords == null ? MOST : maxRecords;
    if (size < LEAST || size > MOST) {
      throw CacheFaults.invalidValue(
          "The value " + size + " of MaxRecords is not valid: it must be between 20 and 100.");
    }
    String after = marker == null || marker.isEmpty() ? "" : decode(marker);
    List<T> rest =
        all.stream()
            .filter(item -> after.isEmpty() || key.apply(item).compareTo(after) > 0)
            .sorted(Comparator.comparing(key))
            .toList();
    if (rest.size() <= size) {
      return new CachePage<>(rest, null);
    }
    List<T> shown = rest.subList(0, size);
    byte[] last = key.apply(shown.getLast()).getBytes(StandardCharsets.UTF_8);
    return new CachePage<>(shown, Base64.getUrlEncoder().withoutPadding().encodeToString(last));
  }

  private static String decode(String marker) {
    try {
      return new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw CacheFaults.invalidValue(
          "The Marker is not valid: give the one of the page before, unchanged.");
    }
  }
}
