/** Replication groups as real Redis and Valkey servers: started, supervised, failed over, ended. */
@NullMarked
package wherry.elasticache;

import org.jspecify.annotations.NullMarked;
