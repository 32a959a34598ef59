package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.lang.reflect.Method;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.elasticache.ElastiCacheClient;
import software.amazon.awssdk.services.elasticache.model.ElastiCacheRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The Query protocol's two halves, over every shape of every operation. */
class QueryCodecTest {
  private static final Contract CONTRACT = Contract.elastiCache();
  private static final String MODEL_PACKAGE = "software.amazon.awssdk.services.elasticache.model.";

  static List<String> operations() {
    return List.copyOf(CONTRACT.operations());
  }

  @Test
  void the_sdk_and_the_contract_have_the_same_75_operations() {
    var ofSdk = new TreeSet<String>();
    for (Method method : ElastiCacheClient.class.getMethods()) {
      Class<?>[] parameters = method.getParameterTypes();
      if (parameters.length == 1
          && ElastiCacheRequest.class.isAssignableFrom(parameters[0])
          && !method.getName().endsWith("Paginator")) {
        ofSdk.add(parameters[0].getSimpleName().replaceAll("Request$", ""));
      }
    }
    assertThat(ofSdk).hasSize(75).isEqualTo(CONTRACT.operations());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void every_request_comes_through_the_form_unchanged(String operation) throws Exception {
    long seed = new Random().nextLong();
    System.out.println(operation + " generated with seed " + seed);
    String shape = CONTRACT.inputShape(operation);
    ObjectNode input = new GeneratedJson(CONTRACT, seed).structure(shape);
    List<String> pairs = new ArrayList<>(List.of("Action=" + operation, "Unknown.member.1=x"));
    write(CONTRACT.shape(shape), input, "", pairs);

    ObjectNode read =
        QueryForm.parse(String.join("&", pairs).getBytes(StandardCharsets.UTF_8))
            .input(CONTRACT, operation);

    assertThat(plain(CONTRACT.shape(shape), CONTRACT.validate(operation, read)))
        .isEqualTo(plain(CONTRACT.shape(shape), input));
    Shapes.decode(Json.text(read), shape(operation + "Request"));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void every_answer_is_xml_with_every_member(String operation) throws Exception {
    String shape = CONTRACT.outputShape(operation);
    if (shape.isEmpty()) {
      return;
    }
    long seed = new Random().nextLong();
    System.out.println(operation + " generated with seed " + seed);
    ObjectNode output = new GeneratedJson(CONTRACT, seed).structure(shape);
    Shapes.decode(Json.text(output), shape(operation + "Response"));

    WireAnswer answer = QueryXml.answer(CONTRACT, "urn:test", operation, output, "an id");

    Element root = parse(answer).getDocumentElement();
    assertThat(root.getTagName()).isEqualTo(operation + "Response");
    Element result = children(root).getFirst();
    assertThat(result.getTagName()).isEqualTo(operation + "Result");
    compare(CONTRACT.shape(shape), output, result);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "a=%g0", "a=%e9", "a=%00", "a=%1f", "a=1&a=2", "a=%ed%a0%80"})
  void what_is_no_form_is_refused(String body) {
    assertThatThrownBy(() -> QueryForm.parse(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("MalformedQueryString"));
  }

  @Test
  void a_form_of_too_many_or_too_deep_names_is_refused() {
    String many = "a=1&".repeat(10_001);
    String deep = "a.".repeat(100_000) + "a=1";
    for (String body : List.of(many, deep)) {
      assertThatThrownBy(() -> QueryForm.parse(body.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(Fault.class);
    }
  }

  @Test
  void lists_may_be_written_under_member_or_under_their_own_name() {
    for (String name : List.of("member", "Tag")) {
      String form = "Tags.%s.2.Key=b&Tags.%s.1.Key=a&Tags.%s.10.Key=c".replace("%s", name);
      ObjectNode input =
          QueryForm.parse(form.getBytes(StandardCharsets.UTF_8))
              .input(CONTRACT, "AddTagsToResource");
      assertThat(input.get("Tags").valueStream().map(tag -> tag.get("Key").asString()))
          .containsExactly("a", "b", "c");
    }
    assertThat(
            QueryForm.parse("Tags=".getBytes(StandardCharsets.UTF_8))
                .input(CONTRACT, "AddTagsToResource")
                .get("Tags"))
        .isEmpty();
  }

  private static Class<? extends SdkPojo> shape(String name) throws ClassNotFoundException {
    return Class.forName(MODEL_PACKAGE + name).asSubclass(SdkPojo.class);
  }

  private static void write(ContractShape shape, JsonNode value, String path, List<String> pairs) {
    switch (shape) {
      case ContractShape.Structure structure ->
          structure
              .members()
              .forEach((name, member) -> {
                if (value.has(name)) {
                  String at = path.isEmpty() ? name : path + "." + name;
                  write(CONTRACT.shape(member), value.get(name), at, pairs);
                }
              });
      case ContractShape.Items items -> {
        int position = 0;
        for (JsonNode item : value) {
          position++;
          write(
              CONTRACT.shape(items.item()),
              item,
              path + "." + items.itemName() + "." + position,
              pairs);
        }
        if (value.isEmpty()) {
          pairs.add(path + "=");
        }
      }
      case ContractShape.Text text -> pairs.add(path + "=" + encode(value.stringValue()));
      case ContractShape.Scalar scalar -> pairs.add(path + "=" + encode(text(scalar, value)));
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String text(ContractShape.Scalar scalar, JsonNode value) {
    return scalar.kind() == ContractShape.Kind.TIMESTAMP
        ? Timestamps.iso(Timestamps.parse(value))
        : value.asString();
  }

  /** With times and numbers in one notation. */
  private static String plain(ContractShape shape, JsonNode value) {
    List<String> pairs = new ArrayList<>();
    write(shape, value, "", pairs);
    return String.join("&", pairs);
  }

  private static Document parse(WireAnswer answer) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new InputSource(new StringReader(new String(answer.body(), StandardCharsets.UTF_8))));
  }

  private static void compare(ContractShape shape, JsonNode expected, Element found) {
    switch (shape) {
      case ContractShape.Structure structure -> {
        List<Element> members = children(found);
        assertThat(members).hasSize(expected.size());
        members.forEach(member ->
            compare(
                CONTRACT.shape(structure.members().get(member.getTagName())),
                expected.get(member.getTagName()),
                member));
      }
      case ContractShape.Items items -> {
        List<Element> members = children(found);
        assertThat(members).hasSize(expected.size());
        for (int i = 0; i < members.size(); i++) {
          assertThat(members.get(i).getTagName()).isEqualTo(items.itemName());
          compare(CONTRACT.shape(items.item()), expected.get(i), members.get(i));
        }
      }
      case ContractShape.Text text ->
          assertThat(found.getTextContent()).isEqualTo(carried(expected.stringValue()));
      case ContractShape.Scalar scalar ->
          assertThat(found.getTextContent()).isEqualTo(text(scalar, expected));
    }
  }

  /** XML has no way to write some characters, not even an escape. */
  private static String carried(String text) {
    return text.codePoints()
        .map(point -> QueryXml.isXmlCharacter(point) ? point : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static List<Element> children(Element parent) {
    List<Element> children = new ArrayList<>();
    for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }
}
