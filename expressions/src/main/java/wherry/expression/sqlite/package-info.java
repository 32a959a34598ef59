/** SQLite evaluates the mapping expressions that are not compiled, many rows in a statement. */
@NullMarked
package wherry.expression.sqlite;

import org.jspecify.annotations.NullMarked;
