package wherry.postgresql;

import java.util.List;
import wherry.schema.TableId;

/**
 * A table as the log describes it before its first change (PostgreSQL manual, 54.9 "Logical
 * Replication Message Formats", Relation).
 *
 * @param oid of the table, unsigned; of the root where a publication publishes partitions by it
 * @param identity pg_class.relreplident: d default, i index, f full, n nothing
 * @param columns as the log sends them; columns that are not published are not among them
 */
record LoggedRelation(int oid, TableId id, char identity, List<Column> columns) {
  /**
   * @param key whether the column is part of what identifies a row in the log
   * @param type pg_attribute.atttypid, unsigned
   * @param modifier pg_attribute.atttypmod
   */
  record Column(boolean key, String name, int type, int modifier) {}

  LoggedRelation {
    columns = List.copyOf(columns);
  }

  boolean isFull() {
    return identity == 'f';
  }
}
