package wherry.connector;

/** What happens to a target table before its load (TargetTablePrepMode). */
public enum PrepareMode {
  /** Rows are added to what is there; a missing table is created. */
  DO_NOTHING,
  /** An existing table is dropped and created anew. */
  DROP_AND_CREATE,
  /** An existing table is emptied and keeps its definition; a missing one is created. */
  TRUNCATE_BEFORE_LOAD
}
