/**
 * PostgreSQL as source and target: catalogue, one exported snapshot, COPY out, COPY in, tables and
 * their ledger.
 */
@NullMarked
package wherry.postgresql;

import org.jspecify.annotations.NullMarked;
