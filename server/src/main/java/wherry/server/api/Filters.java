package wherry.server.api;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import wherry.server.wire.Fault;

/**
 * The filters that a Describe operation knows: all filters must hold, each for one of its values.
 * Compared without case, as identifiers are. Immutable.
 */
final class Filters<T> {
  private final String plural;
  private final Map<String, Function<T, List<@Nullable String>>> names;

  private Filters(String plural, Map<String, Function<T, List<@Nullable String>>> names) {
    this.plural = plural;
    this.names = names;
  }

  /**
   * @param plural what the operation lists, for the fault: {@code Endpoints}
   */
  static <T> Filters<T> on(String plural) {
    return new Filters<>(plural, Map.of());
  }

  /** Adds a filter on one member; an absent member matches nothing. */
  Filters<T> by(String name, Function<T, @Nullable String> value) {
    return byAny(name, item -> Arrays.asList(value.apply(item)));
  }

  /** Adds a filter that holds when any of these values is asked for. */
  Filters<T> byAny(String name, Function<T, List<@Nullable String>> values) {
    Map<String, Function<T, List<@Nullable String>>> more = new LinkedHashMap<>(names);
    more.put(name, values);
    return new Filters<>(plural, more);
  }

  /**
   * Those that match; all when there is no filter.
   *
   * @throws Fault ResourceNotFoundFault when there are filters and nothing matches: the SDK's
   *     waiters for deletion rely on it; InvalidParameterValueException for an unknown filter
   */
  List<T> require(List<Filter> filters, List<T> all) {
    List<T> found = select(filters, all);
    if (found.isEmpty() && !filters.isEmpty()) {
      throw Fault.resourceNotFound("No " + plural + " found matching provided filters.");
    }
    return found;
  }

  /**
   * As {@link #require}, for operations whose model knows no fault: nothing found is an empty list.
   */
  List<T> select(List<Filter> filters, List<T> all) {
    filters.forEach(this::check);
    return all.stream()
        .filter(item -> filters.stream().allMatch(filter -> matches(filter, item)))
        .toList();
  }

  private void check(Filter filter) {
    if (!names.containsKey(filter.name())) {
      throw Fault.invalidParameterValue(
          "The filter name \""
              + filter.name()
              + "\" is not valid; the names are "
              + String.join(", ", names.keySet())
              + ".");
    }
    if (filter.values().isEmpty()) {
      throw Fault.invalidParameterValue("The filter \"" + filter.name() + "\" has no values.");
    }
  }

  private boolean matches(Filter filter, T item) {
    Function<T, List<@Nullable String>> values = names.get(filter.name());
    return values != null
        && values.apply(item).stream()
            .anyMatch(value ->
                value != null && filter.values().stream().anyMatch(value::equalsIgnoreCase));
  }
}
