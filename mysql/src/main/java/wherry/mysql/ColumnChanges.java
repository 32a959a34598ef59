package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
    Optional<String> statement = todo.statement(changes);
    if (statement.isPresent()) {
      session.execute(statement.get());
    }
    for (ColumnChange change : changes) {
      if (change instanceof ColumnChange.Added added && added.existing().isPresent()) {
        todo.fill(session, added);
      }
    }
  }

  /** The default gives all rows their value at once; {@link #fill} takes it away again. */
  private String added(ColumnChange.Added added) {
    String name = added.column().name();
    if (added.existing().isEmpty()) {
      return definition(name, true);
    }
    String type = ddl.type(place(name));
    String value = literal(added);
    // MySQL takes a default of these in brackets only.
    boolean large = type.toLowerCase(Locale.ROOT).matches("(json|\\w*(text|blob)).*");
    return MySqlNames.quoted(name)
        + " "
        + type
        + " NULL DEFAULT "
        + (large ? "(" + value + ")" : value);
  }

  /**
   * Where the column was there before, its rows get the value one by one; a load makes columns
   * without default, so this one has none either. Ends with a statement that commits.
   */
  private void fill(MySqlSession session, ColumnChange.Added added) throws SQLException {
    String table = MySqlNames.quoted(there.id());
    String column = MySqlNames.quoted(added.column().name());
    if (columns.containsKey(added.column().name())) {
      String value = literal(added);
      session.execute(
          "UPDATE %s SET %s = %s WHERE %s IS NULL".formatted(table, column, value, column));
    }
    session.execute(
        "ALTER TABLE " + table + " MODIFY COLUMN " + definition(added.column().name(), true));
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

  /** Empty when everything already is as wanted. */
  private Optional<String> statement(List<ColumnChange> changes) {
    List<String> clauses = new ArrayList<>();
    for (ColumnChange change : changes) {
      switch (change) {
        case ColumnChange.Added added -> {
          if (!columns.containsKey(added.column().name())) {
            clauses.add("ADD COLUMN " + added(added));
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
