package wherry.chaos;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the task is told not to do on the target, so that a difference is in its log alone, by the
 * statements that the source has executed. A table that gets another name is loaded anew, so all of
 * it is kept by the names of tables.
 */
final class StormLeftAlone {
  private static final String NAME = "`?(?:\\w+\\.)?(\\w+)`?";
  private static final Pattern TRUNCATE =
      Pattern.compile("TRUNCATE\\s+TABLE\\s+" + NAME, Pattern.CASE_INSENSITIVE);
  private static final Pattern ALTER =
      Pattern.compile("ALTER\\s+TABLE\\s+" + NAME, Pattern.CASE_INSENSITIVE);
  private static final Pattern VACATED =
      Pattern.compile("(?:DROP|RENAME)\\s+COLUMN\\s+(\\w+)", Pattern.CASE_INSENSITIVE);

  private final boolean altered;
  private final boolean truncated;
  private final Set<String> vacated = new TreeSet<>();
  private final Set<String> emptied = new TreeSet<>();

  /**
   * @param altered HandleSourceTableAltered
   * @param truncated HandleSourceTableTruncated
   */
  StormLeftAlone(boolean altered, boolean truncated) {
    this.altered = altered;
    this.truncated = truncated;
  }

  boolean altered() {
    return altered;
  }

  boolean truncated() {
    return truncated;
  }

  /** The source has not refused it. */
  void executed(String sql) {
    Matcher truncate = TRUNCATE.matcher(sql);
    if (!truncated && truncate.find()) {
      emptied.add(truncate.group(1));
    }
    Matcher alter = ALTER.matcher(sql);
    if (!altered && alter.find()) {
      VACATED
          .matcher(sql)
          .results()
          .forEach(column -> vacated.add(alter.group(1) + "." + column.group(1)));
    }
  }

  /**
   * Whether the target's column of this name may have been made from one that had the name before
   * on the source.
   */
  boolean isAnotherColumn(String table, String column) {
    return vacated.contains(table + "." + column);
  }

  /**
   * Whether the target may have rows that the source has no longer; what the source has, it has.
   */
  boolean keepsRows(String table) {
    return emptied.contains(table);
  }
}
