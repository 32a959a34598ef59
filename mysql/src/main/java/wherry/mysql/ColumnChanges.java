package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import wherry.change.SchemaChange.ColumnChange;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The ALTER TABLE that brings a table's columns to where the source's are, told from what is there:
 * what was done before is not done again.
 */
final class ColumnChanges {
  private static final int LITERAL_BYTES = 256;
  private static final Pattern INTERIM = Pattern.compile("wherry_new_[0-9a-f]{1,8}");

  private final TableSchema there;
  private final TableSchema wanted;
  private final MySqlDdl ddl;
  private final boolean renamesColumns;
  private final Map<String, Column> columns = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * @param there the table as it is
   * @param ddl of the wanted table
   * @param renamesColumns whether the server knows RENAME COLUMN, which keeps the rest of the
   *     column's definition
   */
  private ColumnChanges(
      TableSchema there, TableSchema wanted, MySqlDdl ddl, boolean renamesColumns) {
    this.there = there;
    this.wanted = wanted;
    this.ddl = ddl;
    this.renamesColumns = renamesColumns;
    there.columns().forEach(column -> columns.put(column.name(), column));
  }

  /** Makes the changes that are not made yet. */
  static void make(
      MySqlSession session, TableId table, TableSchema wanted, List<ColumnChange> changes)
      throws SQLException {
    TableSchema there =
        new MySqlCatalog(session)
            .table(table)
            .map(MySqlCatalog.Definition::schema)
            .orElseThrow(() ->
                new DmsException(
                    ErrorCode.TARGET_TABLE_FAILED,
                    wanted.id(),
                    "Table " + table + " is no longer there. Reload it.",
                    null));
    MySqlDdl ddl = MySqlTarget.ddl(session, wanted, table);
    ColumnChanges todo = new ColumnChanges(there, wanted, ddl, session.server().renamesColumns());
    for (Optional<String> statement :
        List.of(todo.alter(todo.filled(changes)), todo.alter(todo.clauses(changes)))) {
      if (statement.isPresent()) {
        session.execute(statement.get());
      }
    }
    for (String update : todo.updates(changes)) {
      session.execute(update);
    }
  }

  /**
   * Columns with the value that all rows get in them at once, by a default. A column that a load
   * makes has none, so each has another name until the statement that makes all other changes gives
   * it its own and takes the default away: a crash leaves either no such column or the right one.
   */
  private List<String> filled(List<ColumnChange> changes) {
    List<String> clauses = new ArrayList<>();
    for (ColumnChange.Added added : missing(changes)) {
      if (added.existing().isPresent() && !columns.containsKey(interim(added))) {
        String type = ddl.type(place(added.column().name()));
        String value = literal(added);
        // MySQL takes a default of these in brackets only.
        boolean large = type.toLowerCase(Locale.ROOT).matches("(json|\\w*(text|blob)).*");
        clauses.add(
            "ADD COLUMN %s %s NULL DEFAULT %s"
                .formatted(
                    MySqlNames.quoted(interim(added)), type, large ? "(" + value + ")" : value));
      }
    }
    return clauses;
  }

  private static String interim(ColumnChange.Added added) {
    return interim(added.column().name());
  }

  /** What the column is called while its rows get their values. */
  static String interim(String column) {
    return "wherry_new_" + Integer.toHexString(column.hashCode());
  }

  /**
   * What finishes that which a crash has left half made, where no change follows that would: an
   * interim column becomes the wanted one that it was made for, or goes.
   */
  static Optional<String> finishing(TableSchema there, TableSchema wanted, MySqlDdl ddl) {
    ColumnChanges todo = new ColumnChanges(there, wanted, ddl, false);
    List<String> names = wanted.columns().stream().map(Column::name).toList();
    List<String> clauses = new ArrayList<>();
    for (Column column : there.columns()) {
      if (INTERIM.matcher(column.name()).matches() && !names.contains(column.name())) {
        String old = MySqlNames.quoted(column.name());
        clauses.add(
            names.stream()
                .filter(
                    name -> interim(name).equals(column.name()) && !todo.columns.containsKey(name))
                .findFirst()
                .map(name -> "CHANGE COLUMN " + old + " " + todo.definition(name, true))
                .orElse("DROP COLUMN " + old));
      }
    }
    return todo.alter(clauses);
  }

