package wherry.connector;

import java.util.List;

/**
 * A setting that a connector declares, as DescribeEndpointSettings tells it.
 *
 * @param name wire name within the engine's settings structure, or the extra connection attribute's
 * @param type {@code string}, {@code boolean}, {@code integer} or {@code enum}
 * @param enumValues for {@code enum}
 * @param sensitive whether the value is a secret
 * @param units of integers, for example {@code seconds}; empty when none
 * @param applicability what it does and for which side
 * @param intValueMin of integers
 * @param intValueMax of integers
 * @param defaultValue as text; empty when none
 */
public record EndpointSetting(
    String name,
    String type,
    List<String> enumValues,
    boolean sensitive,
    String units,
    String applicability,
    int intValueMin,
    int intValueMax,
    String defaultValue) {}
