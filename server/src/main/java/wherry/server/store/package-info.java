/**
 * The embedded metadata store: what the service must still know after a restart, in one SQLite
 * file.
 */
@NullMarked
package wherry.server.store;

import org.jspecify.annotations.NullMarked;
