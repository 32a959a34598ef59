package wherry.server.wire;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingKnownType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.traits.TimestampFormatTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.utils.builder.Buildable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one codec between wire JSON and the AWS SDK's shapes. {@code SdkField} and its traits are
 * marked internal to the SDK; their use is confined to this class, and a test round-trips every
 * shape of every operation, so an SDK that breaks us fails here.
 *
 * <p>Unset members are left out, on both sides. A list that was set to an empty one is written as
 * {@code []}. Times are epoch seconds with decimals except where the shape says ISO 8601. The JSON
 * is also what the store keeps: it does not depend on the SDK's version. It contains secrets where
 * the shape does.
 */
public final class Shapes {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** The static {@code builder()} of each shape, looked up once. */
  private static final ClassValue<MethodHandle> BUILDERS =
      new ClassValue<>() {
        @Override
        protected MethodHandle computeValue(Class<?> shape) {
          try {
            var method = shape.getMethod("builder");
            return MethodHandles.publicLookup()
                .unreflect(method)
                .asType(MethodType.methodType(SdkPojo.class));
          } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                shape.getName() + " is no shape of the AWS SDK: it has no builder()", e);
          }
        }
      };

  private Shapes() {}

  /** The shape as wire JSON text. */
  public static String encode(SdkPojo shape) {
    return Json.text(toJson(shape));
  }

  /**
   * Reads what {@link #encode} wrote. @throws IllegalArgumentException when the text is not of this
   * shape
   */
  public static <T extends SdkPojo> T decode(String json, Class<T> shape) {
    return fromJson(Json.parse(json), shape);
  }

  /** The shape as a JSON object with its members in the model's order. */
  public static ObjectNode toJson(SdkPojo shape) {
    ObjectNode object = NODES.objectNode();
    for (SdkField<?> field : shape.sdkFields()) {
      Object value = field.getValueOrDefault(shape);
      if (value != null
          && !(value instanceof SdkAutoConstructList)
          && !(value instanceof SdkAutoConstructMap)) {
        object.set(field.locationName(), encodeValue(field, value));
      }
    }
    return object;
  }

  /**
   * Builds the shape from a JSON object; unknown members are ignored, null ones left unset.
   * Requests are checked against the contract first ({@link Contract}), so that people get AWS's
   * messages.
   *
   * @throws IllegalArgumentException when a value is of another type, with the member's name
   */
  public static <T extends SdkPojo> T fromJson(JsonNode json, Class<T> shape) {
    SdkPojo builder;
    try {
      builder = (SdkPojo) BUILDERS.get(shape).invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(shape.getName() + ".builder() threw a checked exception", e);
    }
    return shape.cast(build(json, builder));
  }

  private static Object build(JsonNode json, SdkPojo builder) {
    if (!json.isObject()) {
      throw new IllegalArgumentException("an object was expected, not " + json.getNodeType());
    }
    for (SdkField<?> field : builder.sdkFields()) {
      JsonNode value = json.get(field.locationName());
      if (value != null && !value.isNull()) {
        field.set(builder, decodeMember(field, value));
      }
    }
    return ((Buildable) builder).build();
  }

  private static Object decodeMember(SdkField<?> field, JsonNode value) {
    try {
      return decodeValue(field, value);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(field.locationName() + ": " + e.getMessage(), e);
    }
  }

  private static JsonNode encodeValue(SdkField<?> field, Object value) {
    return switch (kind(field)) {
      case STRING -> NODES.stringNode((String) value);
      case INTEGER -> NODES.numberNode((Integer) value);
      case LONG -> NODES.numberNode((Long) value);
      case DOUBLE -> NODES.numberNode((Double) value);
      case BOOLEAN -> NODES.booleanNode((Boolean) value);
      case INSTANT ->
          isIso(field)
              ? NODES.stringNode(Timestamps.iso((Instant) value))
              : Timestamps.seconds((Instant) value);
      case SDK_BYTES ->
          NODES.stringNode(
              Base64.getEncoder().encodeToString(((SdkBytes) value).asByteArrayUnsafe()));
      case SDK_POJO -> toJson((SdkPojo) value);
      case LIST -> encodeList(field, (List<?>) value);
      case MAP -> encodeMap(field, (Map<?, ?>) value);
      case NULL, FLOAT, SHORT, BYTE, BIG_DECIMAL, DOCUMENT -> throw unknownKind(field);
    };
  }

  private static ArrayNode encodeList(SdkField<?> field, List<?> values) {
    SdkField<?> item = itemOf(field);
    ArrayNode array = NODES.arrayNode(values.size());
    for (Object value : values) {
      array.add(encodeItem(item, value));
    }
    return array;
  }

  private static ObjectNode encodeMap(SdkField<?> field, Map<?, ?> values) {
    SdkField<?> item = valueOf(field);
    ObjectNode object = NODES.objectNode();
    values.forEach((key, value) -> object.set((String) key, encodeItem(item, value)));
    return object;
  }

  private static JsonNode encodeItem(SdkField<?> item, @Nullable Object value) {
    return value == null ? NODES.nullNode() : encodeValue(item, value);
  }

  private static Object decodeValue(SdkField<?> field, JsonNode value) {
    return switch (kind(field)) {
      case STRING -> value.stringValue();
      case INTEGER -> value.intValue();
      case LONG -> value.longValue();
      case DOUBLE -> value.doubleValue();
      case BOOLEAN -> value.booleanValue();
      case INSTANT -> Timestamps.parse(value);
      case SDK_BYTES ->
          SdkBytes.fromByteArrayUnsafe(Base64.getDecoder().decode(value.stringValue()));
      case SDK_POJO -> build(value, field.constructor().get());
      case LIST -> decodeList(field, value);
      case MAP -> decodeMap(field, value);
      case NULL, FLOAT, SHORT, BYTE, BIG_DECIMAL, DOCUMENT -> throw unknownKind(field);
    };
  }

  private static List<@Nullable Object> decodeList(SdkField<?> field, JsonNode array) {
    if (!array.isArray()) {
      throw new IllegalArgumentException("an array was expected, not " + array.getNodeType());
    }
    SdkField<?> item = itemOf(field);
    List<@Nullable Object> values = new ArrayList<>(array.size());
    for (JsonNode value : array) {
      values.add(value.isNull() ? null : decodeValue(item, value));
    }
    return values;
  }

  private static Map<String, @Nullable Object> decodeMap(SdkField<?> field, JsonNode object) {
    SdkField<?> item = valueOf(field);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    object.forEachEntry(
        (key, value) -> values.put(key, value.isNull() ? null : decodeValue(item, value)));
    return values;
  }

  private static SdkField<?> itemOf(SdkField<?> list) {
    return list.getRequiredTrait(ListTrait.class).memberFieldInfo();
  }

  private static SdkField<?> valueOf(SdkField<?> map) {
    return map.getRequiredTrait(MapTrait.class).valueFieldInfo();
  }

  private static boolean isIso(SdkField<?> field) {
    Optional<TimestampFormatTrait> trait = field.getOptionalTrait(TimestampFormatTrait.class);
    return trait.isPresent() && trait.get().format() == TimestampFormatTrait.Format.ISO_8601;
  }

  private static MarshallingKnownType kind(SdkField<?> field) {
    return field.marshallingType().getKnownType();
  }

  private static IllegalStateException unknownKind(SdkField<?> field) {
    return new IllegalStateException(
        "No DMS shape has a member of kind " + kind(field) + ", but " + field.memberName());
  }
}
