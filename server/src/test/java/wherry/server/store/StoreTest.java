package wherry.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wherry.schema.TableId;
import wherry.server.store.TaskProgress.TableProgress;

class StoreTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final String ARN = "arn:aws:dms:us-east-1:000000000000:endpoint:A";

  @TempDir Path directory;

  private Store open() {
    return Store.open(directory, Optional.empty());
  }

  private static Resource endpoint(String id, String json) {
    return new Resource(
        ResourceKind.ENDPOINT, "arn:aws:dms:us-east-1:000000000000:endpoint:" + id, id, json, NOW);
  }

  @Test
  void everything_is_still_there_after_the_store_is_opened_again() {
    try (Store store = open()) {
      store.resources().insert(endpoint("A", "{\"Status\":\"active\"}"));
      store.resources().putSecrets(ARN, Map.of("Password", "hunter2"));
      store.tags().put(ARN, Map.of("team", "a"));
      store
          .events()
          .add(
              new Event("replication-instance", "i", List.of("creation", "failover"), "made", NOW));
      store.accessKeys().put("AKIA1", "secret");
      store.connectionTests().restart(new ConnectionTest(ARN, "i", "failed", "no route", NOW, "f"));
      store.schemaRefreshes().put(new SchemaRefreshes.Refresh(ARN, "i", "successful", "", NOW));
      store.schemaRefreshes().putSchemas(ARN, List.of("b", "a"));
      store.meta().put("x", "y");
      store.taskProgress().putTables("t", List.of(new TableProgress(new TableId("s", "n"), "{}")));
      store.taskProgress().putRun("t", "{\"n\":1}");
    }
    try (Store store = open()) {
      assertThat(store.resources().find(ARN)).contains(endpoint("A", "{\"Status\":\"active\"}"));
      assertThat(store.resources().secrets(ARN)).isEqualTo(Map.of("Password", "hunter2"));
      assertThat(store.tags().of(ARN)).isEqualTo(Map.of("team", "a"));
      assertThat(store.events().between(NOW, NOW))
          .extracting(Events.Numbered::event)
          .containsExactly(
              new Event("replication-instance", "i", List.of("creation", "failover"), "made", NOW));
      assertThat(store.accessKeys().secret("AKIA1")).contains("secret");
      assertThat(store.accessKeys().secret("AKIA2")).isEmpty();
      assertThat(store.connectionTests().list())
          .containsExactly(new ConnectionTest(ARN, "i", "failed", "no route", NOW, "f"));
      assertThat(store.schemaRefreshes().find(ARN))
          .contains(new SchemaRefreshes.Refresh(ARN, "i", "successful", "", NOW));
      assertThat(store.schemaRefreshes().schemas(ARN)).containsExactly("a", "b");
      assertThat(store.meta().find("x")).contains("y");
      assertThat(store.taskProgress().tables("t"))
          .containsExactly(new TableProgress(new TableId("s", "n"), "{}"));
      assertThat(store.taskProgress().run("t")).contains("{\"n\":1}");
    }
  }

  @Test
  void an_identifier_is_unique_within_its_kind_without_regard_to_case() {
    try (Store store = open()) {
      store.resources().insert(endpoint("Source", "{}"));
      Resource sameName = new Resource(ResourceKind.ENDPOINT, "arn:other", "SOURCE", "{}", NOW);
      assertThatThrownBy(() -> store.resources().insert(sameName))
          .isInstanceOfSatisfying(
              DuplicateResourceException.class,
              e ->
                  assertThat(e.existingArn())
                      .isEqualTo("arn:aws:dms:us-east-1:000000000000:endpoint:Source"));
      store.resources().insert(new Resource(ResourceKind.TASK, "arn:task", "source", "{}", NOW));
      assertThatThrownBy(() ->
              store
                  .resources()
                  .insert(new Resource(ResourceKind.TASK, "arn:task", "other", "{}", NOW)))
          .isInstanceOf(DuplicateResourceException.class);
      assertThat(store.resources().find(ResourceKind.ENDPOINT, "sOURCE")).isPresent();
      assertThat(store.resources().list(ResourceKind.ENDPOINT)).hasSize(1);
      assertThat(store.resources().count(ResourceKind.TASK)).isEqualTo(1);
    }
  }

  @Test
  void replacing_may_rename_but_not_onto_another_one() {
    try (Store store = open()) {
      store.resources().insert(endpoint("A", "{}"));
      store.resources().insert(endpoint("B", "{}"));
      assertThat(
              store
                  .resources()
                  .replace(new Resource(ResourceKind.ENDPOINT, ARN, "a2", "{\"n\":2}", NOW)))
          .isTrue();
      assertThat(store.resources().find(ResourceKind.ENDPOINT, "A")).isEmpty();
      assertThatThrownBy(() ->
              store.resources().replace(new Resource(ResourceKind.ENDPOINT, ARN, "b", "{}", NOW)))
          .isInstanceOf(DuplicateResourceException.class);
      assertThat(store.resources().find(ARN))
          .get()
          .extracting(Resource::wireJson)
          .isEqualTo("{\"n\":2}");
      assertThat(
              store
                  .resources()
                  .replace(new Resource(ResourceKind.ENDPOINT, "arn:none", "c", "{}", NOW)))
          .isFalse();
    }
  }

  @Test
  void deleting_a_resource_takes_everything_kept_about_it_along() {
    try (Store store = open()) {
      store.resources().insert(endpoint("A", "{}"));
      store.resources().putSecrets(ARN, Map.of("Password", "p"));
      store.tags().put(ARN, Map.of("k", "v"));
      store.connectionTests().restart(new ConnectionTest(ARN, "i", "successful", "", NOW, "f"));
      store.schemaRefreshes().put(new SchemaRefreshes.Refresh(ARN, "i", "refreshing", "", NOW));
      store.schemaRefreshes().putSchemas(ARN, List.of("s"));

      assertThat(store.resources().delete(ARN)).isTrue();
      assertThat(store.resources().delete(ARN)).isFalse();
      assertThat(store.resources().secrets(ARN)).isEmpty();
      assertThat(store.tags().of(ARN)).isEmpty();
      assertThat(store.connectionTests().list()).isEmpty();
      assertThat(store.schemaRefreshes().refreshing()).isEmpty();
      assertThat(store.schemaRefreshes().schemas(ARN)).isEmpty();
    }
  }

  @Test
  void of_many_callers_with_the_same_expectation_exactly_one_wins() throws Exception {
    try (Store store = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      store.resources().insert(endpoint("A", "ready"));
      CountDownLatch go = new CountDownLatch(1);
      Callable<Boolean> start =
          () -> {
            go.await();
            return store
                .resources()
                .transition(ARN, found -> found.wireJson().equals("ready"), json -> "starting")
                .isPresent();
          };
      var calls = IntStream.range(0, 16).mapToObj(i -> threads.submit(start)).toList();
      go.countDown();
      int winners = 0;
      for (var call : calls) {
        winners += call.get() ? 1 : 0;
      }
      assertThat(winners).isEqualTo(1);
      assertThat(store.resources().find(ARN))
          .get()
          .extracting(Resource::wireJson)
          .isEqualTo("starting");
    }
  }

  @Test
  void what_is_thrown_within_atomically_undoes_every_call_of_it() {
    try (Store store = open()) {
      assertThatThrownBy(() ->
              store.atomically(() -> {
                store.resources().insert(endpoint("A", "{}"));
                store.tags().put(ARN, Map.of("k", "v"));
                assertThat(store.resources().find(ARN)).isPresent();
                throw new IllegalStateException("stop");
              }))
          .hasMessage("stop");
      assertThat(store.resources().find(ARN)).isEmpty();
      assertThat(store.tags().of(ARN)).isEmpty();
    }
  }

  @Test
  void no_file_of_the_directory_holds_a_secret_in_clear() throws IOException {
    try (Store store = open()) {
      store.resources().putSecrets(ARN, Map.of("Password", "correct-horse-battery"));
      store.accessKeys().put("AKIA1", "correct-horse-battery");
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.toList())
            .hasSizeGreaterThanOrEqualTo(3)
            .allSatisfy(file -> {
              String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
              assertThat(bytes).as(file.toString()).doesNotContain("correct-horse-battery");
            });
      }
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("wherry.key"))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void a_key_that_is_wrong_missing_or_malformed_is_told_at_start() throws IOException {
    open().close();
    String other = Base64.getEncoder().encodeToString(new byte[32]);
    assertThatThrownBy(() -> Store.open(directory, Optional.of(other)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be decrypted");
    assertThatThrownBy(() -> Store.open(directory, Optional.of("c2hvcnQ=")))
        .hasMessageContaining("WHERRY_ENCRYPTION_KEY has 5 bytes, needed are 32");
    Files.delete(directory.resolve("wherry.key"));
    assertThatThrownBy(this::open).hasMessageContaining("wherry.key is missing");
  }

  @Test
  void a_first_start_that_was_killed_while_it_made_its_key_does_not_stop_the_next()
      throws Exception {
    Files.writeString(directory.resolve("wherry.key.new"), "ha");
    open().close();
    open().close();
    assertThat(directory.resolve("wherry.key.new")).doesNotExist();
  }

  @Test
  void a_sealed_text_that_was_changed_cut_or_moved_is_told_as_such() {
    SecretCipher cipher =
        SecretCipher.of(Base64.getEncoder().encodeToString(new byte[32]), "the test");
    String sealed = cipher.seal("a", "hunter2");
    assertThat(cipher.open("a", sealed)).isEqualTo("hunter2");
    for (String changed : List.of("", "no base64!", sealed.substring(0, 8), sealed + "AAAA")) {
      assertThatThrownBy(() -> cipher.open("a", changed))
          .as(changed)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("set the secret again");
    }
    assertThatThrownBy(() -> cipher.open("b", sealed)).isInstanceOf(StoreException.class);
  }

  @Test
  void a_directory_serves_one_store_at_a_time() {
    try (Store store = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(
              "in use by another Wherry service (process " + ProcessHandle.current().pid() + ")");
      assertThat(store.meta().find("x")).isEmpty();
    }
    open().close();
  }

  @Test
  void a_new_data_directory_is_its_owners_alone() throws IOException {
    Path made = directory.resolve("a/b");
    Store.open(made, Optional.empty()).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rwx------");
  }

  @Test
  void a_store_of_a_newer_build_is_refused() throws Exception {
    open().close();
    try (var connection =
        org.sqlite.JDBC.createConnection(
            "jdbc:sqlite:" + directory.resolve("wherry.db"), new java.util.Properties())) {
      new Sql(connection).update("INSERT INTO schema_version VALUES (99, 0)");
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("version 99")
        .hasMessageContaining("newer");
  }

  @Test
  void a_connection_has_one_test_at_a_time_and_an_overtaken_one_says_nothing() {
    try (Store store = open()) {
      ConnectionTest first = new ConnectionTest(ARN, "i", "testing", "", NOW, "1");
      ConnectionTest second = new ConnectionTest(ARN, "i", "testing", "", NOW, "2");
      assertThat(store.connectionTests().begin(first)).isTrue();
      assertThat(store.connectionTests().begin(second)).isFalse();
      store.connectionTests().restart(second);
      assertThat(
              store
                  .connectionTests()
                  .finish(new ConnectionTest(ARN, "i", "successful", "", NOW, "1")))
          .isFalse();
      ConnectionTest failed = new ConnectionTest(ARN, "i", "failed", "no route", NOW, "2");
      assertThat(store.connectionTests().finish(failed)).isTrue();
      assertThat(store.connectionTests().find(ARN, "i")).contains(failed);
      assertThat(store.connectionTests().begin(first)).isTrue();
    }
  }

  @Test
  void events_are_kept_for_fourteen_days() {
    try (Store store = open()) {
      Event old =
          new Event(
              "replication-task", "t", List.of("creation"), "old", NOW.minus(Duration.ofDays(15)));
      Event young = new Event("replication-task", "t", List.of("state change"), "young", NOW);
      store.events().add(old);
      store.events().add(young);
      assertThat(store.events().between(Instant.EPOCH, NOW))
          .extracting(Events.Numbered::event)
          .containsExactly(young);
    }
  }

  @Test
  void task_progress_is_put_again_and_again_and_deleted_by_task() {
    try (Store store = open()) {
      TableId table = new TableId("s", "n");
      store
          .taskProgress()
          .putTables(
              "t",
              List.of(
                  new TableProgress(table, "1"), new TableProgress(new TableId("a", "b"), "1")));
      store.taskProgress().putTables("t", List.of(new TableProgress(table, "2")));
      store.taskProgress().putTables("other", List.of(new TableProgress(table, "3")));
      assertThat(store.taskProgress().tables("t"))
          .extracting(TableProgress::json)
          .containsExactly("1", "2");
      store.taskProgress().deleteTables("t");
      assertThat(store.taskProgress().tables("t")).isEmpty();
      assertThat(store.taskProgress().tables("other")).hasSize(1);
    }
  }
}
