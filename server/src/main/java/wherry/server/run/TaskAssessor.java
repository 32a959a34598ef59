package wherry.server.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.error.DmsException;
import wherry.plan.TaskPlan;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.task.TaskPlanner;
import wherry.task.TaskStatus;

/**
 * Plans tasks and keeps what the plans say. A task is {@code testing} as long. Assessments run on
 * virtual threads: they mostly wait. Safe for all threads.
 */
public final class TaskAssessor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskAssessor.class);

  private final Store store;
  private final TaskSupervisor supervisor;
  private final Map<String, FutureTask<?>> running = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Once set, results are not kept: the assessments stay {@code running}, and the next start
   * carries on with them.
   */
  private volatile boolean closed;

  public TaskAssessor(Store store, TaskSupervisor supervisor) {
    this.store = store;
    this.supervisor = supervisor;
  }

  /** Of all tasks, in the order in which they were begun. */
  public List<Assessment> list() {
    return store.resources().list(ResourceKind.ASSESSMENT_RUN).stream()
        .map(resource -> Assessment.parse(resource.wireJson()))
        .toList();
  }

  public Optional<Assessment> find(String arn) {
    return store
        .resources()
        .find(arn)
        .filter(resource -> resource.kind() == ResourceKind.ASSESSMENT_RUN)
        .map(resource -> Assessment.parse(resource.wireJson()));
  }

  /** Runs an assessment that is kept, of a task whose status was set to testing. */
  public void begin(Assessment assessment) {
    event(assessment, "Assessment run started.");
    FutureTask<?> run = new FutureTask<>(() -> finish(assessment), null);
    running.put(assessment.arn(), run);
    threads.execute(run);
  }

  /** After the service was started: carries on with what its predecessor did not end. */
  public void resume() {
    list().stream().filter(Assessment::isRunning).forEach(this::begin);
  }

  /** Ends an assessment that runs; empty when it does not. */
  public Optional<Assessment> cancel(String arn) {
    Optional<Assessment> cancelled = end(arn, Assessment::cancelled);
    Optional.ofNullable(running.remove(arn)).ifPresent(run -> run.cancel(true));
    return cancelled;
  }

  private void finish(Assessment assessment) {
    String arn = assessment.arn();
    try {
      ReplicationTask task = supervisor.records().find(assessment.taskArn()).orElseThrow();
      TaskPlan plan = supervisor.plan(task, TaskPlanner.SAMPLE_ROWS);
      end(arn, kept -> kept.ended(plan));
    } catch (InterruptedException e) {
      LOG.info("assessment {} was interrupted", arn);
    } catch (DmsException e) {
      end(arn, kept -> kept.broken(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      String message =
          "Wherry failed to plan the task. Look for the ARN of the assessment in the service's log.";
      // One that was cancelled has ended already; a driver may say so in its own way.
      end(arn, kept -> kept.broken(message))
          .ifPresent(kept -> LOG.error("Assessment {} failed for a reason of our own.", arn, e));
    } finally {
      running.remove(arn);
    }
  }

  /** Of two that end the same assessment one does. */
  private Optional<Assessment> end(String arn, UnaryOperator<Assessment> result) {
    if (closed) {
      return Optional.empty();
    }
    Optional<Assessment> ended =
        store
            .resources()
            .transition(
                arn,
                kept -> Assessment.parse(kept.wireJson()).isRunning(),
                json -> result.apply(Assessment.parse(json)).json())
            .map(Resource::wireJson)
            .map(Assessment::parse);
    ended.ifPresent(assessment -> {
      supervisor
          .records()
          .transition(
              assessment.taskArn(),
              Set.of(TaskStatus.TESTING),
              task -> task.toBuilder().status(assessment.resting()).build());
      event(assessment, "Assessment run finished: " + assessment.status() + ".");
    });
    return ended;
  }

  private void event(Assessment assessment, String message) {
    supervisor.event(assessment.taskArn(), "state change", message);
  }

  /** Stops the assessments that run; they are resumed by the next start. */
  @Override
  public void close() {
    closed = true;
    threads.shutdownNow();
  }
}
