/** What Redis and Valkey servers have in common: where they are and how their keys are placed. */
@NullMarked
package wherry.redis;

import org.jspecify.annotations.NullMarked;
