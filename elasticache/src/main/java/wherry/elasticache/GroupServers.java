package wherry.elasticache;

import java.util.List;
import java.util.Map;
import wherry.redis.ServerAddress;

/** The servers of a replication group, whoever runs them. Safe for all threads. */
public sealed interface GroupServers extends AutoCloseable
    permits GroupSupervisor, AttachedServers {
  /** The shards with their primaries of now. */
  List<Shard> shards();

  /** Where a shard's primary is, and how it is entered by whoever may write. */
  ServerAddress primaryOf(String shardId);

  /** What was last seen of a node; at most a few seconds old. */
  NodeStatus status(String nodeId);

  /**
   * The parameters that a node runs with, by the server's own names; empty while it does not run,
   * and of servers that nobody here configures.
   */
  Map<String, String> parameters(String nodeId);

  /** Returns when all primaries take commands, however long they read their data. */
  void awaitServing();

  /** From now on only the migration writes, and decides whom the primaries follow. */
  void beginMigration();

  /** The group is its own again. */
  void endMigration();

  /** Ends the servers that the service has started, and looks at the others no longer. */
  @Override
  void close();
}
