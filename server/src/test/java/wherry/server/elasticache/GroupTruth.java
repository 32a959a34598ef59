package wherry.server.elasticache;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.elasticache.model.CacheCluster;
import software.amazon.awssdk.services.elasticache.model.Endpoint;
import software.amazon.awssdk.services.elasticache.model.NodeGroup;
import software.amazon.awssdk.services.elasticache.model.NodeGroupMember;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.ClusterShard;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/**
 * Every member that the contract's ReplicationGroup has, beside what the group's servers themselves
 * are. A member that is neither compared here nor in the documentation's list of those that are
 * never there fails.
 */
final class GroupTruth {
  private static final Path GUIDE = Path.of("../docs/redis-migrations.md");
  private static final Pattern ABSENT_ROW =
      Pattern.compile("^\\| `([A-Za-z.\\[\\]]+)` \\| never", Pattern.MULTILINE);
  private static final Instant BEGAN = ProcessHandle.current().info().startInstant().orElseThrow();

  /** What was asked for and no server knows. */
  record Asked(
      String description,
      String status,
      boolean failover,
      boolean multiZone,
      @Nullable String token) {
    static Asked of(String description) {
      return new Asked(description, "available", false, false, null);
    }

    Asked withFailover() {
      return new Asked(description, status, true, multiZone, token);
    }

    Asked withMultiZone() {
      return new Asked(description, status, true, true, token);
    }

    Asked withToken(String other) {
      return new Asked(description, status, failover, multiZone, other);
    }

    Asked migrating() {
      return new Asked(description, "migrating", failover, multiZone, token);
    }
  }

  private final CacheService service;
  private final ReplicationGroup group;
  private final Asked asked;
  private final boolean attached;
  private final Map<String, Node> nodes;

  /** A server of the group, asked by itself. */
  private record Node(Endpoint endpoint, ServerInfo info, Map<String, String> settings) {}

  /** Of one of the group: what a primary follows while it is migrated is outside. */
  private boolean isReplica(Node node) {
    return node.info().isReplica()
        && nodes.values().stream()
            .anyMatch(each -> each.endpoint().port() == node.info().number("master_port"));
  }

  private GroupTruth(CacheService service, String id, Asked asked, boolean attached) {
    this.service = service;
    this.group = service.group(id);
    this.asked = asked;
    this.attached = attached;
    this.nodes =
        service
            .client
            .describeCacheClusters(r -> r.showCacheNodeInfo(true))
            .cacheClusters()
            .stream()
            .filter(cluster -> cluster.replicationGroupId().equals(id))
            .collect(
                toMap(CacheCluster::cacheClusterId, this::ask, (a, b) -> a, LinkedHashMap::new));
  }

  /** Of a group whose servers the service runs; what it tells of them is a moment old. */
  static void check(CacheService service, String id, Asked asked) {
    check(service, id, asked, false);
  }

