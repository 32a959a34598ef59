package wherry.server.wire;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An HTTP request as it was sent, whole.
 *
 * @param rawPath still percent-encoded, such as {@code /}
 * @param rawQuery still percent-encoded, without the question mark; empty when there is none
 * @param headers all values by lower-case name, in the order of arrival
 * @param body as on the wire, that is, still compressed when it was
 */
record WireRequest(
    String method,
    String rawPath,
    String rawQuery,
    Map<String, List<String>> headers,
    byte[] body) {

  /** The header's value; empty when it is absent or given more than once. */
  Optional<String> header(String name) {
    List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
  }
}
