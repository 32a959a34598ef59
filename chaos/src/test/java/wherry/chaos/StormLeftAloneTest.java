package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StormLeftAloneTest {
  private final StormLeftAlone left = new StormLeftAlone(false, false);

  @Test
  void a_column_that_took_the_name_of_one_that_is_gone_is_not_compared() {
    left.executed("ALTER TABLE s.t1 DROP COLUMN a, ADD COLUMN b int");
    left.executed("/* storm */ alter  table `t2`\n/*!50000 RENAME COLUMN c TO d */");
    left.executed("DO $$ BEGIN EXECUTE 'ALTER TABLE s.t3 DROP COLUMN e'; SELECT 1; END $$");

    assertThat(left.isAnotherColumn("t1", "a")).isTrue();
    assertThat(left.isAnotherColumn("t1", "b")).isFalse();
    assertThat(left.isAnotherColumn("t2", "a")).isFalse();
    assertThat(left.isAnotherColumn("t2", "c")).isTrue();
    assertThat(left.isAnotherColumn("t3", "e")).isTrue();
  }

  @Test
  void a_table_that_was_emptied_keeps_its_rows() {
    left.executed("TRUNCATE TABLE s.t1");
    left.executed("DELETE FROM s.t2");

    assertThat(left.keepsRows("t1")).isTrue();
    assertThat(left.keepsRows("t2")).isFalse();
  }

  @Test
  void what_is_to_be_done_on_the_target_is_compared() {
    StormLeftAlone nothing = new StormLeftAlone(true, true);
    nothing.executed("ALTER TABLE s.t1 DROP COLUMN a");
    nothing.executed("TRUNCATE TABLE s.t1");

    assertThat(nothing.isAnotherColumn("t1", "a")).isFalse();
    assertThat(nothing.keepsRows("t1")).isFalse();
  }
}
