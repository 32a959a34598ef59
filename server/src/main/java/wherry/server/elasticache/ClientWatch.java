package wherry.server.elasticache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.migration.ForeignWriters;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;
import wherry.redis.protocol.ServerWatch;

/**
 * Looks at the clients of one primary while a migration writes to it. Those of attached servers
 * cannot be kept from writing, so they are found out instead. For one thread.
 */
final class ClientWatch implements AutoCloseable {
  private static final int ANSWER_MILLISECONDS = 3_000;

  private final ServerWatch server;
  private @Nullable ForeignWriters writers;
  private boolean toldOfReplica;

  ClientWatch(ServerAddress server) {
    this.server = new ServerWatch(server, ANSWER_MILLISECONDS);
  }

  /** What is to be told now; empty also while the server cannot be asked. */
  List<String> look() {
    try {
      return server.ask(this::look);
    } catch (DmsException unreachable) {
      return List.of(); // The vigil tells it.
    }
  }

  private List<String> look(Connection connection) {
    List<String> sentences = new ArrayList<>();
    if (ServerInfo.of(connection, "replication").isReplica()) {
      if (refusesWrites(connection)) {
        toldOfReplica = false;
        return sentences;
      }
      if (!toldOfReplica) {
        toldOfReplica = true;
        sentences.add(
            server.server()
                + " takes writes of its clients though it replicates: CONFIG SET replica-read-only"
                + " yes until the migration is complete.");
      }
    }
    ForeignWriters known = writers;
    if (known == null) {
      known = new ForeignWriters(connection);
      writers = known;
    }
    for (String client : known.look(connection)) {
      sentences.add(
          "a client at "
              + client
              + ", writes to "
              + server.server()
              + ". What it writes is lost or in the way of what comes: stop it until the group is"
              + " available. The comparison at the end names the keys that differ.");
    }
    return sentences;
  }

  /** As a replica does unless it is told otherwise. */
  private static boolean refusesWrites(Connection replica) {
    return !(replica.ask(Command.of("CONFIG", "GET", "replica-read-only"))
            instanceof Reply.Array found
        && found.items().size() == 2
        && found.items().get(1).toString().equals("no"));
  }

  @Override
  public void close() {
    server.close();
  }
}
