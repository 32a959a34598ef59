package wherry.redis.migration;

import static wherry.redis.migration.Finding.error;
import static wherry.redis.migration.Finding.note;
import static wherry.redis.migration.Finding.warning;

import java.util.ArrayList;
import java.util.List;
import wherry.redis.SlotRange;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;

/** Whether one primary of the target can take what comes. */
final class TargetCheck {
  private static final int OLDEST = 5_000_006;

  private TargetCheck() {}

  static List<Finding> of(
      MigrationRequest request, TargetShard target, Connection connection, ServerInfo info) {
    List<Finding> findings = new ArrayList<>();
    if (info.version() < OLDEST) {
      findings.add(
          error(
              "target-version",
              "%s is %s.".formatted(target.primary(), info.product()),
              "Take Redis 5.0.6, Valkey or newer as the target."));
    }
    if (info.isReplica() && !NativeMigration.follows(info, request.source())) {
      findings.add(
          error(
              "target-role",
              "%s is a replica of %s:%s."
                  .formatted(target.primary(), info.text("master_host"), info.text("master_port")),
              "Name the target's primaries."));
    }
    if (info.isCluster() != request.clusterMode()) {
      findings.add(
          error(
              "target-shape",
              "%s is %s cluster.".formatted(target.primary(), info.isCluster() ? "a" : "no"),
              "Say so in the request, or take another target."));
    } else if (info.isCluster()) {
      checkSlots(target, connection, info, findings);
    }
    if (info.fields().keySet().stream().anyMatch(field -> field.matches("db\\d+"))) {
      findings.add(
          note("target-data", target.primary() + " has keys; the migration replaces them."));
    }
    if (!request.clusterMode()
        && ConfigValue.of(connection, "replica-read-only").orElse("yes").equals("no")) {
      findings.add(
          warning(
              "target-read-only",
              "%s takes writes of its clients while it replicates (replica-read-only no)."
                  .formatted(target.primary()),
              "CONFIG SET replica-read-only yes until the migration is complete."));
    }
    String policy = info.text("maxmemory_policy");
    if (info.number("maxmemory") > 0 && !policy.equals("noeviction")) {
      findings.add(
          warning(
              "target-eviction",
              "%s evicts keys when its memory is full (%s), migrated ones as well."
                  .formatted(target.primary(), policy),
              "CONFIG SET maxmemory-policy noeviction until the migration is complete."));
    }
    return findings;
  }

  private static void checkSlots(
      TargetShard target, Connection connection, ServerInfo info, List<Finding> findings) {
    List<SlotRange> owned =
        SourceShard.of(connection, info).stream()
            .filter(shard -> shard.server().port() == target.primary().port())
            .flatMap(shard -> shard.slots().stream())
            .toList();
    for (SlotRange wanted : target.slots()) {
      if (owned.stream()
          .noneMatch(range -> range.contains(wanted.first()) && range.contains(wanted.last()))) {
        findings.add(
            error(
                "target-slots",
                "%s does not serve the slots %s; it has %s."
                    .formatted(target.primary(), wanted, owned),
                "Name the primaries with the slots that CLUSTER SLOTS tells."));
      }
    }
  }
}
