package wherry.server.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.services.databasemigration.model.CancelReplicationTaskAssessmentRunRequest;
import software.amazon.awssdk.services.databasemigration.model.CancelReplicationTaskAssessmentRunResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationTaskAssessmentRunRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationTaskAssessmentRunResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeApplicableIndividualAssessmentsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeApplicableIndividualAssessmentsResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTaskAssessmentResultsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTaskAssessmentResultsResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTaskAssessmentRunsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTaskAssessmentRunsResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTaskIndividualAssessmentsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTaskIndividualAssessmentsResponse;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentResult;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentRun;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskAssessmentRunResultStatistic;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskIndividualAssessment;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskAssessmentRequest;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskAssessmentResponse;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskAssessmentRunRequest;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskAssessmentRunResponse;
import wherry.server.run.Assessment;
import wherry.server.run.AssessmentCheck;
import wherry.server.run.TaskAssessor;
import wherry.server.run.TaskRecords;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.DuplicateResourceException;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;
import wherry.task.MigrationType;
import wherry.task.TaskStatus;

/**
 * Assessments of tasks before they move anything: the plan of a task in the API's terms. Both forms
 * of the API make the same plan. Safe for all threads.
 */
public final class AssessmentOperations {
  private static final Set<TaskStatus> RESTING =
      EnumSet.of(TaskStatus.READY, TaskStatus.STOPPED, TaskStatus.FAILED, TaskStatus.FAILED_MOVE);
  private static final Filters<ReplicationTaskIndividualAssessment> INDIVIDUAL_FILTERS =
      Filters.<ReplicationTaskIndividualAssessment>on("ReplicationTaskIndividualAssessments")
          .by(
              "replication-task-assessment-run-arn",
              ReplicationTaskIndividualAssessment::replicationTaskAssessmentRunArn)
          .by("status", ReplicationTaskIndividualAssessment::status);

  private final Store store;
  private final TaskRecords records;
  private final TaskChecks checks;
  private final TaskAssessor assessor;
  private final Filters<Assessment> runFilters;

  public AssessmentOperations(Store store, TaskSupervisor supervisor, TaskAssessor assessor) {
    this.store = store;
    this.records = supervisor.records();
    this.checks = new TaskChecks(store);
    this.assessor = assessor;
    this.runFilters =
        Filters.<Assessment>on("ReplicationTaskAssessmentRuns")
            .by("replication-task-assessment-run-arn", Assessment::arn)
            .by("replication-task-arn", Assessment::taskArn)
            .by("replication-instance-arn", this::instanceOf)
            .by("status", Assessment::status);
  }

  /** The older form; its result is in DescribeReplicationTaskAssessmentResults. */
  public StartReplicationTaskAssessmentResponse startReplicationTaskAssessment(
      StartReplicationTaskAssessmentRequest request, Caller caller) {
    ReplicationTask task = checks.task(request.replicationTaskArn());
    Assessment begun =
        begin(
            task,
            ReplicationTaskAssessmentRun.builder()
                .replicationTaskAssessmentRunArn(
                    Arn.fresh(caller, ResourceKind.ASSESSMENT_RUN, null))
                .replicationTaskArn(task.replicationTaskArn())
                .build(),
            AssessmentCheck.of(typeOf(task)));
    assessor.list().stream()
        .filter(kept -> kept.taskArn().equals(begun.taskArn()) && kept.name().isEmpty())
        .filter(kept -> !kept.arn().equals(begun.arn()))
        .forEach(kept -> store.resources().delete(kept.arn()));
    return StartReplicationTaskAssessmentResponse.builder()
        .replicationTask(task.toBuilder().status(TaskStatus.TESTING.wire()).build())
        .build();
  }

