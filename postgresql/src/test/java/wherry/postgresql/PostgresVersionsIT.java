package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.postgresql.Changes.row;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Checkpoint;
import wherry.change.RowChange;
import wherry.change.TransactionPart;
import wherry.connector.ChangeWriter;
import wherry.connector.Endpoint;
import wherry.connector.Source;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.connector.Target.ControlTable;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.PostgresServer.Release;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * What differs from version to version of a server is decided by what the server says it is. The
 * newest one is what all other tests use.
 */
class PostgresVersionsIT {
  private static final Map<Release, PostgresServer> RUNNING = new EnumMap<>(Release.class);

  @AfterAll
  static void stop() {
    RUNNING.values().forEach(PostgresServer::close);
  }

  private static PostgresServer server(Release release) {
    return RUNNING.computeIfAbsent(release, PostgresVersionsIT::start);
  }

  private static PostgresServer start(Release release) {
    ServerOptions options = ServerOptions.standard();
    return PostgresServer.start(
        release,
        release == Release.V12 ? options : options.with("logical_decoding_work_mem", "64kB"));
  }

  private static CapturedChanges capture(PostgresServer server, String database) {
    return new CapturedChanges(
        new PostgresConnector().source(Databases.endpoint(server, database)), "VERSIONS");
  }

  @ParameterizedTest
  @EnumSource(value = Release.class, names = "V18", mode = EnumSource.Mode.EXCLUDE)
  void changes_of_an_older_server_come_whole_and_in_order(Release release) throws Exception {
    PostgresServer server = server(release);
    server.createDatabase("app");
    server.executeIn(
        "app",
        "CREATE TABLE t (id int PRIMARY KEY, v text, long text)",
        "INSERT INTO t SELECT -1, 'there', string_agg(md5(n::text), '') FROM"
            + " generate_series(1, 2000) n",
        "CREATE TABLE generated (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id + 1) STORED)",
        "CREATE TABLE p (id int PRIMARY KEY, v int) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)");
    try (CapturedChanges changes = capture(server, "app")) {
      assertThat(changes.start.refused().stream().map(e -> e.table().orElseThrow().name()))
          .containsExactlyInAnyOrderElementsOf(
              release == Release.V12 ? List.of("generated", "p") : List.of("generated"));
      server.executeIn(
          "app",
          "INSERT INTO t VALUES (1, 'a', NULL)",
          "UPDATE t SET id = 2 WHERE id = 1",
          "UPDATE t SET v = 'toasted' WHERE id = -1",
          "DELETE FROM t WHERE id = 2",
          "ALTER TABLE t ADD d timestamptz DEFAULT '2024-02-29 12:00:00+00'",
          "UPDATE t SET v = 'altered' WHERE id = -1",
          "TRUNCATE t",
          "INSERT INTO p VALUES (1, 1)",
          "UPDATE p SET id = 2");
      changes.readToEnd();
      assertThat(changes.allLines())
          .startsWith(
              "INSERT t is [1, a, null]",
              "UPDATE t was [1, ?, ?] is [2, a, null]",
              "UPDATE t is [-1, toasted, ?]",
              "DELETE t was [2, ?, ?]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"d\" timestamp with"
                  + " time zone",
              "UPDATE t is [-1, altered, ?, 2024-02-29 12:00:00]",
              "TRUNCATE t");
      List<String> rest = changes.allLines().subList(7, changes.allLines().size());
      assertThat(rest)
          .isEqualTo(
              release == Release.V12
                  ? List.of()
                  : List.of("INSERT p is [1, 1]", "DELETE p was [1, ?]", "INSERT p is [2, 1]"));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Release.class, names = "V18", mode = EnumSource.Mode.EXCLUDE)
  void a_large_transaction_of_an_older_server_comes_at_its_commit_without_what_was_rolled_back(
      Release release) throws Exception {
    PostgresServer server = server(release);
    server.createDatabase("large");
    server.executeIn("large", "CREATE TABLE t (id int PRIMARY KEY, v text)");
    try (CapturedChanges changes = capture(server, "large")) {
      server.executeIn(
          "large",
          "BEGIN",
          "INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 3000) n",
          "SAVEPOINT s",
          "INSERT INTO t SELECT n, repeat('y', 100) FROM generate_series(3001, 6000) n",
          "ROLLBACK TO s",
          "INSERT INTO t VALUES (0, 'last')",
          "COMMIT");
      changes.readToEnd();
      List<RowChange> rows =
          changes.parts.stream()
              .flatMap(part -> part.events().stream())
              .map(RowChange.class::cast)
              .toList();
      assertThat(rows).hasSize(3001);
      assertThat(rows.getLast().rows().text(rows.getLast().after(), 1)).isEqualTo("last");
      assertThat(
              changes.parts.stream()
                  .filter(part -> !part.events().isEmpty())
                  .map(TransactionPart::transaction)
                  .distinct())
          .hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Release.class, names = "V18", mode = EnumSource.Mode.EXCLUDE)
  void an_older_server_takes_changes_in_sets_and_one_by_one_with_their_checkpoint(Release release)
      throws Exception {
    PostgresServer server = server(release);
    server.createDatabase("target");
    server.executeIn("target", "CREATE TABLE t (id int PRIMARY KEY, v text)");
    Endpoint endpoint = Databases.endpoint(server, "target");
    try (Source source = new PostgresConnector().source(endpoint);
        Target target = new PostgresConnector().target(endpoint)) {
      TableSchema table =
          source.tables((id, kind) -> id.equals(new TableId("public", "t"))).getFirst();
      TableRoute route = Changes.route(target, table);
      try (ChangeWriter writer = target.changes(Changes.request(ControlTable.values()))) {
        writer.apply(route, Changes.inserts(route, List.of(row("1", "a"), row("2", "b"))));
        writer.apply(
            route, Changes.updates(route, List.of(1), List.<String[]>of(row("1", "changed"))));
        writer.apply(route, Changes.deletes(route, List.<String[]>of(row("2", "b"))));
        writer.apply(route, Changes.insert(route, "3", "c"));
        writer.apply(route, Changes.update(route, row("3", "c"), row("4", "moved")));
        writer.commit(new Checkpoint("0/1", Instant.EPOCH, "0/1", List.of(), "log"));
      }
      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint().orElseThrow().position()).isEqualTo("0/1");
      }
      try (CapturedChanges there = new CapturedChanges(source, "READER")) {
        server.executeIn("target", "UPDATE t SET v = v || '!'");
        there.readToEnd();
        assertThat(there.allLines())
            .filteredOn(line -> line.contains(" t "))
            .containsExactlyInAnyOrder("UPDATE t is [1, changed!]", "UPDATE t is [4, moved!]");
      }
    }
  }
}
