/** Failures with a stable code, a place and a next step. */
@NullMarked
package wherry.error;

import org.jspecify.annotations.NullMarked;
