package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

class SigV4Test {
  /** Key, secret, date and host of the published test suite of Signature Version 4. */
  private static final String KEY = "AKIDEXAMPLE";

  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  private static final Instant SIGNED_AT = Instant.parse("2015-08-30T12:36:00Z");
  private static final String SUITE_SCOPE = "/20150830/us-east-1/service/aws4_request";

  private static SigV4 verifierAt(Instant now) {
    return new SigV4(
        id -> id.equals(KEY) ? Optional.of(SECRET) : Optional.empty(),
        Clock.fixed(now, ZoneOffset.UTC));
  }

  private static WireRequest suite(
      String method,
      String query,
      Map<String, List<String>> extra,
      String signedHeaders,
      String signature,
      String body) {
    Map<String, List<String>> headers = new HashMap<>(extra);
    headers.put("host", List.of("example.amazonaws.com"));
    headers.put("x-amz-date", List.of("20150830T123600Z"));
    headers.put(
        "authorization", List.of(authorization(KEY + SUITE_SCOPE, signedHeaders, signature)));
    return new WireRequest(method, "/", query, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  private static String authorization(String credential, String signedHeaders, String signature) {
    return "AWS4-HMAC-SHA256 Credential="
        + credential
        + ", SignedHeaders="
        + signedHeaders
        + ", Signature="
        + signature;
  }

  private static WireRequest getVanilla() {
    return suite(
        "GET",
        "",
        Map.of(),
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "");
  }

  /** What botocore 1.43 really sent, with a session token. */
  private static WireRequest botocore() {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("host", List.of("127.0.0.1:8080"));
    headers.put("content-type", List.of("application/x-amz-json-1.1"));
    headers.put("x-amz-date", List.of("20150830T123600Z"));
    headers.put("x-amz-security-token", List.of("AQoDYXdz//token=="));
    headers.put("x-amz-target", List.of("AmazonDMSv20160101.DescribeEndpoints"));
    headers.put(
        "authorization",
        List.of(
            authorization(
                KEY + "/20150830/eu-central-1/dms/aws4_request",
                "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
                "ca26b7e9aea39a13f5312c24353ac8bdd5fcf26c0bbb0280f1fa8715a04b8865")));
    return new WireRequest(
        "POST", "/", "", headers, "{\"MaxRecords\": 20}".getBytes(StandardCharsets.UTF_8));
  }

  private static WireRequest with(WireRequest request, String header, String... values) {
    Map<String, List<String>> headers = new HashMap<>(request.headers());
    headers.put(header, List.of(values));
    return new WireRequest(
        request.method(), request.rawPath(), request.rawQuery(), headers, request.body());
  }

  private static WireRequest without(WireRequest request, String header) {
    Map<String, List<String>> headers = new HashMap<>(request.headers());
    headers.remove(header);
    return new WireRequest(
        request.method(), request.rawPath(), request.rawQuery(), headers, request.body());
  }

  private static Fault refusal(WireRequest request) {
    Fault fault = catchThrowableOfType(Fault.class, () -> verifierAt(SIGNED_AT).verify(request));
    assertThat(fault).as("refusal").isNotNull();
    return fault;
  }

  @Test
  void get_vanilla_of_the_published_suite_is_accepted() {
    assertThat(verifierAt(SIGNED_AT).verify(getVanilla()))
        .isEqualTo(new SigV4.Signer(KEY, "us-east-1", "service"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Param1=value1&Param2=value2", "Param2=value2&Param1=value1"})
  void the_query_is_sorted_as_in_the_published_suite(String query) {
    String signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    WireRequest request = suite("GET", query, Map.of(), "host;x-amz-date", signature, "");
    assertThatCode(() -> verifierAt(SIGNED_AT).verify(request)).doesNotThrowAnyException();
  }

  @Test
  void header_values_are_trimmed_and_their_blanks_collapsed_as_in_the_published_suite() {
    WireRequest request =
        suite(
            "GET",
            "",
            Map.of("my-header1", List.of(" value1"), "my-header2", List.of(" \"a   b   c\"")),
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            "");
    assertThatCode(() -> verifierAt(SIGNED_AT).verify(request)).doesNotThrowAnyException();
  }

  @Test
  void a_header_given_twice_is_joined_as_in_the_published_suite() {
    WireRequest request =
        suite(
            "GET",
            "",
            Map.of("my-header1", List.of("value2", "value2", "value1")),
            "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            "");
    assertThatCode(() -> verifierAt(SIGNED_AT).verify(request)).doesNotThrowAnyException();
  }

  @Test
  void post_of_a_form_of_the_published_suite_is_accepted() {
    WireRequest request =
        suite(
            "POST",
            "",
            Map.of("content-type", List.of("application/x-www-form-urlencoded")),
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            "Param1=value1");
    assertThatCode(() -> verifierAt(SIGNED_AT).verify(request)).doesNotThrowAnyException();
  }

  @Test
  void a_request_of_botocore_is_accepted_with_region_and_service_as_claimed() {
    assertThat(verifierAt(SIGNED_AT).verify(botocore()))
        .isEqualTo(new SigV4.Signer(KEY, "eu-central-1", "dms"));
  }

  @Test
  void a_request_without_signature_lacks_a_token() {
    assertThat(refusal(without(botocore(), "authorization")).code())
        .isEqualTo("MissingAuthenticationTokenException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic dXNlcjpwYXNz",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request",
        "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/2015/r/s/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/../s/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, SignedHeaders=host, Signature=00",
      })
  void a_malformed_authorization_is_incomplete(String authorization) {
    assertThat(refusal(with(botocore(), "authorization", authorization)).code())
        .isEqualTo("IncompleteSignatureException");
  }

  @Test
  void two_authorizations_are_refused() {
    String one = botocore().headers().get("authorization").getFirst();
    assertThat(refusal(with(botocore(), "authorization", one, one)).code())
        .isEqualTo("IncompleteSignatureException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "yesterday", "20150830T123600", "2015-08-30T12:36:00Z", "20159930T123600Z"})
  void a_malformed_date_is_incomplete(String date) {
    assertThat(refusal(with(botocore(), "x-amz-date", date)).code())
        .isEqualTo("IncompleteSignatureException");
  }

  @Test
  void a_missing_date_is_incomplete() {
    assertThat(refusal(without(botocore(), "x-amz-date")).code())
        .isEqualTo("IncompleteSignatureException");
  }

  @Test
  void an_unknown_key_is_an_unrecognized_client() {
    String authorization =
        botocore().headers().get("authorization").getFirst().replace(KEY, "AKIDOTHER");
    assertThat(refusal(with(botocore(), "authorization", authorization)).code())
        .isEqualTo("UnrecognizedClientException");
  }

  @ParameterizedTest
  @CsvSource({"-901, false", "-899, true", "0, true", "899, true", "901, false"})
  void fifteen_minutes_of_clock_difference_are_tolerated(long seconds, boolean accepted) {
    SigV4 verifier = verifierAt(SIGNED_AT.plus(Duration.ofSeconds(seconds)));
    Fault fault = catchThrowableOfType(Fault.class, () -> verifier.verify(botocore()));
    if (accepted) {
      assertThat(fault).isNull();
    } else {
      assertThat(fault.code()).isEqualTo("InvalidSignatureException");
      assertThat(fault.text()).contains("20150830T123600Z is").contains("15 min.");
    }
  }

  @Test
  void the_day_of_the_scope_must_be_that_of_the_date() {
    String authorization =
        botocore().headers().get("authorization").getFirst().replace("/20150830/", "/20150829/");
    assertThat(refusal(with(botocore(), "authorization", authorization)).text())
        .startsWith("Date in Credential scope");
  }

  @Test
  void every_signed_header_must_be_there_and_host_among_them() {
    String authorization = botocore().headers().get("authorization").getFirst();
    WireRequest absent =
        with(
            botocore(), "authorization", authorization.replace("x-amz-target", "x-amz-target;x-z"));
    assertThat(refusal(absent).text()).contains("'x-z'");
    WireRequest hostless = with(botocore(), "authorization", authorization.replace("host;", ""));
    assertThat(refusal(hostless).text()).startsWith("'Host' must be");
  }

  @Test
  void an_amz_header_that_is_not_signed_is_refused() {
    assertThat(refusal(with(botocore(), "x-amz-extra", "1")).text())
        .endsWith("not signed: x-amz-extra");
  }

  @Test
  void a_given_body_hash_must_be_that_of_the_body() {
    WireRequest signed = sdkSigned("{}");
    WireRequest other = with(signed, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assertThat(refusal(other).text()).contains("SHA-256");
  }

  @Test
  void a_request_signed_by_the_sdk_is_accepted() {
    assertThat(verifierAt(SIGNED_AT).verify(sdkSigned("{\"MaxRecords\":20}")))
        .isEqualTo(new SigV4.Signer(KEY, "us-west-2", "dms"));
  }

  @Test
  void any_changed_byte_of_body_query_path_method_or_signed_header_is_refused() {
    long seed = new Random().nextLong();
    System.out.println("changed bytes with seed " + seed);
    var random = new Random(seed);
    for (WireRequest request :
        List.of(botocore(), sdkSigned("{\"Marker\":\"\u00e9\ud83d\ude80\"}"))) {
      assertThatCode(() -> verifierAt(SIGNED_AT).verify(request)).doesNotThrowAnyException();
      for (WireRequest changed : changes(request, random)) {
        assertThat(catchThrowableOfType(Fault.class, () -> verifierAt(SIGNED_AT).verify(changed)))
            .as(
                "%s %s?%s %s",
                changed.method(), changed.rawPath(), changed.rawQuery(), changed.headers())
            .isNotNull();
      }
    }
  }

  /**
   * Every byte of the body and every character of every signed header changed once, and the rest of
   * the request once.
   */
  private static List<WireRequest> changes(WireRequest request, Random random) {
    List<WireRequest> changes = new ArrayList<>();
    for (int i = 0; i < request.body().length; i++) {
      byte[] body = request.body().clone();
      body[i] ^= (byte) (1 << random.nextInt(8));
      changes.add(
          new WireRequest(
              request.method(), request.rawPath(), request.rawQuery(), request.headers(), body));
    }
    request
        .headers()
        .forEach((name, values) -> {
          String value = values.getFirst();
          int claims = name.equals("authorization") ? value.indexOf("Credential=") : 0;
          for (int i = claims; i < value.length(); i++) {
            char other = (char) ('a' + random.nextInt(26));
            boolean same = other == value.charAt(i) || Character.isWhitespace(value.charAt(i));
            if (!same) {
              changes.add(
                  with(request, name, value.substring(0, i) + other + value.substring(i + 1)));
            }
          }
        });
    changes.add(
        new WireRequest(
            "PUT", request.rawPath(), request.rawQuery(), request.headers(), request.body()));
    changes.add(
        new WireRequest("POST", "/x", request.rawQuery(), request.headers(), request.body()));
    changes.add(new WireRequest("POST", "/", "a=b", request.headers(), request.body()));
    return changes;
  }

  private static WireRequest sdkSigned(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    SdkHttpRequest unsigned =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(URI.create("http://127.0.0.1:8080/"))
            .putHeader("X-Amz-Target", "AmazonDMSv20160101.DescribeEndpoints")
            .putHeader("Content-Type", "application/x-amz-json-1.1")
            .build();
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(request ->
                request
                    .identity(AwsCredentialsIdentity.create(KEY, SECRET))
                    .request(unsigned)
                    .payload(ContentStreamProvider.fromByteArray(bytes))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "dms")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "us-west-2")
                    .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(SIGNED_AT, ZoneOffset.UTC)))
            .request();
    Map<String, List<String>> headers = new HashMap<>();
    signed.headers().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
    return new WireRequest("POST", "/", "", headers, bytes);
  }
}
