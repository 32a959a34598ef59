package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.CreateDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateDataMigrationResponse;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DataMigrationSettings;
import software.amazon.awssdk.services.databasemigration.model.DataProviderDescriptor;
import software.amazon.awssdk.services.databasemigration.model.DeleteDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteDataMigrationResponse;
import software.amazon.awssdk.services.databasemigration.model.MigrationProject;
import software.amazon.awssdk.services.databasemigration.model.ModifyDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyDataMigrationResponse;
import software.amazon.awssdk.services.databasemigration.model.SourceDataSetting;
import wherry.error.DmsException;
import wherry.server.run.MigrationRecords;
import wherry.server.run.MigrationStatus;
import wherry.server.run.MigrationSupervisor;
import wherry.server.run.ProviderSettings;
import wherry.server.run.SelectionRules;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.task.MigrationType;

/**
 * Data migrations as documents: create, modify, delete. {@link DataMigrationRunOperations} runs
 * them. Safe for all threads.
 */
public final class DataMigrationOperations {
  /** As many sessions as one task may have ({@code MaxFullLoadSubTasks}). */
  private static final int JOBS_MAX = 49;

  private static final Pattern SLOT_NAME = Pattern.compile("[a-z0-9_]{1,63}");

  private final Store store;
  private final MigrationSupervisor supervisor;
  private final MigrationRecords records;
  private final Shelf<DataMigration> shelf;
  private final Shelf<MigrationProject> projects;

  DataMigrationOperations(Store store, MigrationSupervisor supervisor) {
    this.store = store;
    this.supervisor = supervisor;
    this.records = supervisor.records();
    this.shelf = ProjectUse.migrations(store);
    this.projects = ProjectUse.projects(store);
  }

  /** Answers {@code creating}; by then it is ready, as nothing has to be provisioned. */
  public CreateDataMigrationResponse createDataMigration(
      CreateDataMigrationRequest request, Caller caller) {
    String arn = Arn.fresh(caller, ResourceKind.DATA_MIGRATION, null);
    String name = Identifiers.named("DataMigrationName", request.dataMigrationName(), arn);
    Map<String, String> tags = TagRules.checked(request.tags());
    checkJobs(request.numberOfJobs());
    checkRules(request.selectionRules());
    DataMigration migration =
        store.atomically(() -> {
          MigrationProject project =
              projects.requireNamed(request.migrationProjectIdentifier()).shape();
          DataMigration made =
              DataMigration.builder()
                  .dataMigrationArn(arn)
                  .dataMigrationName(name)
                  .dataMigrationCreateTime(Instant.now())
                  .serviceAccessRoleArn(request.serviceAccessRoleArn())
                  .migrationProjectArn(project.migrationProjectArn())
                  .dataMigrationType(request.dataMigrationTypeAsString())
                  .dataMigrationSettings(
                      DataMigrationSettings.builder()
                          .numberOfJobs(request.numberOfJobs())
                          .cloudwatchLogsEnabled(
                              Boolean.TRUE.equals(request.enableCloudwatchLogs()))
                          .build())
                  .sourceDataSettings(request.sourceDataSettings())
                  .targetDataSettings(request.targetDataSettings())
                  .dataMigrationStatus(MigrationStatus.READY.wire())
                  .build();
          checkEngines(project);
          check(made, project);
          shelf.add(arn, name, made, tags);
          records.putRules(arn, Objects.requireNonNullElse(request.selectionRules(), ""));
          return made;
        });
    return CreateDataMigrationResponse.builder()
        .dataMigration(
            migration.toBuilder().dataMigrationStatus(MigrationStatus.CREATING.wire()).build())
        .build();
  }

  private static void checkJobs(@Nullable Integer jobs) {
    if (jobs != null && (jobs < 1 || jobs > JOBS_MAX)) {
      throw Fault.invalidParameterValue(
          "The value "
              + jobs
              + " of NumberOfJobs is not valid: it must be between 1 and "
              + JOBS_MAX
              + ".");
    }
  }

  private static void checkRules(@Nullable String rules) {
    try {
      SelectionRules.parse(Objects.requireNonNullElse(rules, ""));
    } catch (IllegalArgumentException e) {
      throw Fault.invalidParameterValue(String.valueOf(e.getMessage()));
    }
  }

  private String engine(List<DataProviderDescriptor> descriptors) {
    return ProjectUse.providers(store)
        .require(descriptors.getFirst().dataProviderArn())
        .shape()
        .engine();
  }

  private void checkEngines(MigrationProject project) {
    try {
      ProviderSettings.requireHomogeneous(
          engine(project.sourceDataProviderDescriptors()),
          engine(project.targetDataProviderDescriptors()));
    } catch (DmsException e) {
      throw Fault.invalidOperation(
          "Migration project " + project.migrationProjectName() + ": " + e.getMessage());
    }
  }

  /** What must hold between a migration's parts, whenever one of them is new. */
  private void check(DataMigration migration, MigrationProject project) {
    String source = engine(project.sourceDataProviderDescriptors());
    MigrationType type = CaptureBounds.type(migration.dataMigrationTypeAsString());
    checkSource(type, source, atMostOne("SourceDataSettings", migration.sourceDataSettings()));
    atMostOne("TargetDataSettings", migration.targetDataSettings())
        .filter(setting -> setting.tablePreparationMode() != null && !type.loads())
        .ifPresent(setting -> {
          throw Fault.invalidParameterCombination(
              "TablePreparationMode goes with types that load; a data migration of type cdc leaves"
                  + " the target's tables as they are.");
        });
  }

