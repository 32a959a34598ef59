/**
 * The DMS operations: one class for each family of resources, one public method for each operation.
 */
@NullMarked
package wherry.server.api;

import org.jspecify.annotations.NullMarked;
