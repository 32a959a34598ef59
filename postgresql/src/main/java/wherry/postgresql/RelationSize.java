package wherry.postgresql;

import wherry.schema.TableId;

/**
 * What a reader has to know of a relation beyond its columns.
 *
 * @param kind pg_class.relkind: r table, p partitioned, f foreign, v view
 * @param readable whether the user may read it
 * @param generated whether a column is computed, which COPY of the bare table would refuse
 * @param hasForeign whether it or one of its partitions is a foreign table
 * @param pages of the table or of its largest partition
 * @param rows an estimate; 0 when unknown
 */
record RelationSize(
    char kind, boolean readable, boolean generated, boolean hasForeign, long pages, long rows) {
  static final RelationSize UNKNOWN = new RelationSize('v', true, true, true, 0, 0);

  /** Whether COPY takes it by its name alone, without a query. */
  boolean isBare() {
    return kind == 'r' && !generated;
  }

  /**
   * What stands behind FROM: an inheritance parent without its children, a partitioned table with
   * its partitions.
   */
  String from(TableId table) {
    return (kind == 'r' ? "ONLY " : "") + PostgresNames.quote(table);
  }
}
