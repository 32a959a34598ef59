package wherry.server.wire;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one operation of the AWS Security Token Service that DMS clients call before anything else
 * (the CLI's users and Terraform's provider): GetCallerIdentity, in the Query protocol of version
 * 2011-06-15.
 */
final class Sts {
  private static final String VERSION = "2011-06-15";
  private static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

  private Sts() {}

  static WireAnswer answer(byte[] form, Caller caller, String requestId) {
    Map<String, String> parameters;
    try {
      parameters = parse(new String(form, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return error(
          Fault.of("MalformedQueryString", "The request body is not a valid form."), requestId);
    }
    String action = parameters.getOrDefault("Action", "");
    String version = parameters.getOrDefault("Version", VERSION);
    if (action.isEmpty()) {
      return error(Fault.of("MissingAction", "The request has no Action parameter."), requestId);
    }
    if (!action.equals("GetCallerIdentity") || !version.equals(VERSION)) {
      String what = Printable.shortened(action) + " for version " + Printable.shortened(version);
      return error(Fault.of("InvalidAction", "Could not find operation " + what), requestId);
    }
    return WireAnswer.xml(200, identity(caller, requestId));
  }

  /** The error document; the Query protocol has other names for what a signature can lack. */
  static WireAnswer error(Fault fault, String requestId) {
    String code =
        switch (fault.code()) {
          case "MissingAuthenticationTokenException" -> "MissingAuthenticationToken";
          case "IncompleteSignatureException" -> "IncompleteSignature";
          case "UnrecognizedClientException" -> "InvalidClientTokenId";
          case "InvalidSignatureException" -> "SignatureDoesNotMatch";
          default -> fault.code();
        };
    int status = code.equals(fault.code()) ? fault.status() : 403;
    String type = status >= 500 ? "Receiver" : "Sender";
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
            .formatted(NAMESPACE, type, escape(code), escape(fault.text()), escape(requestId)));
  }

  private static String identity(Caller caller, String requestId) {
    return """
    <GetCallerIdentityResponse xmlns="%s">
      <GetCallerIdentityResult>
        <Arn>%s</Arn>
        <UserId>%s</UserId>
        <Account>%s</Account>
      </GetCallerIdentityResult>
      <ResponseMetadata>
        <RequestId>%s</RequestId>
      </ResponseMetadata>
    </GetCallerIdentityResponse>
    """
        .formatted(
            NAMESPACE,
            escape("arn:" + caller.partition() + ":iam::" + caller.accountId() + ":root"),
            escape(caller.accountId()),
            escape(caller.accountId()),
            escape(requestId));
  }

  private static Map<String, String> parse(String form) {
    Map<String, String> parameters = new TreeMap<>();
    for (String pair : form.strip().split("&")) {
      String[] parts = pair.split("=", 2);
      parameters.put(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
