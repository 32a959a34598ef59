package wherry.elasticache;

import java.time.Instant;

/**
 * One server of a group.
 *
 * @param id of its cache cluster, such as {@code orders-0001-002}
 * @param port clients'; where the group is a cluster, its bus listens 10000 above
 * @param zone the number of its availability zone, from 0
 */
public record CacheNode(String id, int port, int zone, Instant createdAt) {}
