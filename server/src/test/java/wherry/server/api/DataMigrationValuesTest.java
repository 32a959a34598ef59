package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.server.api.MigrationParts.assertFault;
import static wherry.server.api.MigrationParts.filter;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DmsSslModeValue;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.SourceDataSetting;
import software.amazon.awssdk.services.databasemigration.model.Tag;

/** Which values data migrations and what they stand on may have; those are kept and returned. */
class DataMigrationValuesTest {
  @TempDir Path directory;
  private Service service;
  private DatabaseMigrationClient client;
  private MigrationParts parts;

  @BeforeEach
  void a_project_with_a_data_migration() {
    service = new Service(directory, new FakeConnector());
    client = service.client;
    parts = MigrationParts.ofPostgres(service);
  }

  @AfterEach
  void end() {
    service.close();
  }

  @Test
  void settings_of_the_source_have_to_fit_its_engine_and_the_type() {
    parts.project("mine", parts.mySqlProvider("one"), parts.mySqlProvider("two"));
    record Case(
        String project, MigrationTypeValue type, SourceDataSetting.Builder setting, String told) {}
    List<Case> refused =
        List.of(
            new Case(
                "mine",
                MigrationTypeValue.CDC,
                SourceDataSetting.builder().slotName("s"),
                "SlotName"),
            new Case(
                "project",
                MigrationTypeValue.CDC,
                SourceDataSetting.builder().cdcStartTime(Instant.now()),
                "cannot start at a time"),
            new Case(
                "project",
                MigrationTypeValue.CDC,
                SourceDataSetting.builder().cdcStartPosition("binlog.000001:4"),
                "no position"),
            new Case(
                "mine",
                MigrationTypeValue.CDC,
                SourceDataSetting.builder().cdcStartPosition("0/1"),
                "no position"),
            new Case(
                "mine",
                MigrationTypeValue.CDC,
                SourceDataSetting.builder()
                    .cdcStartPosition("binlog.000001:4")
                    .cdcStartTime(Instant.now()),
                "exclude each other"),
            new Case(
                "mine",
                MigrationTypeValue.FULL_LOAD_AND_CDC,
                SourceDataSetting.builder().cdcStartTime(Instant.now()),
                "from its own load on"),
            new Case(
                "mine",
                MigrationTypeValue.FULL_LOAD,
                SourceDataSetting.builder().cdcStopTime(Instant.now()),
                "captures none"));
    for (Case each : refused) {
      assertFault(
          each.told().startsWith("cannot start") || each.told().startsWith("no position")
              ? "InvalidParameterValueException"
              : "InvalidParameterCombinationException",
          each.told(),
          () ->
              parts.migration(
                  "other",
                  each.project(),
                  r ->
                      r.dataMigrationType(each.type()).sourceDataSettings(each.setting().build())));
    }
    assertFault(
        "InvalidParameterValueException",
        "one element at most",
        () ->
            parts.migration(
                "other",
                "mine",
                r ->
                    r.dataMigrationType(MigrationTypeValue.CDC)
                        .sourceDataSettings(s -> {}, s -> {})));
    assertFault(
        "InvalidParameterCombinationException",
        "captures none",
        () ->
            client.modifyDataMigration(
                r -> r.dataMigrationIdentifier("moves").sourceDataSettings(s -> s.slotName("s"))));
    assertFault(
        "InvalidParameterValueException",
        "IPV4, IPV6 or DUAL",
        () -> client.createInstanceProfile(r -> r.networkType("IPX")));
    assertFault(
        "InvalidParameterValueException",
        "exactly one data provider",
        () ->
            client.modifyMigrationProject(r ->
                r.migrationProjectIdentifier("project")
                    .targetDataProviderDescriptors(
                        d -> d.dataProviderIdentifier("source"),
                        d -> d.dataProviderIdentifier("target"))));
    assertFault(
        "InvalidParameterValueException",
        "filter name",
        () -> client.describeDataMigrations(r -> r.filters(filter("colour", "red"))));
  }

