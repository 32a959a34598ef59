package wherry.server.wire;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of an {@code Authorization} header of Signature Version 4, as claimed, not yet
 * verified.
 *
 * @param day of the credential scope, {@code yyyyMMdd}
 * @param signedHeaders lower-case names in the client's order
 * @param hex the signature, 64 lower-case hexadecimal digits
 */
record Signature(
    String accessKeyId,
    String day,
    String region,
    String service,
    List<String> signedHeaders,
    String hex) {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";

  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "([\\w.:@+=-]{1,128})/(\\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,64})/aws4_request");
  private static final Pattern SIGNED_HEADERS =
      Pattern.compile("[a-z0-9_-]{1,128}(;[a-z0-9_-]{1,128}){0,99}");
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /**
   * @throws Fault IncompleteSignatureException that names what is missing or malformed
   */
  static Signature parse(String authorization) {
    String text = authorization.trim();
    if (!text.startsWith(ALGORITHM + " ")) {
      throw incomplete("Authorization header requires the algorithm " + ALGORITHM + ".");
    }
    Map<String, String> parts = new HashMap<>();
    for (String part : text.substring(ALGORITHM.length() + 1).split(",")) {
      int equals = part.indexOf('=');
      boolean isNew =
          equals > 0
              && parts.put(part.substring(0, equals).trim(), part.substring(equals + 1).trim())
                  == null;
      if (!isNew) {
        throw incomplete("Authorization header has a part that is no unique key=value pair.");
      }
    }
    Matcher credential = match(CREDENTIAL, parts, "Credential");
    String headers = match(SIGNED_HEADERS, parts, "SignedHeaders").group();
    String hex = match(HEX, parts, "Signature").group();
    return new Signature(
        credential.group(1),
        credential.group(2),
        credential.group(3),
        credential.group(4),
        List.of(headers.split(";")),
        hex);
  }

  /** {@code day/region/service/aws4_request}. */
  String scope() {
    return day + "/" + region + "/" + service + "/aws4_request";
  }

  private static Matcher match(Pattern form, Map<String, String> parts, String name) {
    String value = parts.get(name);
    if (value == null) {
      throw incomplete("Authorization header requires '" + name + "' parameter.");
    }
    Matcher matcher = form.matcher(value);
    if (!matcher.matches()) {
      throw incomplete("Authorization header has a malformed '" + name + "' parameter.");
    }
    return matcher;
  }

  private static Fault incomplete(String message) {
    return Fault.of("IncompleteSignatureException", message);
  }
}
