package wherry.redis.migration;

import static wherry.redis.migration.Finding.error;
import static wherry.redis.migration.Finding.note;
import static wherry.redis.migration.Finding.warning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/**
 * Looks whether a request can be met, on the servers themselves. It changes nothing on the source;
 * on the target it only reads, too.
 */
public final class SourceCheck {
  private static final int OLDEST_SOURCE = 2_008_021;
  private static final long BACKLOG_BYTES_MIN = 16L << 20;
  private static final long OUTPUT_BUFFER_BYTES_MIN = 256L << 20;
  private static final List<String> NEEDED = List.of("psync", "replconf", "info", "scan");

  private final MigrationRequest request;
  private final List<Finding> findings = new ArrayList<>();

  private SourceCheck(MigrationRequest request) {
    this.request = request;
  }

  /** What was found, worst first; empty when nothing is in the way. Takes a few seconds at most. */
  public static List<Finding> check(MigrationRequest request) {
    SourceCheck check = new SourceCheck(request);
    check.run();
    return check.findings.stream().sorted((a, b) -> a.severity().compareTo(b.severity())).toList();
  }

  private void run() {
    Sides sides = new Sides();
    for (TargetShard target : request.targets()) {
      try (Connection connection = Connection.open(target.primary())) {
        ServerInfo info = everything(connection);
        findings.addAll(TargetCheck.of(request, target, connection, info));
        sides.target(connection, info);
      } catch (DmsException e) {
        findings.add(unreachable("target", target.primary(), e));
      }
    }
    List<SourceShard> shards = List.of();
    try (Connection connection = Connection.open(request.source())) {
      ServerInfo info = everything(connection);
      shards = SourceShard.of(connection, info);
    } catch (DmsException e) {
      findings.add(unreachable("source", request.source(), e));
    }
    for (SourceShard shard : shards) {
      try (Connection connection = Connection.open(shard.server())) {
        checkSource(connection, everything(connection), sides);
      } catch (DmsException e) {
        findings.add(unreachable("source", shard.server(), e));
      }
    }
    if (!shards.isEmpty() && sides.targets > 0) {
      findings.addAll(sides.compare(request, shards.size()));
      sides.compareFieldExpiry(request).ifPresent(findings::add);
    }
  }

  private static ServerInfo everything(Connection connection) {
    return ServerInfo.of(
        connection, "server", "memory", "persistence", "replication", "cluster", "keyspace");
  }

  private static Finding unreachable(String side, ServerAddress server, DmsException e) {
    String text = String.valueOf(e.getMessage());
    if (text.contains("DENIED")) {
      return error(
          side + "-protected-mode",
          "%s refuses connections from other hosts: protected mode.".formatted(server),
          "Set a password, or on that server: CONFIG SET protected-mode no");
    }
    return switch (e.code()) {
      case LOGIN_FAILED ->
          error(
              side + "-login",
              text,
              "Give the user and password of a user that may log in, or none where none is asked.");
      case PRIVILEGE_MISSING ->
          error(
              side + "-rights",
              text,
              "Grant it: ACL SETUSER name ~* +psync +replconf +ping +info +scan +@read"
                  + " +cluster|slots +config|get +command");
      case TLS_FAILED -> error(side + "-tls", text, "Give the authority's certificate in PEM.");
      case BUSY -> error(side + "-busy", text, "Wait until the server has loaded its data.");
      default -> error(side + "-unreachable", text, "");
    };
  }

  private void checkSource(Connection source, ServerInfo info, Sides sides) {
    ServerAddress server = source.address();
    sides.source(source, info);
    if (info.version() < OLDEST_SOURCE) {
      findings.add(
          error(
              "source-version",
              "%s is %s.".formatted(server, info.product()),
              "Upgrade it to 2.8.21 or newer; older ones know no partial resynchronisation."));
    }
    checkRole(server, info);
    checkCommands(source, info);
    checkBuffers(source, info);
    if (info.text("rdb_last_bgsave_status").equals("err")) {
      findings.add(
          warning(
              "source-persistence",
              "The last background save of %s has failed.".formatted(server),
              "Look into its log: without memory to fork or disk to write, the full"
                  + " synchronisation will fail, too."));
    }
  }

