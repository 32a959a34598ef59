package wherry.server.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON text to tree and back, strictly: what reaches the tree is valid Unicode, of bounded depth,
 * with exact numbers.
 */
final class Json {
  /** The deepest request shape of DMS has five levels; nothing honest comes near this. */
  static final int DEPTH_LIMIT = 64;

  private static final int NUMBER_CHARACTERS_LIMIT = 100;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH_LIMIT)
                          .maxNumberLength(NUMBER_CHARACTERS_LIMIT)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  private Json() {}

  /**
   * Parses a request body; an empty one is {@code {}}.
   *
   * @throws Fault SerializationException that says what is wrong where
   */
  static ObjectNode parseRequest(byte[] body) {
    String text = decodeUtf8(body);
    if (text.isBlank()) {
      return MAPPER.createObjectNode();
    }
    JsonNode tree;
    try {
      tree = MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw Fault.serialization("The request body is not valid JSON: " + reason(e));
    }
    if (!(tree instanceof ObjectNode object)) {
      throw Fault.serialization("The request body must be a JSON object.");
    }
    refuseLoneSurrogates(object);
    return object;
  }

  /** Parses text that this service wrote itself. */
  static JsonNode parse(String text) {
    return MAPPER.readTree(text);
  }

  static JsonNode parse(byte[] text) {
    return MAPPER.readTree(text);
  }

  static byte[] bytes(JsonNode tree) {
    return MAPPER.writeValueAsBytes(tree);
  }

  static String text(JsonNode tree) {
    return MAPPER.writeValueAsString(tree);
  }

  private static String decodeUtf8(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw Fault.serialization("The request body is not valid UTF-8.");
    }
  }

  private static String reason(JacksonException e) {
    var at = e.getLocation();
    String where =
        at == null || at.getLineNr() < 1
            ? ""
            : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    return e.getOriginalMessage() + where;
  }

  /**
   * Escapes can spell half a surrogate pair, which no later writer could encode; members' names are
   * checked too.
   */
  private static void refuseLoneSurrogates(JsonNode node) {
    if (node.isString() && hasLoneSurrogate(node.stringValue())) {
      throw Fault.serialization(
          "The request body has a string with a lone UTF-16 surrogate, which is no character.");
    }
    for (var member : node.properties()) {
      if (hasLoneSurrogate(member.getKey())) {
        throw Fault.serialization(
            "The request body has a member name with a lone UTF-16 surrogate.");
      }
    }
    node.forEach(Json::refuseLoneSurrogates);
  }

  private static boolean hasLoneSurrogate(String text) {
    return text.codePoints()
        .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
  }
}
