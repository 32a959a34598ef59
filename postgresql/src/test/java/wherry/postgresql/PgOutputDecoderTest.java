package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import wherry.postgresql.PgOutputDecoder.OldRow;

/** The messages as the manual draws them. */
class PgOutputDecoderTest implements PgOutputDecoder.Changes {
  private final List<String> said = new ArrayList<>();
  private final PgOutputDecoder decoder = new PgOutputDecoder(this);

  /** Writes numbers by their class, texts with a zero behind them, tuples as arrays. */
  private static byte[] message(Object... fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Object field : fields) {
        switch (field) {
          case Character c -> out.writeByte(c);
          case Byte b -> out.writeByte(b);
          case Short s -> out.writeShort(s);
          case Integer i -> out.writeInt(i);
          case Long l -> out.writeLong(l);
          case String text -> {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.writeByte(0);
          }
          case String[] tuple -> tuple(out, tuple);
          default -> throw new IllegalArgumentException(field.toString());
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static void tuple(DataOutputStream out, String... cells) throws IOException {
    out.writeShort(cells.length);
    for (String cell : cells) {
      if (cell.equals("NULL") || cell.equals("?")) {
        out.writeByte(cell.equals("?") ? 'u' : 'n');
      } else {
        out.writeByte('t');
        out.writeInt(cell.getBytes(StandardCharsets.UTF_8).length);
        out.write(cell.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static String[] row(String... cells) {
    return cells;
  }

  private List<String> said(byte[] message) {
    said.clear();
    decoder.decode(message, 0, false);
    return said;
  }

  @Test
  void begin_and_commit_have_positions_and_time() {
    assertThat(said(message('B', 0x1_0000_0001L, 1_000_000L, -2)))
        .containsExactly("begin 4294967294 at 1/1 946684801000000");
    assertThat(said(message('C', (byte) 0, 1L, 0x10L, 1_000_000L))).containsExactly("commit 0/10");
  }

  @Test
  void rows_are_found_wherever_they_stand() {
    assertThat(said(message('I', 7, 'N', row("1", "NULL", "", "ä"))))
        .containsExactly("insert 7 [1, NULL, , ä]");
    assertThat(said(message('U', 7, 'N', row("1", "?"))))
        .containsExactly("update 7 NONE to [1, ?]");
    assertThat(said(message('U', 7, 'K', row("1", "NULL"), 'N', row("2", "x"))))
        .containsExactly("update 7 KEY [1, NULL] to [2, x]");
    assertThat(said(message('U', 7, 'O', row("1", "y"), 'N', row("2", "x"))))
        .containsExactly("update 7 WHOLE [1, y] to [2, x]");
    assertThat(said(message('D', 7, 'O', row("1", "y")))).containsExactly("delete 7 WHOLE [1, y]");
    assertThat(said(message('D', 7, 'K', row("1", "NULL"))))
        .containsExactly("delete 7 KEY [1, NULL]");
  }

  @Test
  void a_row_may_have_as_many_columns_as_a_table() {
    String[] wide = new String[1600];
    Arrays.fill(wide, "v");
    assertThat(said(message('I', 7, 'N', wide)))
        .containsExactly("insert 7 " + Arrays.toString(wide));
  }

  @Test
  void a_relation_is_described_with_its_columns() {
    byte[] message =
        message(
            'R', 7, "public", "täble", 'd', (short) 2, (byte) 1, "id", 23, -1, (byte) 0, "v", 1043,
            9);
    assertThat(said(message))
        .containsExactly(
            "relation 7 public.täble d [Column[key=true, name=id, type=23, modifier=-1],"
                + " Column[key=false, name=v, type=1043, modifier=9]]");
  }

  @Test
  void truncate_names_all_its_tables() {
    assertThat(said(message('T', 2, (byte) 3, 7, 8))).containsExactly("truncate [7, 8]");
  }

  @Test
  void messages_of_streamed_transactions_carry_a_number_more() {
    said.clear();
    decoder.decode(message('I', 99, 7, 'N', row("1")), 0, true);
    decoder.decode(message('T', 99, 1, (byte) 0, 7), 0, true);
    assertThat(said).containsExactly("insert 7 [1]", "truncate [7]");
  }

  @Test
  void what_rows_do_not_need_is_passed_over_and_what_is_unknown_is_not() {
    assertThat(said(message('Y', 7, "public", "mood"))).isEmpty();
    assertThat(said(message('O', 7L, "origin"))).isEmpty();
    assertThat(said(message('M', (byte) 0, 7L, "prefix", 0))).isEmpty();
    assertThatThrownBy(() -> said(message('Z'))).hasMessageContaining("unknown type Z");
  }

  private static String text(Tuple tuple) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < tuple.count(); i++) {
      cells.add(
          switch (tuple.length(i)) {
            case Tuple.NULL -> "NULL";
            case Tuple.UNCHANGED -> "?";
            default ->
                new String(
                    tuple.message(), tuple.start(i), tuple.length(i), StandardCharsets.UTF_8);
          });
    }
    return cells.toString();
  }

  @Override
  public void begin(int xid, long commitLsn, long committedAt) {
    said.add(
        "begin %s at %s %d"
            .formatted(Integer.toUnsignedString(xid), new Lsn(commitLsn), committedAt));
  }

  @Override
  public void commit(long endLsn) {
    said.add("commit " + new Lsn(endLsn));
  }

  @Override
  public void relation(LoggedRelation relation) {
    said.add(
        "relation %d %s %c %s"
            .formatted(relation.oid(), relation.id(), relation.identity(), relation.columns()));
  }

  @Override
  public void insert(int relation, Tuple row) {
    said.add("insert " + relation + " " + text(row));
  }

  @Override
  public void update(int relation, OldRow old, Tuple before, Tuple after) {
    said.add(
        "update %d %s%s to %s"
            .formatted(relation, old, old == OldRow.NONE ? "" : " " + text(before), text(after)));
  }

  @Override
  public void delete(int relation, OldRow old, Tuple before) {
    said.add("delete %d %s %s".formatted(relation, old, text(before)));
  }

  @Override
  public void truncate(int[] relations) {
    said.add("truncate " + Arrays.toString(relations));
  }
}
