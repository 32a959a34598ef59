/** RDB, the form in which a server hands over all its keys at once, read as a stream. */
@NullMarked
package wherry.redis.rdb;

import org.jspecify.annotations.NullMarked;
