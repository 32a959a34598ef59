package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wherry.connector.ChangeLog;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** What the rules of a task need of the source's log, asked before the task begins. */
final class LogNeeds {
  private LogNeeds() {}

  /** For each table whose rules need more than the log carries, why and what mends it. */
  static List<DmsException> unmet(Collection<TableLoad> tables, ChangeLog log) {
    List<DmsException> unmet = new ArrayList<>();
    tables.forEach(table -> unmet(table.mapped(), table.found(), log).ifPresent(unmet::add));
    return unmet;
  }

  /**
   * @param found the table with all columns that the source has
   */
  static Optional<DmsException> unmet(MappedTable mapped, TableSchema found, ChangeLog log) {
    if (mapped.transform().isRandom() && mapped.target().key().isEmpty()) {
      return Optional.of(
          refusal(
              found.id(),
              "it has no key, and data-masking-digits-randomize would make its rows impossible to find"
                  + " again. Use data-masking-hash-mask, or define a key."));
    }
    Set<String> needed = mapped.neededBeforeChanges(found);
    return needed.isEmpty()
        ? Optional.empty()
        : log.remedyForPartialRows(found)
            .map(remedy ->
                refusal(
                    found.id(),
                    "its filter, before images or key need the columns "
                        + needed
                        + " as they were before a change, and the source's log does not carry them. "
                        + remedy));
  }

  private static DmsException refusal(TableId table, String why) {
    return new DmsException(
        ErrorCode.SOURCE_TABLE_FAILED,
        table,
        "Changes of table " + table + " cannot be captured: " + why,
        null);
  }
}