  /** There is no S3 here: the bucket is told back, and nothing is written to it. */
  public StartReplicationTaskAssessmentRunResponse startReplicationTaskAssessmentRun(
      StartReplicationTaskAssessmentRunRequest request, Caller caller) {
    ReplicationTask task = checks.task(request.replicationTaskArn());
    List<AssessmentCheck> wanted = wanted(request, AssessmentCheck.of(typeOf(task)));
    if (request.assessmentRunName().isBlank()) {
      throw Fault.invalidParameterValue("The parameter AssessmentRunName must not be blank.");
    }
    Assessment begun =
        begin(
            task,
            ReplicationTaskAssessmentRun.builder()
                .replicationTaskAssessmentRunArn(
                    Arn.fresh(caller, ResourceKind.ASSESSMENT_RUN, null))
                .replicationTaskArn(task.replicationTaskArn())
                .serviceAccessRoleArn(request.serviceAccessRoleArn())
                .resultLocationBucket(request.resultLocationBucket())
                .resultLocationFolder(request.resultLocationFolder())
                .resultEncryptionMode(request.resultEncryptionMode())
                .resultKmsKeyArn(request.resultKmsKeyArn())
                .assessmentRunName(request.assessmentRunName())
                .build(),
            wanted);
    store.tags().put(begun.arn(), TagRules.checked(request.tags()));
    return StartReplicationTaskAssessmentRunResponse.builder()
        .replicationTaskAssessmentRun(run(begun).toBuilder().status("starting").build())
        .build();
  }

