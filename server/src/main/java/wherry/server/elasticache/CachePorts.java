package wherry.server.elasticache;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.elasticache.CacheNode;

/**
 * Chooses ports for nodes. A node keeps its port for life, so those of all groups are taken, also
 * while nothing listens on them. The range is below those that systems hand out to connections.
 */
final class CachePorts {
  private static final int FIRST = 11_000;
  private static final int LAST = 21_999;

  /** The bus of a cluster's node listens so far above its port ("Redis cluster specification"). */
  private static final int BUS_OFFSET = 10_000;

  private final Caches caches;

  CachePorts(Caches caches) {
    this.caches = caches;
  }

  /**
   * Free ports.
   *
   * @param wanted the first of them; null for any
   * @param cluster whether the bus's port has to be free too
   * @throws wherry.server.wire.Fault InsufficientCacheClusterCapacity when they cannot be had
   */
  List<Integer> choose(int count, @Nullable Integer wanted, boolean cluster) {
    Set<Integer> taken = taken();
    List<Integer> chosen = new ArrayList<>();
    int start = wanted == null ? ThreadLocalRandom.current().nextInt(FIRST, LAST) : wanted;
    int tries = wanted == null ? LAST - FIRST : count;
    for (int i = 0; i < tries && chosen.size() < count; i++) {
      int port = wanted == null ? FIRST + (start - FIRST + i) % (LAST - FIRST) : start + i;
      if (!taken.contains(port) && isFree(port) && (!cluster || isFree(port + BUS_OFFSET))) {
        chosen.add(port);
      }
    }
    if (chosen.size() < count) {
      throw CacheFaults.capacity(
          wanted == null
              ? "No " + count + " ports between " + FIRST + " and " + LAST + " are free."
              : "The ports "
                  + wanted
                  + " to "
                  + (wanted + count - 1)
                  + ", one for each node, are not all free on "
                  + caches.servers().address()
                  + ". Give another Port, or none.");
    }
    return chosen;
  }

  private Set<Integer> taken() {
    Set<Integer> nodes =
        caches.groups().list().stream()
            .filter(item -> item.record().attached() == null)
            .flatMap(item -> item.record().nodes().stream())
            .map(CacheNode::port)
            .collect(Collectors.toSet());
    Set<Integer> taken = new HashSet<>(nodes);
    nodes.forEach(port -> taken.add(port + BUS_OFFSET));
    return taken;
  }

  private boolean isFree(int port) {
    try (var socket =
        new ServerSocket(port, 1, InetAddress.getByName(caches.servers().address()))) {
      return socket.isBound();
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