  @Test
  void values_out_of_their_range_are_refused_with_what_is_allowed() {
    String tooLong = "a".repeat(256);
    record Case(String told, Supplier<Object> call) {}
    List<Case> refused =
        List.of(
            new Case("at most 255", () -> parts.postgresProvider(tooLong)),
            new Case(
                "two consecutive hyphens",
                () ->
                    client.modifyMigrationProject(
                        r -> r.migrationProjectIdentifier("project").migrationProjectName("a--b"))),
            new Case(
                "between 1 and 65535",
                () ->
                    client.modifyDataProvider(r ->
                        r.dataProviderIdentifier("source")
                            .settings(s -> s.postgreSqlSettings(p -> p.port(65_536))))),
            new Case(
                "between 1 and 49",
                () ->
                    client.modifyDataMigration(
                        r -> r.dataMigrationIdentifier("moves").numberOfJobs(0))),
            new Case(
                "lower-case",
                () ->
                    parts.migration(
                        "other",
                        "project",
                        r ->
                            r.dataMigrationType(MigrationTypeValue.CDC)
                                .sourceDataSettings(s -> s.slotName("My slot")))),
            new Case(
                "between 20 and 100", () -> client.describeDataProviders(r -> r.maxRecords(101))),
            new Case("Marker", () -> client.describeInstanceProfiles(r -> r.marker("%"))));
    for (Case each : refused) {
      assertFault("InvalidParameterValueException", each.told(), each.call()::get);
    }
    assertFault(
        "InvalidResourceStateFault",
        "only one that runs can be stopped",
        () -> client.stopDataMigration(r -> r.dataMigrationIdentifier("moves")));
  }

  @Test
  void every_setting_of_a_provider_is_kept_and_returned() {
    var postgres =
        client
            .createDataProvider(r ->
                r.engine("postgres")
                    .settings(s ->
                        s.postgreSqlSettings(p ->
                            p.serverName("db.example.org")
                                .port(6432)
                                .databaseName("app")
                                .sslMode(DmsSslModeValue.REQUIRE)
                                .s3Path("s3://b/k")
                                .s3AccessRoleArn(MigrationParts.ROLE))))
            .dataProvider();
    var mySql =
        client
            .createDataProvider(r ->
                r.engine("mysql")
                    .settings(s ->
                        s.mySqlSettings(p ->
                            p.serverName("db.example.org")
                                .port(3307)
                                .sslMode(DmsSslModeValue.VERIFY_CA)
                                .s3Path("s3://b/k")
                                .s3AccessRoleArn(MigrationParts.ROLE))))
            .dataProvider();
    var mariaDb =
        client
            .createDataProvider(r ->
                r.engine("mariadb")
                    .settings(s ->
                        s.mariaDbSettings(p ->
                            p.serverName("db.example.org")
                                .port(3308)
                                .sslMode(DmsSslModeValue.VERIFY_FULL)
                                .s3Path("s3://b/k")
                                .s3AccessRoleArn(MigrationParts.ROLE))))
            .dataProvider();

    assertThat(client.describeDataProviders(r -> {}).dataProviders())
        .contains(postgres, mySql, mariaDb);
    assertThat(postgres.settings().postgreSqlSettings().sslMode())
        .isEqualTo(DmsSslModeValue.REQUIRE);
    assertThat(mySql.settings().mySqlSettings().s3Path()).isEqualTo("s3://b/k");
    assertThat(mariaDb.settings().mariaDbSettings().port()).isEqualTo(3308);
  }

  @Test
  void all_four_kinds_have_tags_and_times_in_iso_8601() {
    Tag tag = Tag.builder().key("team").value("a").build();
    List<String> arns =
        List.of(
            client
                .createDataProvider(r ->
                    r.engine("mysql")
                        .settings(s -> s.mySqlSettings(p -> p.serverName("h")))
                        .tags(tag))
                .dataProvider()
                .dataProviderArn(),
            client.createInstanceProfile(r -> r.tags(tag)).instanceProfile().instanceProfileArn(),
            client
                .createMigrationProject(r ->
                    r.instanceProfileIdentifier("project-profile")
                        .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("source"))
                        .targetDataProviderDescriptors(d -> d.dataProviderIdentifier("target"))
                        .tags(tag))
                .migrationProject()
                .migrationProjectArn(),
            parts.migration("tagged", "project", r -> r.tags(tag)).dataMigrationArn());
    for (String arn : arns) {
      assertThat(client.listTagsForResource(r -> r.resourceArn(arn)).tagList())
          .extracting(Tag::key)
          .containsExactly("team");
    }
    parts.start("moves");
    await().until(() -> parts.described("moves").dataMigrationStatus().equals("failed"));
    for (String member :
        List.of(
            "DataProviderCreationTime",
            "InstanceProfileCreationTime",
            "MigrationProjectCreationTime",
            "DataMigrationCreateTime",
            "DataMigrationStartTime",
            "DataMigrationEndTime",
            "StartTime",
            "StopTime")) {
      assertThat(service.answers())
          .as(member)
          .anyMatch(answer ->
              answer.matches("(?s).*\"" + member + "\":\"\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\".*"));
    }
  }
}
