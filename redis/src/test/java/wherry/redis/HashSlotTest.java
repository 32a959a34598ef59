package wherry.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HashSlotTest {
  /** The cluster specification's own check value: CRC16 of 123456789 is 0x31C3. */
  @Test
  void a_key_has_the_slot_that_the_specification_gives() {
    assertThat(slot("123456789")).isEqualTo(0x31c3);
    assertThat(slot("foo")).isEqualTo(12_182);
    assertThat(slot("")).isZero();
  }

  @Test
  void a_hash_tag_decides_and_an_empty_one_does_not() {
    assertThat(slot("{user1000}.following")).isEqualTo(slot("user1000"));
    assertThat(slot("foo{bar}{zap}")).isEqualTo(slot("bar"));
    assertThat(slot("foo{{bar}}zap")).isEqualTo(slot("{bar"));
    assertThat(slot("foo{}{bar}")).isNotEqualTo(slot("bar"));
  }

  @Test
  void each_slot_has_a_tag() {
    for (int slot = 0; slot < SlotRange.SLOTS; slot++) {
      assertThat(slot("x{" + HashSlot.tagOf(slot) + "}y")).isEqualTo(slot);
    }
  }

  private static int slot(String key) {
    return HashSlot.of(key.getBytes(StandardCharsets.UTF_8));
  }
}