  private static void check(CacheService service, String id, Asked asked, boolean attached) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() -> new GroupTruth(service, id, asked, attached).check());
  }

  /** Of a group whose servers run without the service. */
  static void checkAttached(CacheService service, String id, Asked asked) {
    check(service, id, asked, true);
  }

  private Node ask(CacheCluster cluster) {
    Endpoint endpoint = cluster.cacheNodes().getFirst().endpoint();
    try (Connection connection = Connection.open(address(endpoint, asked.token()))) {
      Map<String, String> settings = new HashMap<>();
      for (String name : List.of("dir", "port", "tls-port", "maxmemory", "save")) {
        var pair = ((Reply.Array) connection.call("CONFIG", "GET", name)).items();
        settings.put(name, pair.get(1).toString());
      }
      ServerInfo info =
          ServerInfo.of(connection, "server", "replication", "cluster", "persistence");
      return new Node(endpoint, info, settings);
    }
  }

  private ServerAddress address(Endpoint endpoint, @Nullable String token) {
    return service.address(endpoint, token, group.transitEncryptionEnabled());
  }

  private void check() {
    Map<String, Consumer<List<Object>>> truths = truths();
    List<String> members = new ArrayList<>();
    JsonNode shapes = contract().get("shapes");
    walk(shapes, "ReplicationGroup", "", members);
    TreeSet<String> absent = new TreeSet<>();
    ABSENT_ROW.matcher(guide()).results().map(row -> row.group(1)).forEach(absent::add);
    for (String member : members) {
      List<Object> values = values(List.of(group), member);
      if (absent.remove(member)) {
        assertThat(values).as(member + " is documented as never there").isEmpty();
      } else {
        assertThat(truths).as("who compares the contract's " + member + "?").containsKey(member);
        truths.remove(member).accept(values);
      }
    }
    assertThat(absent).as("documented as never there, but not in the contract").isEmpty();
    assertThat(truths.keySet()).as("compared, but not in the contract").isEmpty();
  }

  private static JsonNode contract() {
    try (InputStream json =
        GroupTruth.class.getResourceAsStream("/wherry/server/wire/elasticache-contract.json")) {
      return JsonMapper.shared().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String guide() {
    try {
      return Files.readString(GUIDE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The members that hold values, such as {@code NodeGroups[].Slots}. */
  private static void walk(JsonNode shapes, String shape, String path, List<String> members) {
    JsonNode type = shapes.get(shape);
    switch (type.get("type").asString()) {
      case "structure" ->
          type.get("members")
              .properties()
              .forEach(member ->
                  walk(
                      shapes,
                      nameOf(member.getValue()),
                      path.isEmpty() ? member.getKey() : path + "." + member.getKey(),
                      members));
      case "list" -> walk(shapes, nameOf(type.get("member")), path + "[]", members);
      default -> members.add(path);
    }
  }

  private static String nameOf(JsonNode reference) {
    return reference.isString() ? reference.asString() : reference.get("shape").asString();
  }

  /** All values that a structure of the SDK has there. */
  private static List<Object> values(List<?> from, String path) {
    String[] words = path.split("\\.", 2);
    String name = words[0].replace("[]", "");
    List<Object> found = new ArrayList<>();
    for (Object structure : from) {
      for (SdkField<?> field : ((SdkPojo) structure).sdkFields()) {
        Object value = field.memberName().equals(name) ? field.getValueOrDefault(structure) : null;
        if (value instanceof List<?> list) {
          found.addAll(list);
        } else if (value != null) {
          found.add(value);
        }
      }
    }
    return words.length == 1 ? found : values(found, words[1]);
  }

  private Map<String, Consumer<List<Object>>> truths() {
    Map<String, Consumer<List<Object>>> truths = new HashMap<>();
    truths.put("ReplicationGroupId", is(group.arn().replaceAll(".*:replicationgroup:", "")));
    truths.put("Description", is(asked.description()));
    truths.put("Status", is(asked.status()));
    truths.put("MemberClusters[]", this::areTheProcesses);
    truths.put("AutomaticFailover", is(asked.failover() ? "enabled" : "disabled"));
    truths.put("MultiAZ", is(asked.multiZone() ? "enabled" : "disabled"));
    truths.put(
        "ARN", values -> service.client.listTagsForResource(r -> r.resourceName(group.arn())));
    truths.put("ReplicationGroupCreateTime", this::isOfThisTest);
    truths.put("DataTiering", is("disabled"));
    truths.put("AutoMinorVersionUpgrade", is(!attached));
    truths.put("SnapshotRetentionLimit", is(0));
    truths.put("SnapshotWindow", attached ? is() : is("03:00-04:00"));
    truths.put("Engine", is(ofEach(node -> node.info().isValkey() ? "valkey" : "redis")));
    truths.put("CacheNodeType", this::boundsTheMemory);
    truths.put("ClusterEnabled", is(ofEach(node -> node.info().isCluster())));
    truths.put("ClusterMode", is(ofEach(node -> node.info().isCluster() ? "enabled" : "disabled")));
    truths.put(
        "PendingModifiedValues.Resharding.SlotMigration.ProgressPercentage",
        values -> assertThat(values.isEmpty()).isEqualTo(!asked.status().equals("migrating")));
    security(truths);
    endpoints(truths);
    nodeGroups(truths);
    return truths;
  }

  private void security(Map<String, Consumer<List<Object>>> truths) {
    boolean login = refusesWithoutToken();
    boolean encrypted = ofEach(node -> node.settings().get("port").equals("0")).equals(true);
    truths.put("AuthTokenEnabled", is(login));
    truths.put("AuthTokenLastModifiedDate", login && !attached ? this::isOfThisTest : is());
    truths.put("TransitEncryptionEnabled", is(encrypted));
    truths.put("TransitEncryptionMode", encrypted && !attached ? is("required") : is());
    truths.put("AtRestEncryptionEnabled", attached ? is() : this::isPlainOnDisk);
  }

  private void endpoints(Map<String, Consumer<List<Object>>> truths) {
    Consumer<List<Object>> ip = attached ? is() : is("ipv4");
    truths.put("NetworkType", ip);
    truths.put("IpDiscovery", ip);
    for (Node node : nodes.values()) {
      assertThat(address(node.endpoint().address())).isInstanceOf(Inet4Address.class);
    }
    List<Endpoint> entry =
        group.configurationEndpoint() == null ? List.of() : List.of(group.configurationEndpoint());
    truths.put(
        "ConfigurationEndpoint.Port",
        values -> {
          assertThat(entry.isEmpty()).isEqualTo(!group.clusterEnabled());
          entry.forEach(each ->
              assertThat(CacheService.ask(address(each, asked.token()), "CLUSTER", "INFO"))
                  .contains("cluster_state:ok"));
        });
    truths.put("ConfigurationEndpoint.Address", values -> assertThat(values).hasSameSizeAs(entry));
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void nodeGroups(Map<String, Consumer<List<Object>>> truths) {
    List<NodeGroup> shards = group.nodeGroups();
    List<NodeGroupMember> members =
        shards.stream().flatMap(shard -> shard.nodeGroupMembers().stream()).toList();
    boolean cluster = group.clusterEnabled();
    long primaries = nodes.values().stream().filter(node -> !isReplica(node)).count();
    String prefix = "NodeGroups[].";
    truths.put(
        prefix + "NodeGroupId",
        values -> assertThat(values).hasSize((int) Math.max(1, primaries)).doesNotHaveDuplicates());
    truths.put(
        prefix + "Status",
        values -> assertThat(values).allMatch(each -> each.toString().startsWith(asked.status())));
    truths.put(
        prefix + "Slots", values -> assertThat(values).isEqualTo(cluster ? slots() : List.of()));
    for (String end : List.of("PrimaryEndpoint", "ReaderEndpoint")) {
      truths.put(prefix + end + ".Address", values -> assertThat(values).hasSize(cluster ? 0 : 1));
    }
    truths.put(prefix + "PrimaryEndpoint.Port", cluster ? is() : values -> areOf(values, false));
    truths.put(
        prefix + "ReaderEndpoint.Port", cluster ? is() : values -> areOf(values, nodes.size() > 1));
    prefix += "NodeGroupMembers[].";
    truths.put(
        prefix + "CacheClusterId",
        values -> assertThat(values).containsExactlyElementsOf(nodes.keySet()));
    truths.put(prefix + "CacheNodeId", values -> assertThat(values).containsOnly("0001"));
    truths.put(
        prefix + "ReadEndpoint.Address",
        values -> assertThat(values).hasSize(cluster ? 0 : nodes.size()));
    truths.put(
        prefix + "ReadEndpoint.Port",
        cluster
            ? is()
            : values ->
                members.forEach(member ->
                    assertThat(member.readEndpoint())
                        .isEqualTo(nodes.get(member.cacheClusterId()).endpoint())));
    truths.put(
        prefix + "CurrentRole",
        cluster
            ? is()
            : values ->
                members.forEach(member ->
                    assertThat(member.currentRole().equals("replica"))
                        .as(member.cacheClusterId() + " is " + member.currentRole())
                        .isEqualTo(isReplica(nodes.get(member.cacheClusterId())))));
    truths.put(
        prefix + "PreferredAvailabilityZone",
        attached
            ? is()
            : values -> {
              assertThat(values)
                  .hasSameSizeAs(members)
                  .allMatch(zone -> zone.toString().startsWith(group.arn().split(":")[3]));
              if (asked.multiZone()) {
                shards.forEach(shard ->
                    assertThat(shard.nodeGroupMembers())
                        .extracting(NodeGroupMember::preferredAvailabilityZone)
                        .doesNotHaveDuplicates());
              }
            });
  }

  private static Consumer<List<Object>> is(Object... expected) {
    return values -> assertThat(values).containsExactly(expected);
  }

  /** What all servers agree on. */
  private Object ofEach(Function<Node, Object> question) {
    List<Object> answers = nodes.values().stream().map(question).distinct().toList();
    assertThat(answers).as("answers of the nodes").hasSize(1);
    return answers.getFirst();
  }

  /** Where the service runs them, their folders are the names of their clusters. */
  private void areTheProcesses(List<Object> ids) {
    assertThat(ids).containsExactlyElementsOf(nodes.keySet());
    if (!attached) {
      nodes.forEach((id, node) ->
          assertThat(Path.of(node.settings().get("dir")).getFileName()).hasToString(id));
      assertThat(service.processes(group.replicationGroupId()))
          .as("server processes")
          .containsExactlyInAnyOrderElementsOf(nodes.keySet());
    }
  }

  private void isOfThisTest(List<Object> times) {
    assertThat(times)
        .singleElement()
        .matches(
            time -> ((Instant) time).isAfter(BEGAN) && !((Instant) time).isAfter(Instant.now()),
            "is since " + BEGAN);
  }

  private void boundsTheMemory(List<Object> types) {
    if (attached) {
      assertThat(types).isEmpty();
      return;
    }
    NodeType type = NodeType.of(types.getFirst().toString()).orElseThrow();
    assertThat(ofEach(node -> node.settings().get("maxmemory")))
        .isEqualTo(Long.toString(type.maxMemoryBytes() * 75 / 100));
  }

  private boolean refusesWithoutToken() {
    try (Connection connection =
        Connection.open(address(nodes.values().iterator().next().endpoint(), null))) {
      return connection.ask(Command.of("PING")) instanceof Reply.Failure refused
          && refused.message().startsWith("NOAUTH");
    }
  }

  /** A server's files begin as Redis writes them: RDB or commands. */
  private void isPlainOnDisk(List<Object> encrypted) {
    assertThat(encrypted).containsExactly(false);
    Path folder = Path.of(nodes.values().iterator().next().settings().get("dir"));
    try (var files = Files.walk(folder)) {
      assertThat(files.filter(file -> file.toString().matches(".*\\.(rdb|aof)")))
          .as("plain files in " + folder)
          .anyMatch(GroupTruth::beginsAsRedisWrites);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean beginsAsRedisWrites(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String beginning = new String(in.readNBytes(5), java.nio.charset.StandardCharsets.US_ASCII);
      return beginning.equals("REDIS") || beginning.startsWith("*");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void areOf(List<Object> ports, boolean replica) {
    assertThat(ports)
        .singleElement()
        .satisfies(port ->
            assertThat(nodes.values())
                .filteredOn(node -> node.endpoint().port().equals(port))
                .singleElement()
                .matches(node -> isReplica(node) == replica, "is a replica: " + replica));
  }

  private List<Object> slots() {
    try (Connection connection =
        Connection.open(address(group.configurationEndpoint(), asked.token()))) {
      return ClusterShard.of(connection).stream()
          .map(shard -> String.join(",", shard.slots().stream().map(Object::toString).toList()))
          .map(Object.class::cast)
          .toList();
    }
  }
}
