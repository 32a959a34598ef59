package wherry.task;

import wherry.change.RowChange;
import wherry.transform.RowRefusal;

/** What the rules make of a change. */
sealed interface MappedChange {
  /** It is to be applied, as another operation perhaps. */
  record Due(RowChange change) implements MappedChange {}

  /** A filter leaves it out. */
  record Filtered() implements MappedChange {}

  /**
   * Its row has no form on the target.
   *
   * @param key of the row, for people
   * @param row the source's row as JSON, without what rules hide
   */
  record Refused(RowRefusal refusal, String key, String row) implements MappedChange {}
}
