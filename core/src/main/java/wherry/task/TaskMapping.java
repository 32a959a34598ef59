package wherry.task;

import java.util.List;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.mapping.IndexNames;
import wherry.mapping.MappedTable;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The table mappings of a task between these two databases. Safe for all threads.
 *
 * @param names how the source compares names
 * @param targetIgnoresCase whether table names that differ in case only are the same on the target
 * @param indexesAreNamedBySchema whether two tables of one schema cannot have indexes of one name
 */
record TaskMapping(
    TaskDefinition definition,
    TableMapping.NameCase names,
    boolean targetIgnoresCase,
    boolean indexesAreNamedBySchema) {

  static TaskMapping of(TaskDefinition definition, Source source, Target target) {
    return new TaskMapping(
        definition,
        new TableMapping.NameCase(source.ignoresCaseOfNames(), source.ignoresCaseOfColumns()),
        target.ignoresCaseOfNames(),
        target.indexesAreNamedBySchema());
  }

  /** Whether the task takes the table. Views have no changes, so only a load takes them. */
  boolean selects(TableId id, TableSchema.Kind kind) {
    return (kind == TableSchema.Kind.TABLE || !definition.type().capturesChanges())
        && definition.mapping().selects(id, kind, names.tablesIgnoreCase());
  }

  /**
   * @throws wherry.error.DmsException SETTING_INVALID when two names would clash
   */
  List<MappedTable> map(List<TableSchema> tables) {
    TaskSettings settings = definition.settings();
    List<MappedTable> mapped =
        definition
            .mapping()
            .map(
                tables,
                settings.targetSchema(),
                column -> settings.supportLobs() || !column.type().isLob(),
                names,
                targetIgnoresCase);
    return indexesAreNamedBySchema ? IndexNames.distinct(mapped) : mapped;
  }

  MappedTable map(TableSchema table) {
    return map(List.of(table)).getFirst();
  }
}
