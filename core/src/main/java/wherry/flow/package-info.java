/**
 * Handoff, the only queue of the data plane: bounded in items and bytes, closable, carrying
 * failures.
 */
@NullMarked
package wherry.flow;

import org.jspecify.annotations.NullMarked;
