package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class CopyTextDecoderTest {
  private static RowBatch decoded(DataType type, String... lines) {
    Column column =
        new Column(
            "c",
            type,
            Meaning.PLAIN,
            0,
            0,
            0,
            List.of(),
            true,
            new NativeType("postgresql", "text"));
    CopyTextDecoder decoder =
        new CopyTextDecoder(
            new TableSchema(
                new TableId("s", "t"), List.of(column, column.withName("d")), Optional.empty()));
    for (String line : lines) {
      decoder.decode((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return decoder.build();
  }

  @Test
  void every_escape_that_the_server_writes_is_undone() {
    RowBatch rows =
        decoded(
            DataType.NCLOB,
            "a\\b\\f\\n\\r\\t\\v\\\\z\té😀",
            "\\\\N\t\\\\\\\\",
            "\\N\t",
            "\t\\N",
            "x\\t\t\\n");
    assertThat(rows.text(0, 0)).isEqualTo("a\b\f\n\r\t\u000b\\z");
    assertThat(rows.text(0, 1)).isEqualTo("é😀");
    assertThat(rows.text(1, 0)).isEqualTo("\\N");
    assertThat(rows.text(1, 1)).isEqualTo("\\\\");
    assertThat(rows.text(2, 0)).isNull();
    assertThat(rows.text(2, 1)).isEmpty();
    assertThat(rows.text(3, 0)).isEmpty();
    assertThat(rows.text(3, 1)).isNull();
    assertThat(rows.text(4, 0)).isEqualTo("x\t");
    assertThat(rows.text(4, 1)).isEqualTo("\n");
  }

  @Test
  void hexadecimal_becomes_bytes() {
    RowBatch rows = decoded(DataType.BLOB, "\\\\x00ff5c\t\\\\x", "\\N\t\\\\x0a");
    assertThat(rows.slab()).containsExactly(0, 0xff, 0x5c, 0x0a);
    assertThat(rows.isNull(1, 0)).isTrue();
    assertThat(rows.end(0, 1) - rows.start(0, 1)).isZero();
    assertThat(rows.isNull(0, 1)).isFalse();
  }
}
