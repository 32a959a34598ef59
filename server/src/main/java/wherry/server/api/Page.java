package wherry.server.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import wherry.server.wire.Fault;

/**
 * A part of a list. The marker holds the last key shown, not a position, so that it stays good when
 * others come or go.
 *
 * @param items in the order of their keys
 * @param marker for the next page; null on the last one
 */
record Page<T>(List<T> items, @Nullable String marker) {
  private static final int LEAST = 20;
  private static final int MOST = 100;

  /**
   * The page that a request asks for.
   *
   * @param key unique; also the order
   * @param maxRecords 20 to 100; null for 100
   * @param marker of the page before; null for the first
   * @throws Fault when maxRecords or marker are none
   */
  static <T> Page<T> of(
      List<T> all, Function<T, String> key, @Nullable Integer maxRecords, @Nullable String marker) {
    return of(all, key, maxRecords, marker, MOST);
  }

  /** As above where the API allows more: DescribeTableStatistics goes up to 500. */
  static <T> Page<T> of(
      List<T> all,
      Function<T, String> key,
      @Nullable Integer maxRecords,
      @Nullable String marker,
      int most) {
    int size = size(maxRecords, most);
    String after = marker == null ? "" : decode(marker);
    List<T> rest =
        all.stream()
            .filter(item -> after.isEmpty() || key.apply(item).compareTo(after) > 0)
            .sorted(Comparator.comparing(key))
            .toList();
    if (rest.size() <= size) {
      return new Page<>(rest, null);
    }
    List<T> shown = rest.subList(0, size);
    return new Page<>(shown, encode(key.apply(shown.getLast())));
  }

  private static int size(@Nullable Integer maxRecords, int most) {
    if (maxRecords == null) {
      return MOST;
    }
    if (maxRecords < LEAST || maxRecords > most) {
      throw Fault.invalidParameterValue(
          "The value "
              + maxRecords
              + " of MaxRecords is not valid: it must be between "
              + LEAST
              + " and "
              + most
              + ".");
    }
    return maxRecords;
  }

  private static String encode(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String marker) {
    try {
      return new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Fault.invalidParameterValue(
          "The Marker is not valid: give the one of the page before, unchanged.");
    }
  }
}