  private static <T> Optional<T> atMostOne(String member, List<T> given) {
    if (given.size() > 1) {
      throw Fault.invalidParameterValue(
          member + " takes one element at most, and has " + given.size() + ".");
    }
    return given.stream().findFirst();
  }

  private static void checkSource(
      MigrationType type, String engine, Optional<SourceDataSetting> given) {
    if (given.isEmpty()) {
      return;
    }
    SourceDataSetting setting = given.get();
    boolean postgresql = ProviderSettings.structure(engine).equals("PostgreSqlSettings");
    if (setting.slotName() != null && !postgresql) {
      throw Fault.invalidParameterCombination(
          "SlotName goes with PostgreSQL sources, not with " + engine + ".");
    }
    if (setting.slotName() != null && !SLOT_NAME.matcher(setting.slotName()).matches()) {
      throw Fault.invalidParameterValue(
          "The SlotName \""
              + setting.slotName()
              + "\" is not valid: PostgreSQL's replication slots have names of 1 to 63 lower-case"
              + " letters, digits and underscores.");
    }
    if (!type.capturesChanges()
        && (setting.cdcStopTime() != null
            || setting.slotName() != null
            || setting.cdcStartPosition() != null
            || setting.cdcStartTime() != null)) {
      throw Fault.invalidParameterCombination(
          "SourceDataSettings say how changes are captured; a data migration of type full-load"
              + " captures none.");
    }
    new CaptureBounds(
            type,
            CaptureBounds.startGiven(setting.cdcStartTime(), setting.cdcStartPosition()).orElse(""),
            "")
        .checked(engine);
  }

  /** Absent members stay as they are; the type only changes before the first start. */
  public ModifyDataMigrationResponse modifyDataMigration(ModifyDataMigrationRequest request) {
    String arn = shelf.requireNamed(request.dataMigrationIdentifier()).arn();
    checkJobs(request.numberOfJobs());
    if (request.selectionRules() != null) {
      checkRules(request.selectionRules());
    }
    if (request.dataMigrationName() != null) {
      Identifiers.check("DataMigrationName", request.dataMigrationName(), 255);
    }
    DataMigration changed =
        store.atomically(() -> {
          DataMigration after =
              shelf.changeNamed(
                  arn, DataMigration::dataMigrationName, before -> changed(before, request));
          if (request.selectionRules() != null) {
            records.putRules(arn, request.selectionRules());
          }
          return after;
        });
    return ModifyDataMigrationResponse.builder().dataMigration(changed).build();
  }

  private DataMigration changed(DataMigration before, ModifyDataMigrationRequest request) {
    requireResting(before, "stop it before it is modified.");
    boolean typeChanges =
        request.dataMigrationType() != null
            && request.dataMigrationType() != before.dataMigrationType();
    if (typeChanges && supervisor.run(before.dataMigrationArn()).everStarted()) {
      throw Fault.invalidParameterCombination(
          "The DataMigrationType of a data migration can be changed only before its first start;"
              + " create another data migration.");
    }
    DataMigrationSettings.Builder settings = before.dataMigrationSettings().toBuilder();
    if (request.numberOfJobs() != null) {
      settings.numberOfJobs(request.numberOfJobs());
    }
    if (request.enableCloudwatchLogs() != null) {
      settings.cloudwatchLogsEnabled(request.enableCloudwatchLogs());
    }
    DataMigration.Builder after = before.toBuilder().dataMigrationSettings(settings.build());
    if (request.dataMigrationName() != null) {
      after.dataMigrationName(request.dataMigrationName());
    }
    if (request.serviceAccessRoleArn() != null) {
      after.serviceAccessRoleArn(request.serviceAccessRoleArn());
    }
    if (request.dataMigrationType() != null) {
      after.dataMigrationType(request.dataMigrationType());
    }
    if (request.hasSourceDataSettings()) {
      after.sourceDataSettings(request.sourceDataSettings());
    }
    if (request.hasTargetDataSettings()) {
      after.targetDataSettings(request.targetDataSettings());
    }
    DataMigration changed = after.build();
    check(changed, projects.require(changed.migrationProjectArn()).shape());
    return changed;
  }

  private static void requireResting(DataMigration migration, String needs) {
    if (!MigrationStatus.of(migration).isResting()) {
      throw wrongStatus(migration, needs);
    }
  }

  /** The refusal of a migration that is in another status than the call needs. */
  static Fault wrongStatus(DataMigration migration, String needs) {
    return Fault.invalidResourceState(
        "Data migration "
            + migration.dataMigrationName()
            + " is in status "
            + migration.dataMigrationStatus()
            + "; "
            + needs);
  }

  /** Answers {@code deleting}; it is gone once its traces in both databases are removed. */
  public DeleteDataMigrationResponse deleteDataMigration(DeleteDataMigrationRequest request) {
    DataMigration before = shelf.requireNamed(request.dataMigrationIdentifier()).shape();
    DataMigration deleting =
        records
            .transition(
                before.dataMigrationArn(),
                MigrationStatus::isResting,
                m -> m.toBuilder().dataMigrationStatus(MigrationStatus.DELETING.wire()).build())
            .orElseThrow(() ->
                wrongStatus(
                    shelf.require(before.dataMigrationArn()).shape(),
                    "stop it before it is deleted."));
    supervisor.delete(deleting);
    return DeleteDataMigrationResponse.builder().dataMigration(deleting).build();
  }
}
