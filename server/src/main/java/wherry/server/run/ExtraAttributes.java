package wherry.server.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Extra connection attributes: {@code name=value;name=value}. Values may hold {@code =}; names
 * compare without case; empty parts do not count. The text is kept as it was given unless it is
 * changed here.
 */
public record ExtraAttributes(String text) {
  /** One attribute, trimmed. */
  public record Attribute(String name, String value) {}

  /** In the order given. A part without {@code =} is an attribute with an empty value. */
  public List<Attribute> attributes() {
    List<Attribute> attributes = new ArrayList<>();
    for (String part : text.split(";", -1)) {
      attribute(part).ifPresent(attributes::add);
    }
    return attributes;
  }

  /** The value of the last attribute of this name, compared without case. */
  public Optional<String> value(String name) {
    return attributes().stream()
        .filter(attribute -> attribute.name().equalsIgnoreCase(name))
        .map(Attribute::value)
        .reduce((earlier, later) -> later);
  }

  /** Without the attributes of these names. */
  public ExtraAttributes without(Predicate<String> name) {
    return change(
        attribute -> name.test(attribute.name()) ? Optional.empty() : Optional.of(attribute));
  }

  /** With other values; {@code value} gets and gives attributes. */
  public ExtraAttributes with(UnaryOperator<Attribute> value) {
    return change(attribute -> Optional.of(value.apply(attribute)));
  }

  private ExtraAttributes change(Function<Attribute, Optional<Attribute>> change) {
    List<String> parts = new ArrayList<>();
    boolean changed = false;
    for (String part : text.split(";", -1)) {
      Optional<Attribute> before = attribute(part);
      Optional<Attribute> after = before.flatMap(change);
      changed |= !before.equals(after);
      if (before.equals(after)) {
        parts.add(part);
      } else {
        after.ifPresent(attribute -> parts.add(attribute.name() + "=" + attribute.value()));
      }
    }
    return changed ? new ExtraAttributes(String.join(";", parts)) : this;
  }

  private static Optional<Attribute> attribute(String part) {
    int equals = part.indexOf('=');
    String name = (equals < 0 ? part : part.substring(0, equals)).strip();
    String value = equals < 0 ? "" : part.substring(equals + 1).strip();
    return name.isEmpty() ? Optional.empty() : Optional.of(new Attribute(name, value));
  }

  /** Names only: a value may be a secret. */
  @Override
  public String toString() {
    return attributes().stream().map(Attribute::name).toList().toString();
  }
}
