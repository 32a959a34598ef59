package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.elasticache.ElastiCacheClient;
import software.amazon.awssdk.services.elasticache.model.CacheParameterGroupNotFoundException;
import software.amazon.awssdk.services.elasticache.model.CacheSubnetGroupNotFoundException;
import software.amazon.awssdk.services.elasticache.model.CreateReplicationGroupRequest;
import software.amazon.awssdk.services.elasticache.model.ElastiCacheException;
import software.amazon.awssdk.services.elasticache.model.Parameter;

/** What users do wrong, and what they are told: the faults of the model, by code and status. */
class CacheFaultsIT {
  @TempDir private static Path data;
  private static CacheService service;
  private static ElastiCacheClient client;

  @BeforeAll
  static void start() {
    CacheService.assumeServerIsInstalled();
    service = CacheService.withoutSignatures(data);
    client = service.client;
  }

  @AfterAll
  static void stop() {
    if (service != null) {
      service.close();
    }
  }

  @Test
  void a_group_cannot_be_asked_for_in_a_way_that_makes_no_sense() {
    refused("InvalidParameterValue", r -> r.replicationGroupId("-x-"));
    refused("InvalidParameterValue", r -> r.numCacheClusters(7));
    refused("InvalidParameterValue", r -> r.engine("memcached"));
    refused("InvalidParameterValue", r -> r.engineVersion("1.0"));
    refused("InvalidParameterValue", r -> r.cacheNodeType("db.t3.micro"));
    refused("InvalidParameterValue", r -> r.replicasPerNodeGroup(6));
    refused("InvalidParameterValue", r -> r.port(70_000));
    refused("InvalidParameterValue", r -> r.clusterMode("neither"));
    refused("InvalidParameterValue", r -> r.transitEncryptionEnabled(true).authToken("too short"));
    refused("InvalidParameterCombination", r -> r.authToken("long-enough-but-plain"));
    refused("InvalidParameterCombination", r -> r.automaticFailoverEnabled(true));
    refused("InvalidParameterCombination", r -> r.numCacheClusters(2).numNodeGroups(1));
    refused("InvalidParameterCombination", r -> r.atRestEncryptionEnabled(true));
    refused("InvalidParameterCombination", r -> r.snapshotRetentionLimit(1));
    refused("InvalidParameterCombination", r -> r.clusterMode("disabled").numNodeGroups(2));
    refused(
        "InvalidParameterValue",
        r -> r.nodeGroupConfiguration(c -> c.slots("0-100"), c -> c.slots("200-16383")));
    refused("NodeGroupsPerReplicationGroupQuotaExceeded", r -> r.numNodeGroups(91));
    refused("UserGroupNotFound", r -> r.userGroupIds("people"));
    refused("CacheClusterNotFound", r -> r.primaryClusterId("elsewhere"));
    assertThatThrownBy(() -> create(r -> r.cacheSubnetGroupName("nowhere")))
        .isInstanceOf(CacheSubnetGroupNotFoundException.class);
    assertThatThrownBy(() -> create(r -> r.cacheParameterGroupName("nothing")))
        .isInstanceOf(CacheParameterGroupNotFoundException.class);
    assertThat(client.describeReplicationGroups().replicationGroups()).isEmpty();
  }