  private static List<AssessmentCheck> wanted(
      StartReplicationTaskAssessmentRunRequest request, List<AssessmentCheck> applicable) {
    if (!request.includeOnly().isEmpty() && !request.exclude().isEmpty()) {
      throw Fault.invalidParameterCombination("Give IncludeOnly or Exclude, not both.");
    }
    List<String> names = applicable.stream().map(AssessmentCheck::wire).toList();
    Stream.concat(request.includeOnly().stream(), request.exclude().stream())
        .filter(name -> !names.contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw Fault.invalidParameterValue(
              "There is no individual assessment \""
                  + name
                  + "\" for this task; these are: "
                  + String.join(", ", names)
                  + ".");
        });
    List<AssessmentCheck> wanted =
        applicable.stream()
            .filter(check ->
                request.includeOnly().isEmpty() || request.includeOnly().contains(check.wire()))
            .filter(check -> !request.exclude().contains(check.wire()))
            .toList();
    if (wanted.isEmpty()) {
      throw Fault.invalidParameterValue("Exclude leaves no individual assessment.");
    }
    return wanted;
  }

  private Assessment begin(
      ReplicationTask task, ReplicationTaskAssessmentRun asked, List<AssessmentCheck> wanted) {
    String arn = task.replicationTaskArn();
    try {
      Assessment begun =
          store.atomically(() -> {
            Assessment assessment = Assessment.begun(asked, checks.task(arn).status(), wanted);
            if (records
                .transition(
                    arn, RESTING, t -> t.toBuilder().status(TaskStatus.TESTING.wire()).build())
                .isEmpty()) {
              throw TaskChecks.wrongStatus(
                  checks.task(arn), "it can be assessed while it is at rest.");
            }
            store
                .resources()
                .insert(
                    new Resource(
                        ResourceKind.ASSESSMENT_RUN,
                        assessment.arn(),
                        TaskRecords.resourceId(arn)
                            + "/"
                            + (assessment.name().isEmpty() ? assessment.arn() : assessment.name()),
                        assessment.json(),
                        Instant.now()));
            return assessment;
          });
      assessor.begin(begun);
      return begun;
    } catch (DuplicateResourceException e) {
      throw Fault.resourceAlreadyExists(
          "The task has an assessment run of the name " + asked.assessmentRunName() + " already.",
          e.existingArn());
    }
  }

  public CancelReplicationTaskAssessmentRunResponse cancelReplicationTaskAssessmentRun(
      CancelReplicationTaskAssessmentRunRequest request) {
    Assessment found = require(request.replicationTaskAssessmentRunArn());
    Assessment cancelled =
        assessor
            .cancel(found.arn())
            .orElseThrow(() ->
                Fault.invalidResourceState(
                    "Assessment run " + found.arn() + " is not running; it is " + found.status()));
    return CancelReplicationTaskAssessmentRunResponse.builder()
        .replicationTaskAssessmentRun(run(cancelled).toBuilder().status("cancelling").build())
        .build();
  }

  public DeleteReplicationTaskAssessmentRunResponse deleteReplicationTaskAssessmentRun(
      DeleteReplicationTaskAssessmentRunRequest request) {
    Assessment found = require(request.replicationTaskAssessmentRunArn());
    if (found.isRunning()) {
      throw Fault.invalidResourceState(
          "Assessment run " + found.arn() + " is running. Cancel it first.");
    }
    ReplicationTaskAssessmentRun deleted = run(found).toBuilder().status("deleting").build();
    store.resources().delete(found.arn());
    return DeleteReplicationTaskAssessmentRunResponse.builder()
        .replicationTaskAssessmentRun(deleted)
        .build();
  }

  private Assessment require(String arn) {
    Lookup.checked(arn);
    return assessor
        .find(arn)
        .filter(run -> !run.name().isEmpty())
        .orElseThrow(() -> Lookup.missing(ResourceKind.ASSESSMENT_RUN, arn));
  }

  public DescribeReplicationTaskAssessmentRunsResponse describeReplicationTaskAssessmentRuns(
      DescribeReplicationTaskAssessmentRunsRequest request) {
    List<Assessment> found = runFilters.require(request.filters(), runs());
    Page<Assessment> page = Page.of(found, Assessment::arn, request.maxRecords(), request.marker());
    return DescribeReplicationTaskAssessmentRunsResponse.builder()
        .replicationTaskAssessmentRuns(page.items().stream().map(this::run).toList())
        .marker(page.marker())
        .build();
  }

  private List<Assessment> runs() {
    return assessor.list().stream().filter(run -> !run.name().isEmpty()).toList();
  }

  private String instanceOf(Assessment run) {
    return records.find(run.taskArn()).map(ReplicationTask::replicationInstanceArn).orElse("");
  }

  private ReplicationTaskAssessmentRun run(Assessment kept) {
    List<String> states = List.copyOf(kept.checks().values());
    boolean latest =
        runs().stream()
            .filter(run -> run.taskArn().equals(kept.taskArn()))
            .noneMatch(run -> run.startedAt().isAfter(kept.startedAt()));
    return Shapes.decode(kept.asked(), ReplicationTaskAssessmentRun.class).toBuilder()
        .status(kept.status())
        .replicationTaskAssessmentRunCreationDate(kept.startedAt())
        .lastFailureMessage(kept.failure().isEmpty() ? null : kept.failure())
        .isLatestTaskAssessmentRun(latest)
        .assessmentProgress(p ->
            p.individualAssessmentCount(states.size())
                .individualAssessmentCompletedCount(kept.isRunning() ? 0 : states.size()))
        .resultStatistic(
            ReplicationTaskAssessmentRunResultStatistic.builder()
                .passed(Collections.frequency(states, "passed"))
                .failed(Collections.frequency(states, "failed"))
                .error(Collections.frequency(states, "error"))
                .warning(Collections.frequency(states, "warning"))
                .cancelled(Collections.frequency(states, "cancelled"))
                .skipped(Collections.frequency(states, "skipped"))
                .build())
        .build();
  }

  public DescribeReplicationTaskIndividualAssessmentsResponse
      describeReplicationTaskIndividualAssessments(
          DescribeReplicationTaskIndividualAssessmentsRequest request) {
    Map<String, String> tasks = new HashMap<>();
    List<ReplicationTaskIndividualAssessment> all = new ArrayList<>();
    for (Assessment run : runs()) {
      tasks.put(run.arn(), run.taskArn());
      run.checks().forEach((name, status) -> all.add(individual(run, name, status)));
    }
    List<ReplicationTaskIndividualAssessment> found =
        INDIVIDUAL_FILTERS
            .by(
                "replication-task-arn",
                individual -> tasks.get(individual.replicationTaskAssessmentRunArn()))
            .require(request.filters(), all);
    Page<ReplicationTaskIndividualAssessment> page =
        Page.of(
            found,
            ReplicationTaskIndividualAssessment::replicationTaskIndividualAssessmentArn,
            request.maxRecords(),
            request.marker());
    return DescribeReplicationTaskIndividualAssessmentsResponse.builder()
        .replicationTaskIndividualAssessments(page.items())
        .marker(page.marker())
        .build();
  }

  private static ReplicationTaskIndividualAssessment individual(
      Assessment run, String name, String status) {
    return ReplicationTaskIndividualAssessment.builder()
        .replicationTaskIndividualAssessmentArn(
            run.arn().replace(":assessment-run:", ":individual-assessment:") + "-" + name)
        .replicationTaskAssessmentRunArn(run.arn())
        .individualAssessmentName(name)
        .status(status)
        .replicationTaskIndividualAssessmentStartDate(run.startedAt())
        .build();
  }

  /** With a task's ARN the last plan of the task, in whichever form it was asked for. */
  public DescribeReplicationTaskAssessmentResultsResponse describeReplicationTaskAssessmentResults(
      DescribeReplicationTaskAssessmentResultsRequest request) {
    boolean ofOne = request.replicationTaskArn() != null;
    if (ofOne) {
      checks.task(request.replicationTaskArn());
    }
    Map<String, Assessment> last = new HashMap<>();
    assessor.list().stream()
        .filter(run -> !ofOne || run.taskArn().equals(request.replicationTaskArn()))
        .forEach(run -> last.put(run.taskArn(), run));
    Page<Assessment> page =
        Page.of(
            List.copyOf(last.values()),
            Assessment::taskArn,
            request.maxRecords(),
            request.marker());
    return DescribeReplicationTaskAssessmentResultsResponse.builder()
        .replicationTaskAssessmentResults(
            page.items().stream().map(run -> result(run, ofOne)).toList())
        .marker(page.marker())
        .build();
  }

  private ReplicationTaskAssessmentResult result(Assessment run, boolean withPlan) {
    return ReplicationTaskAssessmentResult.builder()
        .replicationTaskArn(run.taskArn())
        .replicationTaskIdentifier(
            records
                .find(run.taskArn())
                .map(ReplicationTask::replicationTaskIdentifier)
                .orElse(null))
        .replicationTaskLastAssessmentDate(run.startedAt())
        .assessmentStatus(run.status())
        .assessmentResults(withPlan && !run.plan().isEmpty() ? run.plan() : null)
        .build();
  }

  public DescribeApplicableIndividualAssessmentsResponse describeApplicableIndividualAssessments(
      DescribeApplicableIndividualAssessmentsRequest request) {
    List<AssessmentCheck> applicable =
        request.replicationTaskArn() != null
            ? AssessmentCheck.of(typeOf(checks.task(request.replicationTaskArn())))
            : request.migrationTypeAsString() != null
                ? AssessmentCheck.of(CaptureBounds.type(request.migrationTypeAsString()))
                : List.of(AssessmentCheck.values());
    Page<String> page =
        Page.of(
            applicable.stream().map(AssessmentCheck::wire).toList(),
            name -> name,
            request.maxRecords(),
            request.marker());
    return DescribeApplicableIndividualAssessmentsResponse.builder()
        .individualAssessmentNames(page.items())
        .marker(page.marker())
        .build();
  }

  private static MigrationType typeOf(ReplicationTask task) {
    return CaptureBounds.of(task).type();
  }
}