  private void checkRole(ServerAddress server, ServerInfo info) {
    if (info.number("loading") == 1) {
      findings.add(
          error("source-busy", "%s is loading its data.".formatted(server), "Wait until it has."));
    }
    if (!info.isReplica()) {
      return;
    }
    if (info.text("master_link_status").equals("up")) {
      findings.add(
          note(
              "source-role",
              "%s is a replica of %s:%s; the target will follow it, and not its primary."
                  .formatted(server, info.text("master_host"), info.text("master_port"))));
    } else {
      findings.add(
          error(
              "source-role",
              "%s is a replica whose link to its primary is down.".formatted(server),
              "Name the primary %s:%s, or mend the link."
                  .formatted(info.text("master_host"), info.text("master_port"))));
    }
  }

  /** A command that is renamed is unknown to COMMAND INFO; ACL DRYRUN tells what a user may. */
  private void checkCommands(Connection source, ServerInfo info) {
    for (String command : NEEDED) {
      if (source.ask(Command.of("COMMAND", "INFO", command)) instanceof Reply.Array known
          && known.items().getFirst() instanceof Reply.Nil) {
        findings.add(
            error(
                "source-commands",
                "%s does not know %s.".formatted(source.address(), command.toUpperCase()),
                "Take its rename-command out of the configuration and restart it."));
      }
    }
    ServerAddress.Credentials credentials = source.address().credentials();
    if (info.version() < 7_000_000 || credentials == null || credentials.user() == null) {
      return;
    }
    Reply dryRun = source.ask(Command.of("ACL", "DRYRUN", credentials.user(), "PSYNC", "?", "-1"));
    if (dryRun instanceof Reply.Bytes text && !text.toString().equals("OK")) {
      findings.add(
          error(
              "source-rights",
              "%s: %s".formatted(source.address(), text),
              "ACL SETUSER %s ~* +psync +replconf +ping".formatted(credentials.user())));
    }
  }

  private void checkBuffers(Connection source, ServerInfo info) {
    var limits = ConfigValue.of(source, "client-output-buffer-limit");
    if (limits.isEmpty()) {
      findings.add(
          note(
              "source-config",
              "%s does not let its configuration be read; buffers and databases are not checked."
                  .formatted(source.address())));
      return;
    }
    long wanted = Math.max(OUTPUT_BUFFER_BYTES_MIN, info.number("used_memory") / 10);
    long hard = hardLimitOfReplicas(limits.get());
    if (hard > 0 && hard < wanted) {
      findings.add(
          warning(
              "source-output-buffer",
              "%s ends a replica's link when %d bytes wait for it; what is written during the full"
                      .formatted(source.address(), hard)
                  + " synchronisation waits there.",
              "CONFIG SET client-output-buffer-limit \"replica %d %d 60\""
                  .formatted(wanted, wanted)));
    }
    long backlog =
        ConfigValue.of(source, "repl-backlog-size").map(Long::parseLong).orElse(Long.MAX_VALUE);
    if (backlog < BACKLOG_BYTES_MIN) {
      findings.add(
          warning(
              "source-backlog",
              "%s remembers %d bytes of its stream; after a cut that lasts longer, everything is"
                      .formatted(source.address(), backlog)
                  + " synchronised again.",
              "CONFIG SET repl-backlog-size " + Math.max(BACKLOG_BYTES_MIN, wanted / 4)));
    }
  }

  /** Of {@code normal 0 0 0 slave 268435456 67108864 60 pubsub …}, the second class's first. */
  private static long hardLimitOfReplicas(String limits) {
    String[] words = limits.split(" ");
    for (int i = 0; i + 1 < words.length; i++) {
      if (words[i].equals("slave") || words[i].equals("replica")) {
        return Long.parseLong(words[i + 1]);
      }
    }
    return 0;
  }

  /** What can only be judged with both sides in view. */
  private static final class Sides {
    private int targets;
    private long memoryNeeded;
    private long memoryFree;
    private boolean memoryKnown = true;
    private boolean sourceCluster;
    private int newestRdb;
    private int oldestRdb = Integer.MAX_VALUE;
    private boolean targetHasFieldExpiry = true;
    private boolean sourceHasFieldExpiry;
    private boolean sourceHasFunctions;
    private boolean targetHasFunctions = true;
    private int databases = Integer.MAX_VALUE;
    private int highestDatabase;
    private final Set<String> sourceModules = new TreeSet<>();
    private final Set<String> missingModules = new TreeSet<>();
    private final List<Set<String>> targetModules = new ArrayList<>();

