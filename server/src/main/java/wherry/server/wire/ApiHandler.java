package wherry.server.wire;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a whole HTTP request to a whole answer: who calls, which protocol, which operation.
 * Thread-safe.
 */
final class ApiHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

  /** By the first part of X-Amz-Target. */
  private final Map<String, JsonService> services;

  private final ElastiCacheQuery elastiCache;
  private final Optional<SigV4> authentication;
  private final String accountId;
  private final String defaultRegion;

  ApiHandler(
      Map<String, JsonService> services,
      Router elastiCache,
      Optional<SigV4> authentication,
      HttpConfig config) {
    this.services = Map.copyOf(services);
    this.elastiCache = new ElastiCacheQuery(elastiCache);
    this.authentication = authentication;
    this.accountId = config.accountId();
    this.defaultRegion = config.region();
  }

  /** Answers a {@code POST /}; never throws. */
  WireAnswer answer(WireRequest request, String requestId) {
    boolean query = isQuery(request);
    try {
      Caller caller = caller(request);
      byte[] body = plainBody(request);
      return query ? query(body, caller, requestId) : json(request, body, caller);
    } catch (Fault fault) {
      return refusal(query, fault, requestId);
    } catch (RuntimeException | Error e) {
      LOG.error("Request {} ({}) failed", requestId, target(request), e);
      return refusal(query, Fault.internalFailure(requestId), requestId);
    }
  }

  /** The refusal of a request that was not even read to its end, in the protocol it speaks. */
  static WireAnswer refusal(String contentType, Fault fault, String requestId) {
    return refusal(isForm(contentType), fault, requestId);
  }

  private static WireAnswer refusal(boolean query, Fault fault, String requestId) {
    return query ? Sts.error(fault, requestId) : WireAnswer.fault(fault);
  }

  private WireAnswer query(byte[] body, Caller caller, String requestId) {
    QueryForm form = QueryForm.parse(body);
    return elastiCache.takes(form)
        ? elastiCache.answer(form, caller, requestId)
        : Sts.answer(form, caller, requestId);
  }

  private WireAnswer json(WireRequest request, byte[] body, Caller caller) {
    String target =
        request
            .header("x-amz-target")
            .orElseThrow(() ->
                Fault.unknownOperation(
                    "The request names no operation: it needs one X-Amz-Target header, such as "
                        + Contract.TARGET_PREFIX
                        + ".DescribeEndpoints."));
    int dot = target.indexOf('.');
    JsonService service = services.get(target.substring(0, Math.max(0, dot)));
    if (service == null) {
      throw Fault.unknownOperation(
          "This is AWS Database Migration Service ("
              + Contract.TARGET_PREFIX
              + "); it has no target '"
              + Printable.shortened(target)
              + "'.");
    }
    return WireAnswer.ok(
        service.answer(target.substring(dot + 1), Json.parseRequest(body), caller));
  }

  private Caller caller(WireRequest request) {
    if (authentication.isPresent()) {
      SigV4.Signer signer = authentication.get().verify(request);
      return new Caller(accountId, signer.region(), signer.accessKeyId());
    }
    String region =
        request.header("authorization").flatMap(ApiHandler::claimedRegion).orElse(defaultRegion);
    return new Caller(accountId, region, "anonymous");
  }

  /** Without authentication, clients still say in their signature which region they mean. */
  private static Optional<String> claimedRegion(String authorization) {
    try {
      return Optional.of(Signature.parse(authorization).region());
    } catch (Fault malformed) {
      return Optional.empty();
    }
  }

  private static byte[] plainBody(WireRequest request) {
    String encoding =
        request.header("content-encoding").orElse("identity").trim().toLowerCase(Locale.ROOT);
    return switch (encoding) {
      case "identity", "" -> request.body();
      case "gzip", "x-gzip" -> RequestBodies.inflate(request.body());
      default ->
          throw Fault.withStatus(
              "UnsupportedMediaTypeException",
              415,
              "Content-Encoding may be gzip or absent, not " + Printable.shortened(encoding) + ".");
    };
  }

  private static boolean isQuery(WireRequest request) {
    return !request.headers().containsKey("x-amz-target")
        && isForm(request.header("content-type").orElse(""));
  }

  private static boolean isForm(String contentType) {
    return contentType.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
  }

  private static String target(WireRequest request) {
    return Printable.shortened(request.header("x-amz-target").orElse("no target"));
  }
}