  private static void refused(String code, Consumer<CreateReplicationGroupRequest.Builder> part) {
    assertThatThrownBy(() -> create(part))
        .isInstanceOfSatisfying(
            ElastiCacheException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code));
  }

  private static void create(Consumer<CreateReplicationGroupRequest.Builder> part) {
    client.createReplicationGroup(
        r -> part.accept(r.replicationGroupId("bad").replicationGroupDescription("bad")));
  }

  @ParameterizedTest
  @CsvSource({
    "DescribeReplicationGroups, ReplicationGroupId=none, ReplicationGroupNotFoundFault, 404",
    "DescribeReplicationGroups, MaxRecords=5, InvalidParameterValue, 400",
    "DescribeReplicationGroups, MaxRecords=many, InvalidParameterValue, 400",
    "DescribeReplicationGroups, Marker=%25%25, InvalidParameterValue, 400",
    "ModifyReplicationGroup, ReplicationGroupId=none, ReplicationGroupNotFoundFault, 404",
    "ModifyReplicationGroup, x=y, InvalidParameterValue, 400",
    "DeleteReplicationGroup, ReplicationGroupId=none, ReplicationGroupNotFoundFault, 404",
    "IncreaseReplicaCount, ReplicationGroupId=none&ApplyImmediately=true, ReplicationGroupNotFoundFault, 404",
    "DecreaseReplicaCount, ReplicationGroupId=none&ApplyImmediately=perhaps, InvalidParameterValue, 400",
    "TestFailover, ReplicationGroupId=none&NodeGroupId=0001, ReplicationGroupNotFoundFault, 404",
    "StartMigration, ReplicationGroupId=none&CustomerNodeEndpointList.member.1.Port=1, ReplicationGroupNotFoundFault, 404",
    "TestMigration, ReplicationGroupId=none, InvalidParameterValue, 400",
    "CompleteMigration, ReplicationGroupId=none, ReplicationGroupNotFoundFault, 404",
    "CompleteMigration, x=y, ValidationError, 400",
    "DescribeCacheClusters, CacheClusterId=none, CacheClusterNotFound, 404",
    "RebootCacheCluster, CacheClusterId=none&CacheNodeIdsToReboot.CacheNodeId.1=0001, CacheClusterNotFound, 404",
    "RebootCacheCluster, CacheClusterId=none&CacheNodeIdsToReboot.CacheNodeId.1=0002, InvalidParameterValue, 400",
    "DescribeCacheSubnetGroups, CacheSubnetGroupName=none, CacheSubnetGroupNotFoundFault, 400",
    "CreateCacheSubnetGroup, CacheSubnetGroupName=s&CacheSubnetGroupDescription=d&SubnetIds.SubnetIdentifier.1=, InvalidSubnet, 400",
    "ModifyCacheSubnetGroup, CacheSubnetGroupName=none, CacheSubnetGroupNotFoundFault, 400",
    "DeleteCacheSubnetGroup, CacheSubnetGroupName=none, CacheSubnetGroupNotFoundFault, 400",
    "CreateCacheParameterGroup, CacheParameterGroupName=p&CacheParameterGroupFamily=redis1&Description=d, InvalidParameterValue, 400",
    "DescribeCacheParameters, CacheParameterGroupName=none, CacheParameterGroupNotFound, 404",
    "DeleteCacheParameterGroup, CacheParameterGroupName=default.redis7, InvalidCacheParameterGroupState, 400",
    "ResetCacheParameterGroup, CacheParameterGroupName=none, CacheParameterGroupNotFound, 404",
    "ModifyCacheParameterGroup, CacheParameterGroupName=none&ParameterNameValues.ParameterNameValue.1.ParameterName=x, CacheParameterGroupNotFound, 404",
    "DescribeEngineDefaultParameters, CacheParameterGroupFamily=none, InvalidParameterValue, 400",
    "DescribeEvents, SourceIdentifier=x, InvalidParameterCombination, 400",
    "DescribeEvents, SourceType=nothing, InvalidParameterValue, 400",
    "DescribeEvents, StartTime=yesterday, InvalidParameterValue, 400",
    "ListTagsForResource, ResourceName=none, InvalidARN, 400",
    "AddTagsToResource, ResourceName=arn:aws:elasticache:eu-central-1:000000000000:replicationgroup:none&Tags.Tag.1.Key=k, ReplicationGroupNotFoundFault, 404",
    "RemoveTagsFromResource, ResourceName=arn:aws:elasticache:eu-central-1:000000000000:cluster:none&TagKeys.member.1=k, CacheClusterNotFound, 404",
    "ListAllowedNodeTypeModifications, x=y, InvalidParameterCombination, 400",
    "DescribeSnapshots, SnapshotName=none, SnapshotNotFoundFault, 404",
    "Nothing, x=y, InvalidAction, 400",
    "'', x=y, MissingAction, 400",
    "DescribeEvents, Duration=1&Duration=2, MalformedQueryString, 400",
    "DescribeEvents, Duration=%, MalformedQueryString, 400",
    "DescribeEvents, SourceIdentifier=%ff, MalformedQueryString, 400",
    "DescribeEvents, SourceIdentifier=%00, MalformedQueryString, 400",
    "DescribeEvents, a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1, MalformedQueryString, 400"
  })
  void bad_input_is_told_by_its_modeled_fault(
      String action, String parameters, String code, int status) throws Exception {
    String form =
        (action.isEmpty() ? "" : "Action=" + action + "&") + "Version=2015-02-02&" + parameters;
    HttpResponse<String> answer = post(form);
    assertThat(answer.body()).contains("<Code>" + code + "</Code>", "<RequestId>");
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/xml");
  }

  @Test
  void a_body_that_is_too_large_is_refused_in_the_protocol_it_speaks() throws Exception {
    // It is refused by its length: a server that closes on a body which is on its way resets the
    // connection, and its answer may be lost with it.
    String head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + "Content-Length: %d\r\n\r\n".formatted(5 << 20);
    try (Socket socket = new Socket("127.0.0.1", URI.create(service.url).getPort())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer)
          .startsWith("HTTP/1.1 413 ")
          .contains("<Code>RequestEntityTooLargeException</Code>");
    }
  }

  private static HttpResponse<String> post(String form) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(service.url))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString(form))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void parameters_are_told_and_changed_as_their_rules_allow() {
    client.createCacheParameterGroup(r ->
        r.cacheParameterGroupName("Mine").cacheParameterGroupFamily("redis7").description("d"));
    client.modifyCacheParameterGroup(r ->
        r.cacheParameterGroupName("mine")
            .parameterNameValues(v -> v.parameterName("timeout").parameterValue("30")));
    assertThat(
            client
                .describeCacheParameters(r -> r.cacheParameterGroupName("mine").source("user"))
                .parameters())
        .extracting(Parameter::parameterName, Parameter::parameterValue)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("timeout", "30"));
    assertThatThrownBy(() ->
            client.modifyCacheParameterGroup(r ->
                r.cacheParameterGroupName("mine")
                    .parameterNameValues(v -> v.parameterName("timeout").parameterValue("-1"))))
        .hasMessageContaining("allowed are 0-");
    assertThatThrownBy(() ->
            client.modifyCacheParameterGroup(r ->
                r.cacheParameterGroupName("mine")
                    .parameterNameValues(v -> v.parameterName("dir").parameterValue("/etc"))))
        .hasMessageContaining("dir is not one of family redis7");
    client.resetCacheParameterGroup(
        r -> r.cacheParameterGroupName("mine").resetAllParameters(true));
    assertThat(
            client
                .describeCacheParameters(r -> r.cacheParameterGroupName("mine").source("user"))
                .parameters())
        .isEmpty();
    client.deleteCacheParameterGroup(r -> r.cacheParameterGroupName("mine"));
    assertThatThrownBy(() -> client.describeCacheParameters(r -> r.cacheParameterGroupName("mine")))
        .isInstanceOf(CacheParameterGroupNotFoundException.class);
  }
}
