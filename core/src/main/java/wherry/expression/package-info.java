/** Expressions of mapping rules: SQLite's dialect, compiled to Java or handed to SQLite itself. */
@NullMarked
package wherry.expression;

import org.jspecify.annotations.NullMarked;
