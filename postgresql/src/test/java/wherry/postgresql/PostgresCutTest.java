package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import wherry.change.SourceTransaction;
import wherry.error.DmsException;

/** Which transactions a snapshot has seen. */
class PostgresCutTest {
  private static final Lsn FROM = Lsn.parse("0/100");
  private static final Lsn UNTIL = Lsn.parse("0/200");

  private static SourceTransaction transaction(String xid, String at) {
    return new SourceTransaction(xid, Lsn.parse(at), Instant.EPOCH);
  }

  @Test
  void what_had_ended_is_seen_and_what_ran_or_had_not_begun_is_not() {
    PostgresCut cut = PostgresCut.of(FROM, UNTIL, "700:705:701,703");
    assertThat(cut.contains(transaction("699", "0/80"))).isTrue();
    assertThat(cut.contains(transaction("700", "0/180"))).isTrue();
    assertThat(cut.contains(transaction("701", "0/180"))).isFalse();
    assertThat(cut.contains(transaction("702", "0/180"))).isTrue();
    assertThat(cut.contains(transaction("705", "0/180"))).isFalse();
    assertThat(cut.from()).isEqualTo(FROM);
  }

  @Test
  void what_committed_behind_the_snapshot_is_never_seen() {
    PostgresCut cut = PostgresCut.of(FROM, UNTIL, "700:705:");
    assertThat(cut.contains(transaction("702", "0/1FF"))).isTrue();
    assertThat(cut.contains(transaction("702", "0/200"))).isFalse();
  }

  @Test
  void the_numbers_of_transactions_may_have_gone_round() {
    long epoch = 1L << 32;
    PostgresCut cut =
        PostgresCut.of(FROM, UNTIL, "%d:%d:%d".formatted(epoch - 10, epoch + 10, epoch - 5));
    assertThat(cut.contains(transaction("4294967290", "0/180"))).isTrue();
    assertThat(cut.contains(transaction("4294967291", "0/180"))).isFalse();
    assertThat(cut.contains(transaction("5", "0/180"))).isTrue();
    assertThat(cut.contains(transaction("10", "0/180"))).isFalse();
  }

  @Test
  void a_cut_is_read_back_from_its_text() {
    for (String snapshot :
        new String[] {"700:705:701,703", "5:5:", "4294967300:4294967310:4294967301"}) {
      PostgresCut cut = PostgresCut.of(FROM, UNTIL, snapshot);
      assertThat(PostgresCut.parse(cut.text())).isEqualTo(cut);
    }
    assertThatThrownBy(() -> PostgresCut.parse("binlog.000001:4"))
        .isInstanceOf(DmsException.class)
        .hasMessageContaining("binlog.000001:4");
  }
}
