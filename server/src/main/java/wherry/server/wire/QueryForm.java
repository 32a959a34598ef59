package wherry.server.wire;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request in the AWS Query protocol: a form whose names are paths, such as {@code
 * Tags.Tag.1.Key=stage}. It becomes the same JSON that JSON 1.1 would have sent, as the contract's
 * shapes say, so that one check and one codec serve both protocols. Source: "AWS Query protocol",
 * Smithy 2.0 specification.
 */
final class QueryForm {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** An honest request has a few dozen; the largest list of the API has 90 shards. */
  private static final int PARAMETERS_LIMIT = 10_000;

  /** The deepest member of ElastiCache is six steps down, each list counting two. */
  private static final int DEPTH_LIMIT = 16;

  private static final int NUMBER_CHARACTERS_LIMIT = 30;

  private final Node root;

  /** One step of the paths. */
  private static final class Node {
    private final Map<String, Node> children = new LinkedHashMap<>();
    private @Nullable String value;
  }

  private QueryForm(Node root) {
    this.root = root;
  }

  /**
   * @throws Fault MalformedQueryString: a percent sign without two digits, bytes that are not
   *     UTF-8, characters that XML could not answer with, a name given twice, or too many or too
   *     deep names
   */
  static QueryForm parse(byte[] body) {
    Node root = new Node();
    int count = 0;
    for (String pair : new String(body, StandardCharsets.ISO_8859_1).strip().split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      if (++count > PARAMETERS_LIMIT) {
        throw malformed("it has more than " + PARAMETERS_LIMIT + " parameters");
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      put(root, name, value);
    }
    return new QueryForm(root);
  }

  private static void put(Node root, String name, String value) {
    String[] steps = name.split("\\.", DEPTH_LIMIT + 1);
    if (steps.length > DEPTH_LIMIT) {
      throw malformed("a parameter name has more than " + DEPTH_LIMIT + " parts");
    }
    Node node = root;
    for (String step : steps) {
      node = node.children.computeIfAbsent(step, any -> new Node());
    }
    if (node.value != null) {
      throw malformed("the parameter " + Printable.shortened(name) + " is given twice");
    }
    node.value = value;
  }

  private static String decode(String encoded) {
    var bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
        int low = high < 0 ? -1 : Character.digit(encoded.charAt(i + 2), 16);
        if (low < 0) {
          throw malformed("a percent sign is not followed by two hexadecimal digits");
        }
        bytes.write(high * 16 + low);
        i += 2;
      } else {
        bytes.write(c == '+' ? ' ' : c);
      }
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
      if (!text.codePoints().allMatch(QueryXml::isXmlCharacter)) {
        throw malformed("a value has a character that XML does not allow");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw malformed("it is not valid UTF-8");
    }
  }

  private static Fault malformed(String reason) {
    return Fault.of(
        "MalformedQueryString", "The request body is not a valid form: " + reason + ".");
  }

  /** The value of a plain parameter, such as {@code Action}. */
  Optional<String> value(String name) {
    Node node = root.children.get(name);
    return node == null ? Optional.empty() : Optional.ofNullable(node.value);
  }

  /**
   * The operation's input as JSON; parameters that it does not know are left out.
   *
   * @throws Fault SerializationException when a value is no value of its member's type
   */
  ObjectNode input(Contract contract, String operation) {
    String shape = contract.inputShape(operation);
    return shape.isEmpty()
        ? NODES.objectNode()
        : structure(contract, require(contract, shape), root, "");
  }

  private static ContractShape.Structure require(Contract contract, String shape) {
    return (ContractShape.Structure) contract.shape(shape);
  }

  private static ObjectNode structure(
      Contract contract, ContractShape.Structure structure, Node node, String path) {
    ObjectNode object = NODES.objectNode();
    structure
        .members()
        .forEach((name, shape) -> {
          Node member = node.children.get(name);
          if (member != null) {
            object.set(name, value(contract, contract.shape(shape), member, at(path, name)));
          }
        });
    return object;
  }

  private static JsonNode value(Contract contract, ContractShape shape, Node node, String path) {
    return switch (shape) {
      case ContractShape.Structure structure -> structure(contract, structure, node, path);
      case ContractShape.Items items -> items(contract, items, node, path);
      case ContractShape.Text text -> NODES.stringNode(plain(node, path));
      case ContractShape.Scalar scalar -> scalar(scalar.kind(), plain(node, path), path);
    };
  }

  /** Items stand under {@code member} or under their own name; clients use either. */
  private static ArrayNode items(
      Contract contract, ContractShape.Items items, Node node, String path) {
    Map<Integer, Node> numbered = new TreeMap<>();
    for (String name : new String[] {"member", items.itemName()}) {
      Node named = node.children.get(name);
      if (named != null) {
        named.children.forEach((number, item) -> numbered.put(position(number, path), item));
      }
    }
    ArrayNode array = NODES.arrayNode(numbered.size());
    numbered.forEach((number, item) ->
        array.add(value(contract, contract.shape(items.item()), item, at(path, "" + number))));
    return array;
  }

  private static int position(String number, String path) {
    if (!number.matches("[1-9][0-9]{0,5}")) {
      throw Fault.serialization(
          "'" + Printable.shortened(number) + "' is no position in the list at '" + path + "'");
    }
    return Integer.parseInt(number);
  }

  private static String plain(Node node, String path) {
    if (node.value == null) {
      throw Fault.serialization("A structure can not be converted to a value at '" + path + "'");
    }
    return node.value;
  }

  private static JsonNode scalar(ContractShape.Kind kind, String text, String path) {
    String lower = text.toLowerCase(Locale.ROOT);
    return switch (kind) {
      case BOOLEAN -> {
        if (!lower.equals("true") && !lower.equals("false")) {
          throw notOf("a Boolean (true or false)", text, path);
        }
        yield NODES.booleanNode(lower.equals("true"));
      }
      case INTEGER, LONG -> number(text, "[+-]?[0-9]+", "an Integer", path);
      case DOUBLE -> number(text, "[+-]?[0-9]*\\.?[0-9]+([eE][+-]?[0-9]{1,3})?", "a Double", path);
      case TIMESTAMP, BLOB -> NODES.stringNode(text);
    };
  }

  private static JsonNode number(String text, String form, String kind, String path) {
    if (text.length() > NUMBER_CHARACTERS_LIMIT || !text.matches(form)) {
      throw notOf(kind, text, path);
    }
    BigDecimal number = new BigDecimal(text);
    return number.scale() == 0
        ? NODES.numberNode(number.toBigIntegerExact())
        : NODES.numberNode(number);
  }

  private static Fault notOf(String kind, String text, String path) {
    return Fault.serialization(
        "'"
            + Printable.shortened(text)
            + "' can not be converted to "
            + kind
            + " at '"
            + path
            + "'");
  }

  private static String at(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
