package wherry.server.wire;

import java.math.BigDecimal;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers of the AWS Query protocol: JSON of the contract's shapes as XML. Nothing is read as XML
 * here, so there are no entities to expand.
 */
final class QueryXml {
  private final Contract contract;
  private final StringBuilder text = new StringBuilder(1024);

  private QueryXml(Contract contract) {
    this.contract = contract;
  }

  /** The whole answer to an operation that went well. */
  static WireAnswer answer(
      Contract contract, String namespace, String operation, ObjectNode output, String requestId) {
    QueryXml xml = new QueryXml(contract);
    String shape = contract.outputShape(operation);
    xml.text.append('<').append(operation).append("Response xmlns=\"").append(namespace);
    xml.text.append("\">");
    if (!shape.isEmpty()) {
      xml.element(operation + "Result", contract.shape(shape), output);
    }
    xml.text.append("<ResponseMetadata>");
    xml.leaf("RequestId", requestId);
    xml.text.append("</ResponseMetadata></").append(operation).append("Response>");
    return WireAnswer.xml(200, xml.text.toString());
  }

  /** The error document of any Query service. */
  static WireAnswer error(
      String namespace, String code, int status, String message, String requestId) {
    return WireAnswer.xml(
        status,
        """
        <ErrorResponse xmlns="%s">
          <Error>
            <Type>%s</Type>
            <Code>%s</Code>
            <Message>%s</Message>
          </Error>
          <RequestId>%s</RequestId>
        </ErrorResponse>
        """
            .formatted(
                namespace,
                status >= 500 ? "Receiver" : "Sender",
                escape(code),
                escape(message),
                escape(requestId)));
  }

  private void element(String name, ContractShape shape, JsonNode value) {
    text.append('<').append(name).append('>');
    switch (shape) {
      case ContractShape.Structure structure ->
          structure
              .members()
              .forEach((member, memberShape) -> {
                JsonNode memberValue = value.get(member);
                if (memberValue != null && !memberValue.isNull()) {
                  element(member, contract.shape(memberShape), memberValue);
                }
              });
      case ContractShape.Items items ->
          value.forEach(item -> element(items.itemName(), contract.shape(items.item()), item));
      case ContractShape.Text ignored -> text.append(escape(value.stringValue()));
      case ContractShape.Scalar scalar -> text.append(escape(scalar(scalar.kind(), value)));
    }
    text.append("</").append(name).append('>');
  }

  private void leaf(String name, String value) {
    text.append('<').append(name).append('>').append(escape(value));
    text.append("</").append(name).append('>');
  }

  private static String scalar(ContractShape.Kind kind, JsonNode value) {
    return switch (kind) {
      case TIMESTAMP -> value.isNumber() ? iso(value.decimalValue()) : value.asString();
      case BOOLEAN, INTEGER, LONG, DOUBLE, BLOB -> value.asString();
    };
  }

  private static String iso(BigDecimal seconds) {
    return Timestamps.iso(Instant.ofEpochMilli(seconds.movePointRight(3).longValue()));
  }

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(point -> {
          switch (point) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\r' -> escaped.append("&#xD;");
            default -> escaped.appendCodePoint(isXmlCharacter(point) ? point : '?');
          }
        });
    return escaped.toString();
  }

  /** Production 2 of XML 1.0: not even an escape can carry the others. */
  static boolean isXmlCharacter(int point) {
    return point == '\t'
        || point == '\n'
        || point == '\r'
        || (point >= 0x20 && point < Character.MIN_SURROGATE)
        || (point > Character.MAX_SURROGATE && point != 0xFFFE && point != 0xFFFF);
  }
}
