/** Table-mapping JSON becomes selected tables and the names that they have on the target. */
@NullMarked
package wherry.mapping;

import org.jspecify.annotations.NullMarked;
