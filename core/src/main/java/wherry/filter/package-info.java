/**
 * Which rows a task takes, and which of them together: conditions on source columns, rendered by
 * connectors or decided here.
 */
@NullMarked
package wherry.filter;

import org.jspecify.annotations.NullMarked;
