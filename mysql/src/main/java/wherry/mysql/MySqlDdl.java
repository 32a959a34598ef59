package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** The statements that create a table, its key and its indexes. */
final class MySqlDdl {
  /**
   * Bytes of a row without its TEXT and BLOB values ("Limits on Table Column Count and Row Size"),
   * with some to spare.
   */
  private static final int ROW_BYTES_MAX = 65000;

  private static final Pattern BOUNDED =
      Pattern.compile("(var)?(char|binary)\\((\\d+)\\).*", Pattern.DOTALL);
  private static final int PREFIX_CHARACTERS = 191;
  private static final String GENERATED_KEY = "my_row_id";

  private final MySqlTypes types;
  private final boolean explicitTimestamps;
  private final TableId target;
  private final TableSchema wanted;

  /**
   * @param explicitTimestamps explicit_defaults_for_timestamp: else a bare TIMESTAMP updates itself
   */
  MySqlDdl(MySqlTypes types, boolean explicitTimestamps, TableId target, TableSchema wanted) {
    this.types = types;
    this.explicitTimestamps = explicitTimestamps;
    this.target = target;
    this.wanted = wanted;
  }

  String createTable(boolean withKey) {
    checkNames();
    List<String> parts = new ArrayList<>();
    List<String> columnTypes = columnTypes();
    for (int i = 0; i < columnTypes.size(); i++) {
      Column column = wanted.columns().get(i);
      boolean notNull = wanted.isKeyColumn(i) || (!column.nullable() && !column.type().isLob());
      parts.add(
          MySqlNames.quoted(column.name())
              + " "
              + columnTypes.get(i)
              + nullability(columnTypes.get(i), notNull));
    }
    if (withKey) {
      wanted.key().ifPresent(key -> parts.add(keyClause(key)));
    }
    return "CREATE TABLE "
        + MySqlNames.quoted(target)
        + " (\n  "
        + String.join(",\n  ", parts)
        + "\n) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 ROW_FORMAT=DYNAMIC";
  }

  private String nullability(String type, boolean notNull) {
    boolean timestamp = type.toLowerCase(Locale.ROOT).startsWith("timestamp");
    if (!notNull) {
      return timestamp ? " NULL DEFAULT NULL" : " NULL";
    }
    return timestamp && !explicitTimestamps
        ? " NOT NULL DEFAULT '1970-01-01 00:00:01'"
        : " NOT NULL";
  }

  String addKey() {
    return "ALTER TABLE "
        + MySqlNames.quoted(target)
        + " ADD "
        + keyClause(wanted.key().orElseThrow());
  }

  /** As {@link #addKey}, in place of the key that MySQL has made up for a table without one. */
  String replaceGeneratedKey() {
    return "ALTER TABLE "
        + MySqlNames.quoted(target)
        + " DROP PRIMARY KEY, DROP COLUMN "
        + GENERATED_KEY
        + ", ADD "
        + keyClause(wanted.key().orElseThrow());
  }

  /** Whether the key is one of sql_generate_invisible_primary_key. */
  static boolean isGeneratedKey(TableSchema table) {
    return table.key().isPresent()
        && table.key().get().columns().stream()
            .allMatch(column -> table.columns().get(column).name().equals(GENERATED_KEY));
  }

  private String keyClause(Key key) {
    String columns =
        String.join(
            ",",
            key.columns().stream()
                .map(c -> MySqlNames.quoted(wanted.columns().get(c).name()))
                .toList());
    if (key.primary()) {
      return "PRIMARY KEY (" + columns + ")";
    }
    return "UNIQUE KEY " + MySqlNames.quoted(uniqueName(key)) + " (" + columns + ")";
  }

  private String uniqueName(Key key) {
    Optional<String> own =
        wanted.indexes().stream()
            .filter(index ->
                index.unique()
                    && index.parts().stream()
                        .map(Index.Part::column)
                        .toList()
                        .equals(key.columns()))
            .map(Index::name)
            .filter(name -> name.length() <= MySqlNames.LENGTH_MAX)
            .findFirst();
    String made = target.name() + "_key";
    return own.orElse(made.substring(Math.max(0, made.length() - MySqlNames.LENGTH_MAX)));
  }

  /**
   * @param columns the target's columns as they are
   */
  String createIndex(Index index, List<Column> columns) {
    List<String> parts = new ArrayList<>();
    for (Index.Part part : index.parts()) {
      Column column = columns.get(part.column());
      int prefix = part.prefixLength() > 0 ? part.prefixLength() : impliedPrefix(column);
      parts.add(
          MySqlNames.quoted(column.name())
              + (prefix > 0 ? "(" + prefix + ")" : "")
              + (part.descending() ? " DESC" : ""));
    }
    return "CREATE "
        + (index.unique() ? "UNIQUE " : "")
        + "INDEX "
        + MySqlNames.quoted(index.name())
        + " ON "
        + MySqlNames.quoted(target)
        + " ("
        + String.join(",", parts)
        + ")";
  }

