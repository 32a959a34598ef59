/** Rows with the source's columns become rows with the target's: what rules do to content. */
@NullMarked
package wherry.transform;

import org.jspecify.annotations.NullMarked;
