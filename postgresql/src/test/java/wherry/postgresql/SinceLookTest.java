package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import wherry.postgresql.TableNotice.Partitioned.Loss;

class SinceLookTest {
  private static final Loss CERTAIN = new Loss("held rows", true, false);
  private static final Loss UNCERTAIN = new Loss("may have held rows", false, false);
  private static final Loss TOGETHER = new Loss("held rows like all others", true, true);

  private final SinceLook since = new SinceLook();

  private void looks(int times) {
    for (int i = 0; i < times; i++) {
      since.look(List.of());
    }
  }

  @Test
  void a_partition_that_was_empty_is_no_loss_where_the_log_told_of_no_row() {
    looks(2);
    assertThat(since.look(List.of(UNCERTAIN, CERTAIN))).contains(CERTAIN);
    assertThat(since.look(List.of(UNCERTAIN))).isEmpty();
  }

  @Test
  void rows_count_until_the_second_look_behind_them() {
    looks(2);
    since.row();
    assertThat(since.look(List.of())).isEmpty();
    assertThat(since.look(List.of(UNCERTAIN))).contains(UNCERTAIN);
    assertThat(since.look(List.of(UNCERTAIN))).isEmpty();
  }

  @Test
  void what_an_earlier_reader_was_told_last_may_have_been_a_row() {
    assertThat(since.look(List.of(UNCERTAIN))).contains(UNCERTAIN);
  }

  @Test
  void a_truncate_of_the_table_explains_what_happened_to_all_of_its_partitions() {
    assertThat(since.look(List.of(TOGETHER))).contains(TOGETHER);
    since.truncated();
    assertThat(since.look(List.of(TOGETHER))).isEmpty();
    assertThat(since.look(List.of(TOGETHER, CERTAIN))).contains(CERTAIN);
    assertThat(since.look(List.of(TOGETHER))).contains(TOGETHER);
  }
}
