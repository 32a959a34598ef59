package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import wherry.chaos.Findings.Kind;

class WatchTest {
  private final Findings findings = new Findings();
  private final Watch watch = new Watch(findings, true);

  private void look(long row, long version) {
    watch.see(watch.ticket(), Table.ACCOUNT, Map.of(row, version));
  }

  @Test
  void a_row_may_stay_or_grow() {
    watch.arm();
    look(1, 5);
    look(1, 5);
    look(1, 6);
    look(2, 1);
    assertThat(findings.none()).isTrue();
    assertThat(watch.looks()).isEqualTo(4);
  }

  @Test
  void a_row_that_goes_back_is_inverted() {
    watch.arm();
    look(1, 6);
    look(1, 5);
    assertThat(findings.count(Kind.INVERTED)).isEqualTo(1);
    assertThat(findings.examples().get(0)).contains("ACCOUNT 1: version 5 after 6");
  }

  @Test
  void a_sum_that_is_not_whole_is_torn_where_transactions_are_promised() {
    watch.arm();
    watch.seeInvariant(watch.ticket(), "the sum", 100, 99);
    assertThat(findings.count(Kind.TORN)).isEqualTo(1);

    Findings ofBatch = new Findings();
    Watch batch = new Watch(ofBatch, false);
    batch.arm();
    batch.seeInvariant(batch.ticket(), "the sum", 100, 99);
    assertThat(ofBatch.none()).isTrue();
  }

  @Test
  void nothing_is_judged_before_it_is_armed_nor_while_it_is_disarmed() {
    look(1, 6);
    int early = watch.ticket();
    watch.arm();
    watch.seeInvariant(early, "the sum", 100, 99);
    look(1, 5);
    int stale = watch.ticket();
    watch.disarm();
    look(1, 1);
    watch.arm();
    watch.see(stale, Table.ACCOUNT, Map.of(1L, 9L));
    look(1, 2);
    assertThat(findings.none()).as("%s", findings.examples()).isTrue();
  }
}