  /** TEXT and BLOB are indexed by a prefix only. */
  static int impliedPrefix(Column column) {
    String type = column.nativeType().name().toLowerCase(Locale.ROOT);
    boolean unbounded = type.matches("(tiny|medium|long)?(text|blob).*");
    Matcher bounded = BOUNDED.matcher(type);
    boolean wide =
        bounded.matches() && Integer.parseInt(bounded.group(3)) > MySqlTypes.KEY_BYTES_MAX / 4;
    return unbounded || wide ? PREFIX_CHARACTERS : 0;
  }

  /** The type that a column gets. */
  String type(int column) {
    return columnTypes().get(column);
  }

  /** The column's type, and whether it takes NULL. */
  String definition(int column, boolean nullable) {
    return type(column) + nullability(type(column), !nullable);
  }

  private List<String> columnTypes() {
    List<String> result = new ArrayList<>();
    int keyBytes = keyBytesOfUnbounded();
    for (int i = 0; i < wanted.columns().size(); i++) {
      result.add(types.type(wanted.columns().get(i), wanted.isKeyColumn(i) ? keyBytes : 0));
    }
    spillWidest(result);
    return result;
  }

  /** The key's columns without a usable length of their own share what the others leave. */
  private int keyBytesOfUnbounded() {
    int left = MySqlTypes.KEY_BYTES_MAX;
    int unbounded = 0;
    for (int c : wanted.key().map(Key::columns).orElse(List.of())) {
      Column column = wanted.columns().get(c);
      boolean sized = column.type().isText() || column.type().isBinary();
      int own = column.type().isBinary() ? column.length() : 4 * column.length();
      if (sized && (column.length() == 0 || own > MySqlTypes.KEY_BYTES_MAX / 2)) {
        unbounded++;
      } else {
        left -= sized ? own : 16;
      }
    }
    return unbounded == 0 ? MySqlTypes.KEY_BYTES_MAX : Math.max(4, left / unbounded);
  }

  /**
   * A row is limited to 65,535 bytes over all its columns, but TEXT and BLOB values do not count.
   */
  private void spillWidest(List<String> columnTypes) {
    while (true) {
      int sum = 0;
      int widest = -1;
      for (int i = 0; i < columnTypes.size(); i++) {
        int bytes = bytes(columnTypes.get(i));
        sum += bytes;
        boolean mayChange =
            !wanted.isKeyColumn(i)
                && !wanted.columns().get(i).nativeType().family().equals(MySqlColumns.FAMILY);
        if (mayChange && bytes > 1000 && (widest < 0 || bytes > bytes(columnTypes.get(widest)))) {
          widest = i;
        }
      }
      if (sum <= ROW_BYTES_MAX || widest < 0) {
        return;
      }
      String type = columnTypes.get(widest);
      columnTypes.set(
          widest,
          type.replaceFirst("(var)?char\\(\\d+\\)", "text")
              .replaceFirst("(var)?binary\\(\\d+\\)", "blob"));
    }
  }

  private static int bytes(String type) {
    Matcher matcher = BOUNDED.matcher(type);
    if (!matcher.matches()) {
      return 12;
    }
    int length = Integer.parseInt(matcher.group(3));
    boolean narrow =
        matcher.group(2).equals("binary") || type.contains("ascii") || type.contains("latin1");
    return (narrow ? length : type.contains("utf8mb3") ? 3 * length : 4 * length) + 2;
  }

  private void checkNames() {
    Map<String, String> seen = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    List<String> names = new ArrayList<>(List.of(target.schema(), target.name()));
    for (Column column : wanted.columns()) {
      names.add(column.name());
      String other = seen.put(column.name(), column.name());
      if (other != null) {
        throw failed(
            "the columns "
                + other
                + " and "
                + column.name()
                + " are one column here, where case does not count."
                + " Rename one with a transformation rule");
      }
    }
    for (String name : names) {
      if (name.codePointCount(0, name.length()) > MySqlNames.LENGTH_MAX) {
        throw failed(
            "the name "
                + name
                + " is longer than 64 characters. Rename it with a transformation rule");
      }
      if (name.endsWith(" ")
          || name.isEmpty()
          || name.codePoints().anyMatch(c -> c > 0xFFFF || c == 0)) {
        throw failed(
            "the name '" + name + "' is not possible here. Rename it with a transformation rule");
      }
    }
  }

  private DmsException failed(String why) {
    return new DmsException(
        ErrorCode.TARGET_TABLE_FAILED,
        wanted.id(),
        "Table " + target + " cannot be created: " + why + ".",
        null);
  }
}
