package wherry.server.elasticache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.elasticache.AttachedLayout;
import wherry.elasticache.AttachedServers;
import wherry.elasticache.Engine;
import wherry.elasticache.Shard;
import wherry.redis.ServerAddress;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/**
 * Replication groups of servers that run without this service, which a file names. The file is the
 * truth: what it no longer names is forgotten, and its servers stay as they are.
 */
final class AttachedGroups {
  /** The environment variable for the file. */
  static final String VARIABLE = "WHERRY_CACHE_ATTACHED";

  private static final Logger LOG = LoggerFactory.getLogger(AttachedGroups.class);

  private final Caches caches;
  private final Map<String, NamedServer> named;
  private final Caller owner;

  /**
   * @param owner of the groups
   * @throws IllegalStateException when a group of the service's own has such a name, or the file no
   *     longer names one that is under migration: its keys would keep the expiries of a migration
   */
  AttachedGroups(Caches caches, Map<String, NamedServer> named, Caller owner) {
    this.caches = caches;
    this.named = named;
    this.owner = owner;
    for (CacheShelf.Item<StoredGroup> item : caches.groups().list()) {
      if (item.record().attached() == null && named.containsKey(item.record().id())) {
        throw new IllegalStateException(
            "The file of "
                + VARIABLE
                + " names the group "
                + item.record().id()
                + ", which has servers of its own. Give the attached one another name.");
      }
      if (item.record().status().equals(StoredGroup.MIGRATING)
          && item.record().attached() != null
          && !named.containsKey(item.record().id())) {
        throw new IllegalStateException(
            "The file of "
                + VARIABLE
                + " no longer names the group "
                + item.record().id()
                + ", which is under migration: its keys still have the expiries of a migration. Name it"
                + " again, complete the migration, and take it out then.");
      }
    }
  }

  /**
   * The groups of the file: on each line a name and the URI of one server; a line that begins with
   * {@code #} is a remark.
   *
   * @throws IllegalStateException when it cannot be read or a line says something else; without the
   *     line, which may hold a password
   */
  static Map<String, NamedServer> read(Map<String, String> environment) {
    String file = environment.getOrDefault(VARIABLE, "");
    Map<String, NamedServer> groups = new TreeMap<>();
    if (file.isBlank()) {
      return groups;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new IllegalStateException(
          "The file " + file + " of " + VARIABLE + " cannot be read: " + e.getMessage() + ".", e);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        String problem = add(groups, line.split("\\s+"));
        if (problem != null) {
          throw new IllegalStateException(
              "Line " + (i + 1) + " of " + file + " (" + VARIABLE + "): " + problem);
        }
      }
    }
    return groups;
  }

  private static @Nullable String add(Map<String, NamedServer> groups, String[] words) {
    if (words.length != 2) {
      return "It must have a group and the URI of a server, such as orders redis://10.0.0.7:6379.";
    }
    try {
      return groups.put(CacheNames.group(words[0]), NamedServer.ofUri(words[1])) == null
          ? null
          : "The group " + words[0] + " is named twice.";
    } catch (Fault e) {
      return e.getMessage();
    } catch (IllegalArgumentException e) {
      return "The address " + e.getMessage();
    }
  }

  /** Attaches what the file names, and goes on with migrations into it. */
  void carryOn() {
    for (CacheShelf.Item<StoredGroup> item : caches.groups().list()) {
      String id = item.record().id();
      if (item.record().attached() != null && !named.containsKey(id)) {
        caches.groups().delete(id);
        caches.events().group(id, "Replication group " + id + " detached");
      }
    }
    named.forEach(this::attach);
  }

  private void attach(String id, NamedServer server) {
    AttachedLayout nothing = new AttachedLayout(id, Engine.REDIS, "", false, List.of());
    StoredGroup fresh = StoredGroup.attached(server, nothing, StoredGroup.CREATING, null);
    if (!caches.groups().insert(caches.groups().arn(owner, id), id, fresh)) {
      write(server, caches.groups().find(id).orElseThrow().record().layout());
    }
    StoredGroup group = caches.groups().find(id).orElseThrow().record();
    AttachedServers servers =
        new AttachedServers(() -> address(server), group.layout(), new Listener(id, server));
    if (group.migration() != null) {
      servers.beginMigration();
    }
    caches.runs(id, servers);
    servers.start();
    caches.later(() -> caches.resumeMigration(id));
  }

  private void write(NamedServer server, AttachedLayout seen) {
    caches
        .groups()
        .change(
            seen.group(),
            any -> true,
            group -> {
              boolean found =
                  group.status().equals(StoredGroup.CREATING) && !seen.shards().isEmpty();
              String status = found ? StoredGroup.AVAILABLE : group.status();
              return StoredGroup.attached(server, seen, status, group.migration());
            });
  }

  private ServerAddress address(NamedServer server) {
    return server.address(caches.certificates().pemOf(server));
  }

  /** Writes down what is seen, and tells what a user wants to know of it. */
  private final class Listener implements AttachedServers.Listener {
    private final String id;
    private final NamedServer server;

    Listener(String id, NamedServer server) {
      this.id = id;
      this.server = server;
    }

    @Override
    public void changed(AttachedLayout layout) {
      boolean first =
          caches.groups().find(id).orElseThrow().record().status().equals(StoredGroup.CREATING);
      write(server, layout);
      tell(first ? "attached" : "has changed: " + described(layout));
    }

    private static String described(AttachedLayout layout) {
      List<String> primaries = layout.shards().stream().map(Shard::primary).toList();
      return layout.engine().title()
          + " "
          + layout.version()
          + ", "
          + layout.shards().stream().mapToInt(shard -> shard.nodes().size()).sum()
          + " nodes, primary "
          + String.join(", ", primaries);
    }

    @Override
    public void lost(RuntimeException reason) {
      LOG.warn("Attached group {} cannot be reached: {}", id, reason.getMessage());
      tell("cannot be reached: " + reason.getMessage());
    }

    private void tell(String what) {
      caches.events().group(id, "Replication group " + id + " " + what);
    }
  }
}
