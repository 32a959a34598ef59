package wherry.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import wherry.redis.protocol.ByteInput;

/** Bytes from the comments of the servers' own sources, which draw each form. */
class PackedElementsTest {
  @Test
  void a_ziplist_of_numbers_and_text() throws IOException {
    String packed =
        "1c000000 16000000 0400 00f3 02f6 020b48656c6c6f20576f726c64 0dc0ff7f ff".replace(" ", "");

    assertThat(texts(PackedElements.ziplist(bytes(packed))))
        .containsExactly("2", "5", "Hello World", "32767");
  }

  @Test
  void a_listpack_of_every_width() throws IOException {
    String packed =
        ("00000000 0600 7f01 dfff02 83616263 04 f1008003 f3ffffff7f05 f400000000000000800a"
                .replace(" ", "")
            + "ff");

    assertThat(texts(PackedElements.listpack(bytes(packed))))
        .containsExactly("127", "-1", "abc", "-32768", "2147483647", "-9223372036854775808");
  }

  @Test
  void an_intset_and_a_zipmap() {
    assertThat(
            texts(
                PackedElements.intset(bytes("02000000 03000000 ffff 0500 0080".replace(" ", "")))))
        .containsExactly("-1", "5", "-32768");
    byte[] zipmap = "\2\3foo\3\0bar\5hello\5\1world!".getBytes(StandardCharsets.ISO_8859_1);
    byte[] ended = Arrays.copyOf(zipmap, zipmap.length + 1);
    ended[zipmap.length] = (byte) 0xff;

    assertThat(texts(PackedElements.zipmap(ended))).containsExactly("foo", "bar", "hello", "world");
  }

  @Test
  void a_compressed_string_may_copy_what_it_is_just_writing() throws IOException {
    // LZF, 6 bytes that become 11: two literals, then nine bytes, each from two back.
    byte[] string = bytes("c3060b016162e00001");

    assertThat(new String(RdbString.read(ByteInput.of(string)), StandardCharsets.US_ASCII))
        .isEqualTo("abababababa");
  }

  @Test
  void the_checksum_is_that_of_the_servers() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);

    assertThat(Crc64.update(0, digits, 0, 9)).isEqualTo(0xe9c6d914c4b8d9caL);
    assertThat(Crc64.update(Crc64.update(0, digits, 0, 4), digits, 4, 5))
        .isEqualTo(0xe9c6d914c4b8d9caL);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static List<String> texts(List<byte[]> elements) {
    return elements.stream()
        .map(element -> new String(element, StandardCharsets.ISO_8859_1))
        .toList();
  }
}
