/** ElastiCache's API in front of real servers. */
@NullMarked
package wherry.server.elasticache;

import org.jspecify.annotations.NullMarked;
