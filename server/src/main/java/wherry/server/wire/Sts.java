package wherry.server.wire;

/**
 * The one operation of the AWS Security Token Service that DMS clients call before anything else
 * (the CLI's users and Terraform's provider): GetCallerIdentity, in the Query protocol of version
 * 2011-06-15.
 */
final class Sts {
  private static final String VERSION = "2011-06-15";
  private static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

  private Sts() {}

  static WireAnswer answer(QueryForm form, Caller caller, String requestId) {
    String action = form.value("Action").orElse("");
    String version = form.value("Version").orElse(VERSION);
    if (action.isEmpty()) {
      return error(Fault.of("MissingAction", "The request has no Action parameter."), requestId);
    }
    if (!action.equals("GetCallerIdentity") || !version.equals(VERSION)) {
      String what = Printable.shortened(action) + " for version " + Printable.shortened(version);
      return error(Fault.of("InvalidAction", "Could not find operation " + what), requestId);
    }
    return WireAnswer.xml(200, identity(caller, requestId));
  }

  static WireAnswer error(Fault fault, String requestId) {
    return ElastiCacheQuery.commonError(NAMESPACE, fault, requestId);
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
            QueryXml.escape("arn:" + caller.partition() + ":iam::" + caller.accountId() + ":root"),
            QueryXml.escape(caller.accountId()),
            QueryXml.escape(caller.accountId()),
            QueryXml.escape(requestId));
  }
}
