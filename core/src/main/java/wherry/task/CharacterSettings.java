package wherry.task;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.transform.CharacterSubstitution;

/** Reads CharacterSetSettings. */
final class CharacterSettings {
  private CharacterSettings() {}

  /**
   * @param group the settings, null where there are none
   * @throws DmsException SETTING_INVALID for a character set that nobody knows, a number that is no
   *     code point, and replacements that are no list
   */
  static CharacterSubstitution of(JsonNode group) {
    Map<Integer, Integer> replacements = new HashMap<>();
    JsonNode given = group.path("CharacterReplacements");
    if (!given.isArray() && !given.isNull() && !given.isMissingNode()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "CharacterSetSettings: CharacterReplacements must be an array, not " + given + ".");
    }
    for (JsonNode replacement : given) {
      replacements.put(
          codePoint(replacement, "SourceCharacterCodePoint"),
          codePoint(replacement, "TargetCharacterCodePoint"));
    }
    JsonNode support = group.path("CharacterSetSupport");
    String name = support.path("CharacterSet").asString("");
    return new CharacterSubstitution(
        replacements,
        name.isEmpty() ? Optional.empty() : Optional.of(charset(name)),
        name.isEmpty() ? 0 : codePoint(support, "ReplaceWithCharacterCodePoint"));
  }

  private static int codePoint(JsonNode node, String key) {
    int codePoint = node.path(key).asInt(-1);
    if (!Character.isValidCodePoint(codePoint)) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "CharacterSetSettings: "
              + key
              + " must be a code point from 0 to 1114111, not "
              + node.path(key)
              + ".");
    }
    return codePoint;
  }

  private static Charset charset(String name) {
    try {
      Charset charset = Charset.forName(name);
      if (charset.canEncode()) {
        return charset;
      }
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      // Told below, as a set is that only reads.
    }
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "CharacterSetSettings: CharacterSet \""
            + name
            + "\" is not known here. Use a name as UTF-8, ISO-8859-1 or US-ASCII.");
  }
}
