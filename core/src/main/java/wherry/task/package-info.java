/**
 * One run of a replication task: its settings, its full load, its error policies and its
 * statistics.
 */
@NullMarked
package wherry.task;

import org.jspecify.annotations.NullMarked;
