package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
  @Test
  void reads_and_writes_the_servers_notation() {
    assertThat(Lsn.parse("4AF/B00000D0")).isEqualTo(new Lsn(0x4AFB00000D0L));
    assertThat(Lsn.parse("0/0").text()).isEqualTo("0/0");
    assertThat(Lsn.parse("ffffffff/ffffffff").text()).isEqualTo("FFFFFFFF/FFFFFFFF");
  }

  @Test
  void positions_are_ordered_without_sign() {
    assertThat(Lsn.parse("FFFFFFFF/0"))
        .isGreaterThan(Lsn.parse("1/0"))
        .isGreaterThan(Lsn.parse("7FFFFFFF/FFFFFFFF"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "1", "1/", "/1", "G/1", "1/2/3", "123456789/1", " 1/1", "-1/1", "0x1/1"})
  void anything_else_is_refused(String text) {
    assertThatThrownBy(() -> Lsn.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
