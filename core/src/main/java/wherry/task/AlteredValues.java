package wherry.task;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import wherry.mapping.MappedTable;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.transform.OutputColumn;
import wherry.transform.RefusedRowText;
import wherry.transform.RowRefusal;
import wherry.transform.RowTransformer.Transformed;

/**
 * Values that change-data-type changes: numbers that it rounds, moments that it cuts. Values under
 * a mask are never looked at. Of one thread.
 */
final class AlteredValues {
  private static final int EXAMPLES_MAX = 3;

  /** What a moment may end with and be the same moment. */
  private static final Pattern NOTHING = Pattern.compile("[ T]?[0:.]*");

  private final RefusedRowText keys;
  private final List<Watched> watched = new ArrayList<>();

  /** A column whose cells are converted. */
  static final class Watched {
    private final int source;
    private final int target;
    private final Column column;
    private final List<String> examples = new ArrayList<>();
    private long values;

    private Watched(int source, int target, Column column) {
      this.source = source;
      this.target = target;
      this.column = column;
    }

    /** Its name on the target. */
    String column() {
      return column.name();
    }

    long values() {
      return values;
    }

    List<String> examples() {
      return examples;
    }
  }

  AlteredValues(MappedTable table) {
    this.keys = new RefusedRowText(table.transform(), table.source());
    List<String> sources = table.source().columns().stream().map(Column::name).toList();
    List<OutputColumn> columns = table.transform().columns();
    for (int i = 0; i < columns.size(); i++) {
      OutputColumn column = columns.get(i);
      if (column.content() instanceof OutputColumn.Converted converted
          && column.mask().isEmpty()
          && (isNumber(column.column().type()) || isMoment(column.column().type()))) {
        watched.add(new Watched(sources.indexOf(converted.source()), i, column.column()));
      }
    }
  }

  private static boolean isNumber(DataType type) {
    return type.isInteger()
        || type == DataType.NUMERIC
        || type == DataType.REAL4
        || type == DataType.REAL8;
  }

  private static boolean isMoment(DataType type) {
    return type == DataType.DATE || type == DataType.TIME || type == DataType.DATETIME;
  }

  /**
   * @param before rows with the source's columns
   * @param after the same rows, by the same numbers
   */
  void look(RowBatch before, Transformed after) {
    Set<Integer> refused = new HashSet<>();
    for (RowRefusal refusal : after.refusals()) {
      refused.add(refusal.row());
    }
    for (Watched each : watched) {
      for (int row = 0; row < before.count(); row++) {
        String was = before.text(row, each.source);
        String is = after.rows().text(row, each.target);
        if (!refused.contains(row) && !isSame(was, is, each.column.type())) {
          each.values++;
          if (each.examples.size() < EXAMPLES_MAX) {
            each.examples.add(keys.key(before, row) + ": " + was + " becomes " + is);
          }
        }
      }
    }
  }

  private static boolean isSame(@Nullable String was, @Nullable String is, DataType wanted) {
    if (was == null || is == null || was.equals(is)) {
      return Objects.equals(was, is);
    }
    if (isNumber(wanted)) {
      return isSameNumber(was.strip(), is);
    }
    String longer = was.length() > is.length() ? was : is;
    String shorter = was.length() > is.length() ? is : was;
    return longer.startsWith(shorter)
        && NOTHING.matcher(longer.substring(shorter.length())).matches();
  }

  private static boolean isSameNumber(String was, String is) {
    try {
      return new BigDecimal(was).compareTo(new BigDecimal(is)) == 0;
    } catch (NumberFormatException e) {
      return true; // A truth value, or no finite number; either is converted or refused as a whole.
    }
  }

  /** Columns of which values were changed. */
  List<Watched> found() {
    return watched.stream().filter(each -> each.values > 0).toList();
  }
}
