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

/** JSON of the contract's shapes, from a seed: it always passes the contract's check. */
public final class GeneratedJson {
  /** Texts that one operation or another takes for something. */
  private static final List<String> HOSTILE_TEXTS =
      List.of(
          "",
          " ",
          "x",
          "abc",
          "{}",
          "[]",
          "{\"rules\":[]}",
          "mysql",
          "postgres",
          "dms.t3.micro",
          "\u0000",
          "\u00fc",
          "'; --",
          "%",
          "..",
          "a".repeat(300),
          "sun:10:00-sun:11:00",
          "server_time:2026-01-01T00:00:00",
          "arn:",
          "source",
          "endpoint-id",
          "arn:aws:dms:eu-central-1:123456789012:endpoint:NONE",
          "arn:aws:dms:eu-central-1:123456789012:task:NONE",
          "arn:aws:dms:eu-central-1:123456789012:rep:NONE",
          "arn:aws:dms:eu-central-1::subgrp:default");

  /** Members of the contract that the SDK of this version does not know yet, by shape. */
  static final Map<String, Set<String>> UNKNOWN_TO_SDK =
      Map.of("IbmDb2LuwDataProviderSettings", Set.of("EncryptionAlgorithm", "SecurityMechanism"));

  /** The shape whose members are ISO 8601 strings; all other times are epoch seconds. */
  private static final String ISO_SHAPE = "Iso8601DateTime";

  private static final int[] EDGES = {
    0, 1, -1, 20, 50, 100, 5432, Integer.MAX_VALUE, Integer.MIN_VALUE
  };

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Contract contract;
  private final Random random;
  private final boolean hostile;

  /** Every member set, to plain values. */
  GeneratedJson(Contract contract, long seed) {
    this(contract, new Random(seed), false);
  }

  private GeneratedJson(Contract contract, Random random, boolean hostile) {
    this.contract = contract;
    this.random = random;
    this.hostile = hostile;
  }

  /**
   * A request with some of the optional members and values at the edges; {@code {}} where the
   * operation takes no input.
   */
  public static ObjectNode hostileRequest(Contract contract, String operation, Random random) {
    String shape = contract.inputShape(operation);
    return shape.isEmpty()
        ? NODES.objectNode()
        : new GeneratedJson(contract, random, true).structure(shape);
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
            .forEach((member, target) -> {
              boolean wanted =
                  !hostile || structure.required().contains(member) || random.nextInt(3) == 0;
              if (wanted && !UNKNOWN_TO_SDK.getOrDefault(name, Set.of()).contains(member)) {
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
    if (!allowed.isEmpty()) {
      return NODES.stringNode(allowed.get(random.nextInt(allowed.size())));
    }
    String value =
        hostile
            ? HOSTILE_TEXTS.get(random.nextInt(HOSTILE_TEXTS.size()))
            : "t\"\u00e9\ud83d\ude80\n" + random.nextInt(1000);
    return NODES.stringNode(value.substring(0, Math.min(value.length(), text.maximumLength())));
  }

  private JsonNode scalar(ContractShape.Kind kind, String name) {
    return switch (kind) {
      case BOOLEAN -> NODES.booleanNode(random.nextBoolean());
      case INTEGER ->
          NODES.numberNode(hostile ? EDGES[random.nextInt(EDGES.length)] : random.nextInt());
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
