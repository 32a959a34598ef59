/**
 * Which rows a task takes: conditions on source columns, rendered by connectors or decided here.
 */
@NullMarked
package wherry.filter;

import org.jspecify.annotations.NullMarked;
