package wherry.elasticache;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One server of a group.
 *
 * @param id of its cache cluster, such as {@code orders-0001-002}
 * @param host absent for the address that all servers of the service's own listen on
 * @param port clients'; where a group of the service's own is a cluster, its bus listens 10000
 *     above
 * @param zone the number of its availability zone, from 0
 * @param createdAt or when an attached one was first seen
 */
public record CacheNode(String id, @Nullable String host, int port, int zone, Instant createdAt) {

  /** {@code orders-001}, or {@code orders-0001-001} of a cluster. */
  public static String id(String group, String shard, int number, boolean clusterMode) {
    return idFormat(group, shard, clusterMode).formatted(number);
  }

  /** What {@link #id} is for any number. */
  static String idFormat(String group, String shard, boolean clusterMode) {
    return group + (clusterMode ? "-" + shard : "") + "-%03d";
  }

  public String hostOr(String address) {
    return Objects.requireNonNullElse(host, address);
  }
}
