package wherry.mysql;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One label of an ENUM or some of a SET, spelled exactly: the server would take another case for
 * the same label. The empty text that MySQL keeps for an invalid label (index 0) passes where it
 * comes from such a column.
 */
final class Labels implements CellRule {
  private final Set<String> known;
  private final boolean several;
  private final boolean indexZero;

  Labels(List<String> labels, boolean several, boolean indexZero) {
    this.known = new HashSet<>(labels);
    this.several = several;
    this.indexZero = indexZero;
  }

  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    String text = CellRules.text(slab, start, end);
    if (!several) {
      boolean fits = known.contains(text) || (indexZero && text.isEmpty());
      return fits ? null : unknown(text);
    }
    if (!text.isEmpty()) {
      for (String label : text.split(",", -1)) {
        if (!known.contains(label)) {
          return unknown(label);
        }
      }
    }
    return null;
  }

  private static Refusal unknown(String label) {
    return Refusal.data("'" + Shortened.text(label) + "' is none of the column's labels");
  }
}
