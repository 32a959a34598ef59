/** Amazon ElastiCache's operations: replication groups, what belongs to them, and migrations. */
@NullMarked
package wherry.server.elasticache;

import org.jspecify.annotations.NullMarked;
