/**
 * Rows as bytes: one slab per batch, cells addressed by row and column, decoded only by those who
 * must.
 */
@NullMarked
package wherry.row;

import org.jspecify.annotations.NullMarked;
