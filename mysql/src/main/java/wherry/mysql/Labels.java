package wherry.mysql;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One label of an ENUM or some of a SET, spelled exactly: the server would take another case for
 * the same label.
 */
final class Labels implements CellRule {
  private final Set<String> known;
  private final boolean several;

  Labels(List<String> labels, boolean several) {
    this.known = new HashSet<>(labels);
    this.several = several;
  }

  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    String text = CellRules.text(slab, start, end);
    if (!several) {
      return known.contains(text) ? null : unknown(text);
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
    return label.isEmpty()
        ? Refusal.data(
            "the value is the empty one that MySQL keeps for an invalid label (index 0), which cannot be written")
        : Refusal.data("'" + Shortened.text(label) + "' is none of the column's labels");
  }
}
