/**
 * Live migrations: checking a source, following it, going over to the target and proving that
 * nothing is missing.
 */
@NullMarked
package wherry.redis.migration;

import org.jspecify.annotations.NullMarked;
