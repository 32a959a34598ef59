package wherry.mapping;

import java.util.Optional;
import wherry.schema.TableId;

/**
 * A rule of rule-type table-settings.
 *
 * @param table as the source names it; never a pattern
 * @param lobs empty where the rule leaves LOBs to the task's settings
 */
record TableSettingsRule(
    long id,
    TableId table,
    Optional<ParallelLoad> parallelLoad,
    Optional<TableSettings.Lobs> lobs) {
  boolean isOf(TableId id, boolean ignoreCase) {
    return RowNames.same(table.schema(), id.schema(), ignoreCase)
        && RowNames.same(table.name(), id.name(), ignoreCase);
  }
}
