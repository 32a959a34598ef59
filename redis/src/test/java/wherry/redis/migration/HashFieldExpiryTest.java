package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import wherry.redis.migration.Finding.Severity;
import wherry.redis.migration.Progress.Way;

class HashFieldExpiryTest {
  @Test
  void a_check_refuses_fields_that_expire_where_they_would_stop_the_stream() {
    assertThat(HashFieldExpiry.finding(true, true, Way.STREAM))
        .hasValueSatisfying(finding -> {
          assertThat(finding.severity()).isEqualTo(Severity.ERROR);
          assertThat(finding.remedy()).contains("replicates natively", "HPERSIST");
        });
    assertThat(HashFieldExpiry.finding(true, false, Way.NATIVE))
        .hasValueSatisfying(finding -> assertThat(finding.severity()).isEqualTo(Severity.ERROR));
    assertThat(HashFieldExpiry.finding(true, true, Way.NATIVE)).isEmpty();
  }

  @Test
  void a_check_says_that_they_stop_the_stream_when_they_come_later() {
    assertThat(HashFieldExpiry.finding(false, true, Way.STREAM))
        .hasValueSatisfying(finding -> {
          assertThat(finding.severity()).isEqualTo(Severity.NOTE);
          assertThat(finding.message()).contains("HEXPIRE");
        });
    assertThat(HashFieldExpiry.finding(false, true, Way.NATIVE)).isEmpty();
  }

  @Test
  void servers_count_them_in_different_words() {
    assertThat(HashFieldExpiry.isCountedIn("keys=5,expires=0,avg_ttl=0,subexpiry=2")).isTrue();
    assertThat(HashFieldExpiry.isCountedIn("keys=5,expires=0,keys_with_volatile_items=10"))
        .isTrue();
    assertThat(HashFieldExpiry.isCountedIn("keys=5,expires=1,avg_ttl=9,subexpiry=0")).isFalse();
    assertThat(HashFieldExpiry.isCountedIn("keys=5,expires=1,avg_ttl=9")).isFalse();
  }
}
