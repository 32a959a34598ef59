package wherry.server.wire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies AWS Signature Version 4 of a request's headers. The signature is computed anew over the
 * headers that the client says it signed; every {@code x-amz-} header and {@code host} must be
 * among them. Region and service are taken as claimed: the region selects the region of ARNs.
 * Thread-safe.
 *
 * <p>Source: "Signature Version 4 signing process", AWS General Reference. The path is taken as
 * sent; DMS has only {@code /}.
 */
public final class SigV4 {
  private static final Duration SKEW = Duration.ofMinutes(15);
  private static final DateTimeFormatter AMZ_DATE =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final int DAY_LENGTH = 8;
  private static final String HMAC = "HmacSHA256";

  private final AccessKeys keys;
  private final Clock clock;

  /** Who signed: what the credential scope says, proven by the signature. */
  public record Signer(String accessKeyId, String region, String service) {}

  public SigV4(AccessKeys keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * @throws Fault MissingAuthenticationTokenException, IncompleteSignatureException,
   *     UnrecognizedClientException or InvalidSignatureException
   */
  Signer verify(WireRequest request) {
    List<String> authorization = request.headers().getOrDefault("authorization", List.of());
    if (authorization.isEmpty()) {
      throw Fault.of("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    if (authorization.size() > 1) {
      throw Fault.of(
          "IncompleteSignatureException", "The request has more than one Authorization header.");
    }
    Signature signature = Signature.parse(authorization.getFirst());
    String time = timeOf(request);
    requireCurrent(time, signature);
    requireSigned(request, signature);
    String bodyHash = bodyHash(request);
    String secret =
        keys.secretOf(signature.accessKeyId())
            .orElseThrow(() ->
                Fault.of(
                    "UnrecognizedClientException",
                    "The security token included in the request is invalid."));
    String canonical = canonicalRequest(request, signature.signedHeaders(), bodyHash);
    String expected = sign(secret, signature, stringToSign(time, signature.scope(), canonical));
    if (!MessageDigest.isEqual(ascii(expected), ascii(signature.hex()))) {
      throw invalid(
          "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
              + " and signing method. Consult the service documentation for details.");
    }
    return new Signer(signature.accessKeyId(), signature.region(), signature.service());
  }

  private static String timeOf(WireRequest request) {
    return request
        .header("x-amz-date")
        .orElseThrow(() ->
            Fault.of(
                "IncompleteSignatureException",
                "Authorization header requires existence of one 'X-Amz-Date' header."));
  }

  private void requireCurrent(String time, Signature signature) {
    Instant signed;
    try {
      signed = LocalDateTime.parse(time, AMZ_DATE).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw Fault.of(
          "IncompleteSignatureException",
          "X-Amz-Date must be in ISO-8601 'basic format', yyyyMMddTHHmmssZ.");
    }
    if (!time.substring(0, DAY_LENGTH).equals(signature.day())) {
      throw invalid(
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s'"
              .formatted(signature.day(), time.substring(0, DAY_LENGTH)));
    }
    Instant now = clock.instant();
    if (signed.isBefore(now.minus(SKEW))) {
      throw invalid(
          "Signature expired: %s is now earlier than %s (%s - 15 min.)"
              .formatted(time, AMZ_DATE.format(now.minus(SKEW)), AMZ_DATE.format(now)));
    }
    if (signed.isAfter(now.plus(SKEW))) {
      throw invalid(
          "Signature not yet current: %s is still later than %s (%s + 15 min.)"
              .formatted(time, AMZ_DATE.format(now.plus(SKEW)), AMZ_DATE.format(now)));
    }
  }

  private static void requireSigned(WireRequest request, Signature signature) {
    List<String> signed = signature.signedHeaders();
    if (signed.stream().distinct().count() < signed.size()) {
      throw invalid("SignedHeaders names a header twice.");
    }
    for (String name : signed) {
      if (!request.headers().containsKey(name)) {
        throw invalid(
            "SignedHeaders names the header '" + name + "', which the request does not have.");
      }
    }
    if (!signed.contains("host")) {
      throw invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (String name : request.headers().keySet()) {
      if (name.startsWith("x-amz-") && !signed.contains(name)) {
        throw invalid(
            "There were headers present in the request which were not signed: "
                + Printable.shortened(name));
      }
    }
  }

  private static String bodyHash(WireRequest request) {
    String hash = HexFormat.of().formatHex(sha256(request.body()));
    if (request.headers().containsKey("x-amz-content-sha256")
        && !request.header("x-amz-content-sha256").equals(Optional.of(hash))) {
      throw invalid("The value of 'X-Amz-Content-SHA256' is not the SHA-256 of the request body.");
    }
    return hash;
  }

  static String canonicalRequest(WireRequest request, List<String> signedHeaders, String bodyHash) {
    StringBuilder canonical = new StringBuilder(512);
    canonical.append(request.method()).append('\n');
    canonical.append(request.rawPath().isEmpty() ? "/" : request.rawPath()).append('\n');
    canonical.append(canonicalQuery(request.rawQuery())).append('\n');
    for (String name : signedHeaders) {
      String values =
          request.headers().getOrDefault(name, List.of()).stream()
              .map(value -> value.strip().replaceAll("\\s+", " "))
              .collect(Collectors.joining(","));
      canonical.append(name).append(':').append(values).append('\n');
    }
    canonical.append('\n').append(String.join(";", signedHeaders)).append('\n');
    return canonical.append(bodyHash).toString();
  }

  private static String canonicalQuery(String rawQuery) {
    if (rawQuery.isEmpty()) {
      return "";
    }
    return Arrays.stream(rawQuery.split("&", -1))
        .map(pair -> pair.contains("=") ? pair : pair + "=")
        // A name that is a prefix of another sorts first, though '=' is greater than '-' and
        // digits.
        .sorted(Comparator.comparing(pair -> pair.replaceFirst("=", "\0")))
        .collect(Collectors.joining("&"));
  }

  static String stringToSign(String time, String scope, String canonicalRequest) {
    String hash =
        HexFormat.of().formatHex(sha256(canonicalRequest.getBytes(StandardCharsets.UTF_8)));
    return Signature.ALGORITHM + "\n" + time + "\n" + scope + "\n" + hash;
  }

  private static String sign(String secret, Signature signature, String stringToSign) {
    byte[] dayKey = hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), signature.day());
    byte[] regionKey = hmac(dayKey, signature.region());
    byte[] serviceKey = hmac(regionKey, signature.service());
    byte[] signingKey = hmac(serviceKey, "aws4_request");
    return HexFormat.of().formatHex(hmac(signingKey, stringToSign));
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has " + HMAC, e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Fault invalid(String message) {
    return Fault.of("InvalidSignatureException", message);
  }
}
