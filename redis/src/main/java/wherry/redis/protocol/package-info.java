/** RESP, the protocol of Redis and Valkey: one connection, its requests and replies as bytes. */
@NullMarked
package wherry.redis.protocol;

import org.jspecify.annotations.NullMarked;
