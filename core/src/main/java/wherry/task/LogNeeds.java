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

/** What the rules of a task need of the source's log, asked before the task begins. */
final class LogNeeds {
  private LogNeeds() {}

  /** For each table whose rules need more than the log carries, why and what mends it. */
  static List<DmsException> unmet(Collection<TableLoad> tables, ChangeLog log) {
    List<DmsException> unmet = new ArrayList<>();
    tables.forEach(table -> unmet(table, log).ifPresent(unmet::add));
    return unmet;
  }

  private static Optional<DmsException> unmet(TableLoad table, ChangeLog log) {
    MappedTable mapped = table.mapped();
    if (mapped.transform().isRandom() && mapped.target().key().isEmpty()) {
      return Optional.of(
          refusal(
              table,
              "it has no key, and data-masking-digits-randomize would make its rows impossible to find"
                  + " again. Use data-masking-hash-mask, or define a key."));
    }
    Set<String> needed = mapped.neededBeforeChanges(table.found());
    return needed.isEmpty()
        ? Optional.empty()
        : log.remedyForPartialRows(table.found())
            .map(remedy ->
                refusal(
                    table,
                    "its filter, before images or key need the columns "
                        + needed
                        + " as they were before a change, and the source's log does not carry them. Run: "
                        + remedy));
  }

  private static DmsException refusal(TableLoad table, String why) {
    return new DmsException(
        ErrorCode.SOURCE_TABLE_FAILED,
        table.id(),
        "Changes of table " + table.id() + " cannot be captured: " + why,
        null);
  }
}
