package wherry.server.wire;

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Valid JSON of the contract's shapes, every member set, from a seed. */
final class GeneratedJson {
  /** Members of the contract that the SDK of this version does not know yet, by shape. */
  static final Map<String, Set<String>> UNKNOWN_TO_SDK =
      Map.of("IbmDb2LuwDataProviderSettings", Set.of("EncryptionAlgorithm", "SecurityMechanism"));

  /** The shape whose members are ISO 8601 strings; all other times are epoch seconds. */
  private static final String ISO_SHAPE = "Iso8601DateTime";

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Contract contract;
  private final Random random;

  GeneratedJson(Contract contract, long seed) {
    this.contract = contract;
    this.random = new Random(seed);
  }

  ObjectNode structure(String shape) {
    return (ObjectNode) value(shape);
  }

  private JsonNode value(String name) {
    ContractShape shape = Objects.requireNonNull(contract.shapes().get(name), name);
    return switch (shape) {
      case ContractShape.Structure structure -> {
        ObjectNode object = NODES.objectNode();
        structure
            .members()
            .forEach(
                (member, target) -> {
                  if (!UNKNOWN_TO_SDK.getOrDefault(name, Set.of()).contains(member)) {
                    object.set(member, value(target));
                  }
                });
        yield object;
      }
      case ContractShape.Items items -> {
        ArrayNode array = NODES.arrayNode();
        int size = items.minimumLength() + random.nextInt(3);
        for (int i = 0; i < size; i++) {
          array.add(value(items.item()));
        }
        yield array;
      }
      case ContractShape.Text text -> text(text);
      case ContractShape.Scalar scalar -> scalar(scalar.kind(), name);
    };
  }

  private JsonNode text(ContractShape.Text text) {
    List<String> allowed = List.copyOf(text.allowed());
    return NODES.stringNode(
        allowed.isEmpty() ? "t\"\u00e9\ud83d\ude80\n" + random.nextInt(1000) : allowed.get(random.nextInt(allowed.size())));
  }

  private JsonNode scalar(ContractShape.Kind kind, String name) {
    return switch (kind) {
      case BOOLEAN -> NODES.booleanNode(random.nextBoolean());
      case INTEGER -> NODES.numberNode(random.nextInt());
      case LONG -> NODES.numberNode(random.nextLong());
      case DOUBLE -> NODES.numberNode(random.nextDouble());
      case TIMESTAMP -> {
        long millis = random.nextLong(4_000_000_000_000L);
        yield name.equals(ISO_SHAPE)
            ? NODES.stringNode(Timestamps.iso(Instant.ofEpochMilli(millis)))
            : Timestamps.seconds(Instant.ofEpochMilli(millis));
      }
      case BLOB -> {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        yield NODES.stringNode(Base64.getEncoder().encodeToString(bytes));
      }
    };
  }
}
