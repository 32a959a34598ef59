package wherry.server.wire;

/**
 * Who sent a request, as its signature says: the account and region that its resources belong to.
 *
 * @param accountId twelve digits
 * @param region the region in the signature's credential scope, such as {@code eu-central-1}
 * @param accessKeyId the key that signed, or {@code anonymous} where authentication is off
 */
public record Caller(String accountId, String region, String accessKeyId) {

  /**
   * The first segment of ARNs in this region: {@code aws}, {@code aws-cn} or {@code aws-us-gov}.
   */
  public String partition() {
    if (region.startsWith("cn-")) {
      return "aws-cn";
    }
    return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  }
}
