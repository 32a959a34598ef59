package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;
import wherry.elasticache.CacheNode;
import wherry.elasticache.CacheServers;
import wherry.elasticache.Shard;
import wherry.redis.SlotRange;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Contract;
import wherry.server.wire.Fault;
import wherry.server.wire.GeneratedJson;
import wherry.server.wire.Router;

/**
 * Requests that the contract allows and nobody would send, to a group that is there and to none:
 * each gets an answer or a fault that its operation declares, with a sentence, never a failure of
 * ours.
 */
class CacheHostileRequestsTest {
  private static final Contract CONTRACT = Contract.elastiCache();
  private static final Caller CALLER = new Caller("123456789012", "eu-central-1", "AKIDTEST");
  private static final int REQUESTS_PER_OPERATION = 15;

  @TempDir private static Path directory;

  private static Store store;
  private static Caches caches;
  private static Router router;

  @BeforeAll
  static void start() {
    store = Store.open(directory.resolve("store"), Optional.empty());
    CacheServers servers =
        CacheServers.of(
            directory.resolve("caches"), Map.of("WHERRY_CACHE_SERVERS", "/nothing/redis-server"));
    caches = new Caches(store, servers, Map.of(), CALLER);
    router =
        Router.elastiCache(
            CacheOperations.of(store, caches),
            (operation, fault) -> {
              throw new AssertionError(operation + " does not declare " + fault.code(), fault);
            });
  }

  @AfterAll
  static void stop() {
    caches.close();
    store.close();
  }

  static List<String> operations() {
    return List.copyOf(
        Router.elastiCache(CacheOperations.of(store, caches), (operation, fault) -> {})
            .carriedOut());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void every_operation_answers_every_request_that_its_contract_allows(String operation) {
    long seed = new Random().nextLong();
    System.out.println(operation + " with seed " + seed);
    var random = new Random(seed);
    for (int i = 0; i < REQUESTS_PER_OPERATION; i++) {
      ObjectNode request = GeneratedJson.hostileRequest(CONTRACT, operation, random);
      if (random.nextBoolean()) {
        aGroupThatIsThere();
        Map.of("ReplicationGroupId", "There", "CacheClusterId", "there-001")
            .forEach((member, id) -> {
              if (CONTRACT.hasInputMember(operation, member)) {
                request.put(member, id);
              }
            });
      }
      try {
        assertThat(router.answer(operation, request, CALLER)).isNotNull();
      } catch (Fault fault) {
        assertThat(fault.text()).as("%s %s", operation, request).matches("(?s)\\S.{10,}");
      }
    }
  }

  /** Its server does not run, so whatever is asked of it comes to nothing. */
  private static void aGroupThatIsThere() {
    StoredGroup group =
        new StoredGroup(
            "there",
            null,
            "a group",
            StoredGroup.AVAILABLE,
            "redis",
            "7.0.15",
            "cache.t4g.micro",
            "default.redis7",
            null,
            List.of(),
            false,
            false,
            false,
            false,
            null,
            "sun:05:00-sun:06:00",
            "05:00-06:00",
            true,
            null,
            null,
            List.of(
                new Shard(
                    "0001",
                    List.of(SlotRange.ALL),
                    "there-001",
                    List.of(new CacheNode("there-001", null, 1, 0, Instant.EPOCH)))));
    caches.groups().delete("there");
    caches.groups().insert(caches.groups().arn(CALLER, "there"), "there", group);
  }
}
