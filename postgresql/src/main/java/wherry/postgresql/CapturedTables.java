package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import wherry.change.SchemaChange;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Which of the log's relations are tables of the task, and how their definitions move on. */
final class CapturedTables {
  private final Map<Integer, TableSchema> schemas;

  /**
   * @param table null when the relation's rows are not for the task
   * @param changes that come before the next row
   */
  record Answer(@Nullable CapturedTable table, List<SchemaChange> changes) {}

  private CapturedTables(Map<Integer, TableSchema> schemas) {
    this.schemas = schemas;
  }

  static CapturedTables read(Connection session, Collection<TableSchema> tables)
      throws SQLException {
    Map<Integer, TableSchema> schemas = new HashMap<>();
    Map<TableId, TableIdentity> identities =
        TableIdentity.read(session, tables.stream().map(TableSchema::id).toList());
    for (TableSchema table : tables) {
      TableIdentity identity = identities.get(table.id());
      if (identity != null) {
        schemas.put((int) identity.oid(), table);
      }
    }
    return new CapturedTables(schemas);
  }

  Answer captured(Relation relation, @Nullable CapturedTable known) {
    TableSchema schema = known == null ? schemas.get(relation.oid()) : known.schema();
    if (schema == null) {
      return new Answer(null, List.of());
    }
    return new Answer(new CapturedTable(schema, relation), List.of());
  }
}
