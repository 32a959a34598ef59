package wherry.connector;

import wherry.schema.TableId;

/** Which objects a data migration takes. Safe for all threads. */
public interface ObjectSelection {
  /**
   * Whether a schema is taken as a whole, so that what is no table or view comes along: types,
   * routines, sequences, events. Of others come only tables and what these cannot be without.
   *
   * @param name PostgreSQL schema or MySQL database
   */
  boolean takesSchema(String name);

  /** Whether a table or view is taken, and with it all that hangs on it. */
  boolean takesTable(TableId table);
}
