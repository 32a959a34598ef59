package wherry.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShortCopyTest {
  @Test
  void copies_what_arraycopy_copies_at_every_place_of_an_array() {
    byte[] source = new byte[50];
    new Random(1).nextBytes(source);
    for (int length = 0; length <= 33; length++) {
      for (int from = 0; from + length <= source.length; from++) {
        for (int to = 0; to + length <= 40; to++) {
          byte[] target = new byte[40];
          ShortCopy.copy(source, from, target, to, length);
          assertThat(Arrays.copyOfRange(target, to, to + length))
              .isEqualTo(Arrays.copyOfRange(source, from, from + length));
          assertThat(Arrays.copyOf(target, to)).isEqualTo(new byte[to]);
        }
      }
    }
  }

  @Test
  void refuses_places_outside_of_the_arrays() {
    byte[] cells = new byte[40];
    assertThatThrownBy(() -> ShortCopy.copy(cells, -1, new byte[40], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ShortCopy.copy(cells, 37, new byte[40], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ShortCopy.copy(cells, 0, new byte[40], 37, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ShortCopy.copy(cells, 0, new byte[40], 0, -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
