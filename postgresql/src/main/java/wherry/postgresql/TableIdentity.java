package wherry.postgresql;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * What the log holds of a table's old rows, its replica identity. A table that has none must never
 * be in a publication of updates: the source would then refuse the user's own UPDATE and DELETE
 * (PostgreSQL manual, 29.1 "Publication").
 *
 * @param kind pg_class.relkind
 * @param persistence pg_class.relpersistence
 * @param identity pg_class.relreplident: d default, i index, f full, n nothing
 * @param publishable whether the server can publish it; a partitioned table from PostgreSQL 13 on
 * @param owned whether the user acts as the owner
 * @param columns of the index that identifies rows; empty without one
 * @param lacking partitions, quoted, whose own identity is less than what the table promises
 * @param unlogged generated columns that the log does not carry
 */
record TableIdentity(
    long oid,
    TableId id,
    char kind,
    char persistence,
    char identity,
    boolean publishable,
    boolean owned,
    List<String> columns,
    List<String> lacking,
    List<String> unlogged) {

  static Map<TableId, TableIdentity> read(Connection session, Collection<TableId> tables)
      throws SQLException {
    Map<TableId, TableIdentity> identities = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.IDENTITIES)) {
      statement.setArray(
          1, session.createArrayOf("text", tables.stream().map(TableId::schema).toArray()));
      statement.setArray(
          2, session.createArrayOf("text", tables.stream().map(TableId::name).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          TableId id = new TableId(row.getString("nspname"), row.getString("relname"));
          identities.put(
              id,
              new TableIdentity(
                  row.getLong("oid"),
                  id,
                  row.getString("relkind").charAt(0),
                  row.getString("relpersistence").charAt(0),
                  row.getString("relreplident").charAt(0),
                  row.getBoolean("publishable"),
                  row.getBoolean("owned"),
                  texts(row.getArray("columns")),
                  texts(row.getArray("lacking")),
                  texts(row.getArray("unlogged"))));
        }
      }
    }
    return identities;
  }

  private static List<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
  }

  boolean isPartitioned() {
    return kind == 'p';
  }

  /** Why the log cannot carry the table's changes, with what mends it; empty when it can. */
  Optional<String> objection(TableSchema table) {
    if (kind != 'r' && kind != 'p') {
      return Optional.of(
          "changes of a view or foreign table are in no log. Exclude it from the table mappings.");
    }
    if (persistence != 'p') {
      return Optional.of(
          "changes of an unlogged table are in no log. Run: ALTER TABLE %s SET LOGGED;"
              .formatted(PostgresNames.quote(id)));
    }
    List<String> lost =
        table.columns().stream().map(Column::name).filter(unlogged::contains).toList();
    if (!lost.isEmpty()) {
      return Optional.of(
          ("the log does not carry its generated columns %s; that of PostgreSQL 18 carries those that"
                  + " are STORED. Make them ordinary columns (ALTER TABLE %s ALTER COLUMN ... DROP"
                  + " EXPRESSION;) or drop them.")
              .formatted(
                  lost.stream().map(PostgresNames::quote).collect(Collectors.joining(", ")),
                  PostgresNames.quote(id)));
    }
    if (!publishable) {
      return Optional.of(
          "PostgreSQL publishes partitioned tables from 13 on. Exclude it from the table mappings and"
              + " include its partitions.");
    }
    if (isPartitioned() && identity != 'd' && table.key().isPresent()) {
      return Optional.of(
          "each new partition of it would log less of the old row than it promises. Run: ALTER TABLE %s"
                  .formatted(PostgresNames.quote(id))
              + " REPLICA IDENTITY DEFAULT;");
    }
    if (isPartitioned() && columns.isEmpty()) {
      return Optional.of(
          "a partitioned table needs a primary key, or each new partition would refuse UPDATE and"
              + " DELETE until it is altered. Run: ALTER TABLE %s ADD PRIMARY KEY (...);"
                  .formatted(PostgresNames.quote(id)));
    }
    if (!lacking.isEmpty()) {
      return Optional.of(
          "some of its partitions log less of the old row than it promises. Run: "
              + lacking.stream()
                  .map(leaf -> "ALTER TABLE %s REPLICA IDENTITY DEFAULT;".formatted(leaf))
                  .collect(Collectors.joining(" ")));
    }
    return identifies(table)
        ? Optional.empty()
        : Optional.of(
            "the log does not tell which row an UPDATE or DELETE meant. Run: " + remedy(table));
  }

  /** Whether the source would refuse UPDATE and DELETE while a publication holds the table. */
  boolean publishedUpdatesWouldFail() {
    return identity == 'n' || identity != 'f' && columns.isEmpty() || !lacking.isEmpty();
  }

  /** Whether an old row in the log always holds what identifies it on the target. */
  private boolean identifies(TableSchema table) {
    if (identity == 'f') {
      return true;
    }
    return !columns.isEmpty()
        && table
            .key()
            .map(key ->
                key.columns().stream()
                    .allMatch(column -> columns.contains(table.columns().get(column).name())))
            .orElse(true);
  }

  private String remedy(TableSchema table) {
    boolean primary = table.key().map(Key::primary).orElse(false);
    return "ALTER TABLE %s REPLICA IDENTITY %s;"
        .formatted(
            PostgresNames.quote(id),
            primary && !columns.isEmpty() || primary && identity != 'd' ? "DEFAULT" : "FULL");
  }

  static DmsException refusal(TableId table, String objection) {
    return new DmsException(
        ErrorCode.SOURCE_TABLE_FAILED,
        table,
        "Changes of table %s cannot be captured: %s Then reload the table."
            .formatted(table, objection),
        null);
  }
}
