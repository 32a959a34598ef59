package wherry.server.wire;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Points in time on the wire: numbers of epoch seconds with millisecond decimals, or ISO 8601
 * strings. AWS takes both in requests, and an ISO string without a zone as UTC (the form its own
 * documentation uses for {@code CdcStartTime}).
 */
final class Timestamps {
  private static final BigDecimal FIRST = new BigDecimal("-62135596800"); // 0001-01-01T00:00:00Z
  private static final BigDecimal LAST = new BigDecimal("253402300800"); // 10000-01-01T00:00:00Z

  /** Rescaling 1e-999999999 would allocate a gigabyte of zeros. */
  private static final int DECIMALS_LIMIT = 100;

  private static final DateTimeFormatter ISO_MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Timestamps() {}

  /**
   * @throws DateTimeException when the value is neither form, or outside the years 1 to 9999
   */
  static Instant parse(JsonNode value) {
    return value.isNumber() ? fromSeconds(value.decimalValue()) : fromIso(value.asString());
  }

  private static Instant fromSeconds(BigDecimal seconds) {
    if (seconds.scale() > DECIMALS_LIMIT
        || seconds.compareTo(FIRST) < 0
        || seconds.compareTo(LAST) >= 0) {
      throw new DateTimeException("outside the years 1 to 9999, or of absurd precision");
    }
    BigDecimal nanos = seconds.setScale(9, RoundingMode.FLOOR);
    BigDecimal whole = nanos.setScale(0, RoundingMode.FLOOR);
    return Instant.ofEpochSecond(
        whole.longValueExact(), nanos.subtract(whole).movePointRight(9).longValueExact());
  }

  private static Instant fromIso(String text) {
    TemporalAccessor parsed =
        DateTimeFormatter.ISO_DATE_TIME.parseBest(
            text.trim(), OffsetDateTime::from, LocalDateTime::from);
    Instant instant =
        parsed instanceof LocalDateTime local
            ? local.toInstant(ZoneOffset.UTC)
            : Instant.from(parsed);
    return fromSeconds(
        BigDecimal.valueOf(instant.getEpochSecond()).add(BigDecimal.valueOf(instant.getNano(), 9)));
  }

  /**
   * Epoch seconds as a JSON number with at most three decimals; strings here break the SDK for Go.
   */
  static JsonNode seconds(Instant instant) {
    BigDecimal seconds = BigDecimal.valueOf(instant.toEpochMilli(), 3).stripTrailingZeros();
    return JsonNodeFactory.instance.numberNode(seconds.scale() < 0 ? seconds.setScale(0) : seconds);
  }

  static String iso(Instant instant) {
    return ISO_MILLIS.format(instant);
  }
}