  /** The new columns that are not there, or make way for others of their names. */
  private List<ColumnChange.Added> missing(List<ColumnChange> changes) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(columns.keySet());
    List<ColumnChange.Added> missing = new ArrayList<>();
    for (ColumnChange change : changes) {
      switch (change) {
        case ColumnChange.Added added -> {
          if (names.add(added.column().name())) {
            missing.add(added);
          }
        }
        case ColumnChange.Dropped dropped -> names.remove(dropped.column());
        case ColumnChange.Renamed renamed -> {
          names.remove(renamed.from());
          names.add(renamed.to().name());
        }
        case ColumnChange.Retyped retyped -> {}
      }
    }
    return missing;
  }

  /** Rows of columns that were there before get the value one by one. */
  private List<String> updates(List<ColumnChange> changes) {
    List<ColumnChange.Added> missing = missing(changes);
    List<String> updates = new ArrayList<>();
    for (ColumnChange change : changes) {
      if (change instanceof ColumnChange.Added added
          && added.existing().isPresent()
          && !missing.contains(added)) {
        String column = MySqlNames.quoted(added.column().name());
        updates.add(
            "UPDATE %s SET %s = %s WHERE %s IS NULL"
                .formatted(MySqlNames.quoted(there.id()), column, literal(added), column));
      }
    }
    return updates;
  }

  private String literal(ColumnChange.Added added) {
    RowBatch cell = added.existing().orElseThrow();
    String type = ddl.type(place(added.column().name()));
    Column column = added.column();
    Column made =
        new Column(
            column.name(),
            column.type(),
            type.equals("json") ? Meaning.JSON : column.meaning(),
            column.length(),
            column.precision(),
            column.scale(),
            column.labels(),
            true,
            new NativeType(MySqlColumns.FAMILY, type));
    TableSchema target = new TableSchema(there.id(), List.of(made), Optional.empty());
    RowEncoder encoder = new RowEncoder(cell.schema().columns(), target);
    Refusal refusal = encoder.check(cell, 0, 0);
    if (refusal != null) {
      throw failed(
          "the value that its rows get in the new column "
              + column.name()
              + " does not fit: "
              + refusal.reason());
    }
    Bytes text = new Bytes(LITERAL_BYTES);
    encoder.addValue(cell, 0, 0, text);
    return new String(text.array(), 0, text.length(), StandardCharsets.UTF_8);
  }

  private List<String> clauses(List<ColumnChange> changes) {
    List<ColumnChange.Added> missing = missing(changes);
    List<String> clauses = new ArrayList<>();
    for (ColumnChange change : changes) {
      switch (change) {
        case ColumnChange.Added added -> {
          if (missing.contains(added)) {
            String verb =
                added.existing().isEmpty()
                    ? "ADD COLUMN "
                    : "CHANGE COLUMN " + MySqlNames.quoted(interim(added)) + " ";
            clauses.add(verb + definition(added.column().name(), true));
          }
        }
        case ColumnChange.Dropped dropped -> {
          if (columns.containsKey(dropped.column())) {
            clauses.add("DROP COLUMN " + MySqlNames.quoted(dropped.column()));
          }
        }
        case ColumnChange.Renamed renamed -> rename(renamed).ifPresent(clauses::add);
        case ColumnChange.Retyped retyped -> {
          Column old = existing(retyped.to().name());
          if (!isSameType(old, retyped.to().name())) {
            clauses.add("MODIFY COLUMN " + definition(retyped.to().name(), old.nullable()));
          }
        }
      }
    }
    return clauses;
  }

  /** Empty when everything already is as wanted. */
  private Optional<String> alter(List<String> clauses) {
    return clauses.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "ALTER TABLE " + MySqlNames.quoted(there.id()) + " " + String.join(", ", clauses));
  }

  private Optional<String> rename(ColumnChange.Renamed renamed) {
    String from = renamed.from();
    String to = renamed.to().name();
    Column already = columns.get(to);
    if (already != null && (already.name().equals(to) && !columns.containsKey(from))) {
      return isSameType(already, to)
          ? Optional.empty()
          : Optional.of("MODIFY COLUMN " + definition(to, already.nullable()));
    }
    if (already != null && !from.equalsIgnoreCase(to)) {
      throw failed("it has both a column " + from + " and a column " + to);
    }
    Column old = existing(from);
    String columnsClause = MySqlNames.quoted(old.name()) + " ";
    if (renamesColumns && isSameType(old, to)) {
      return old.name().equals(to)
          ? Optional.empty()
          : Optional.of("RENAME COLUMN " + columnsClause + "TO " + MySqlNames.quoted(to));
    }
    return Optional.of("CHANGE COLUMN " + columnsClause + definition(to, old.nullable()));
  }

  private Column existing(String name) {
    Column column = columns.get(name);
    if (column == null) {
      throw failed("it has no column " + name);
    }
    return column;
  }

  private String definition(String name, boolean nullable) {
    return MySqlNames.quoted(name) + " " + ddl.definition(place(name), nullable);
  }

  private boolean isSameType(Column column, String wantedName) {
    return plain(column.nativeType().name()).equals(plain(ddl.type(place(wantedName))));
  }

  /** Without what one server writes and another leaves out: display widths, a scale of 0. */
  private static String plain(String type) {
    return type.toLowerCase(Locale.ROOT)
        .replaceAll("\\b((?:small|medium|big)?int)\\(\\d+\\)", "$1")
        .replaceAll("\\b(time|datetime|timestamp)\\(0\\)", "$1");
  }

  private int place(String name) {
    for (int i = 0; i < wanted.columns().size(); i++) {
      if (wanted.columns().get(i).name().equalsIgnoreCase(name)) {
        return i;
      }
    }
    throw failed("the change speaks of a column " + name + " that the table is not to have");
  }

  private DmsException failed(String why) {
    return new DmsException(
        ErrorCode.TARGET_TABLE_FAILED,
        wanted.id(),
        "The columns of "
            + there.id()
            + " cannot be changed as the source's were: "
            + why
            + ". Reload the table, or change it by hand.",
        null);
  }
}
