/** What a table is: its name, columns, key and indexes, in terms that every engine shares. */
@NullMarked
package wherry.schema;

import org.jspecify.annotations.NullMarked;
