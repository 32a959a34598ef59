/** The log's vocabulary: what changed in which transaction, and where in the log that was. */
@NullMarked
package wherry.change;

import org.jspecify.annotations.NullMarked;