    void target(Connection target, ServerInfo info) {
      targets++;
      oldestRdb = Math.min(oldestRdb, info.rdbVersion());
      targetHasFieldExpiry &= info.rdbVersion() >= HashFieldExpiry.RDB_VERSION;
      targetHasFunctions &= info.rdbVersion() >= 10;
      targetModules.add(modules(target));
      databases =
          Math.min(
              databases,
              info.isCluster()
                  ? 1
                  : ConfigValue.of(target, "databases").map(Integer::parseInt).orElse(16));
      long limit =
          info.number("maxmemory") > 0
              ? info.number("maxmemory")
              : info.number("total_system_memory");
      memoryKnown &= limit > 0;
      // What the target holds now goes.
      memoryFree += limit;
    }

    void source(Connection source, ServerInfo info) {
      sourceCluster |= info.isCluster();
      newestRdb = Math.max(newestRdb, info.rdbVersion());
      memoryNeeded += info.number("used_memory");
      sourceModules.addAll(modules(source));
      info.fields()
          .forEach((field, value) -> {
            if (field.matches("db\\d+")) {
              highestDatabase = Math.max(highestDatabase, Integer.parseInt(field.substring(2)));
              sourceHasFieldExpiry |= HashFieldExpiry.isCountedIn(value);
            }
          });
      sourceHasFunctions |=
          source.ask(Command.of("FUNCTION", "LIST")) instanceof Reply.Array functions
              && !functions.items().isEmpty();
    }

    /** MODULE LIST: per module a flat list of name, its name, and more. */
    private static Set<String> modules(Connection server) {
      Set<String> names = new TreeSet<>();
      if (server.ask(Command.of("MODULE", "LIST")) instanceof Reply.Array modules) {
        for (Reply module : modules.items()) {
          names.add(((Reply.Array) module).items().get(1).toString());
        }
      }
      return names;
    }

    List<Finding> compare(MigrationRequest request, int sourceShards) {
      List<Finding> found = new ArrayList<>();
      compareShape(request, sourceShards, found);
      compareFeatures(found);
      if (memoryKnown && memoryFree < memoryNeeded) {
        found.add(
            error(
                "target-memory",
                "The source uses %d bytes of memory, the target may use %d."
                    .formatted(memoryNeeded, memoryFree),
                "Raise the target's maxmemory, or give it larger or more nodes."));
      }
      if (highestDatabase >= databases) {
        found.add(
            error(
                "databases",
                "The source has keys in database %d, the target has databases 0 to %d."
                    .formatted(highestDatabase, databases - 1),
                "Raise the target's databases (a cluster has only database 0)."));
      }
      return found;
    }

    private Optional<Finding> compareFieldExpiry(MigrationRequest request) {
      try {
        return newestRdb >= HashFieldExpiry.RDB_VERSION
            ? HashFieldExpiry.finding(
                sourceHasFieldExpiry, targetHasFieldExpiry, Migrations.choose(request))
            : Optional.empty();
      } catch (DmsException unreachable) {
        return Optional.empty(); // What is in the way has been found above.
      }
    }

    private void compareShape(MigrationRequest request, int sourceShards, List<Finding> found) {
      if (!sourceCluster && request.clusterMode()) {
        found.add(
            warning(
                "cluster-shape",
                "The source is no cluster, the target is one: a command whose keys are in different"
                    + " slots takes time, and SORT and GEORADIUS with STORE, EVAL of a server before"
                    + " 5.0, commands of modules, and values above 64 MB stop the migration.",
                "Give keys that are used together a common {hash tag}, or stop such commands."));
      } else if (sourceCluster && sourceShards != request.targets().size()) {
        found.add(
            note(
                "cluster-shape",
                "The source has %d shards, the target %d; keys go where their slots are."
                    .formatted(sourceShards, request.targets().size())));
      }
    }

    private void compareFeatures(List<Finding> found) {
      targetModules.forEach(modules -> {
        Set<String> missing = new TreeSet<>(sourceModules);
        missing.removeAll(modules);
        missingModules.addAll(missing);
      });
      if (!missingModules.isEmpty()) {
        found.add(
            error(
                "modules",
                "The source has modules that the target lacks: " + missingModules + ".",
                "Load them on the target."));
      }
      if (sourceHasFunctions && !targetHasFunctions) {
        found.add(
            error(
                "functions",
                "The source has functions (FUNCTION LOAD); the target is older than 7.0.",
                "Take a target of Redis 7.0, Valkey or newer."));
      }
      if (newestRdb > oldestRdb) {
        found.add(
            note(
                "rdb-version",
                "The source writes RDB version %d, the target reads up to %d; values are rewritten."
                    .formatted(newestRdb, oldestRdb)));
      }
    }
  }
}
