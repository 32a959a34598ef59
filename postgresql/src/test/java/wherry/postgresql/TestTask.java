package wherry.postgresql;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.task.ReplicationTask;
import wherry.task.SettingsDocument;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskListener;
import wherry.task.TaskSettings;

/** Tasks of all tables that load one segment after the other. */
final class TestTask {
  private TestTask() {}

  static ReplicationTask of(
      Source source,
      Target target,
      String json,
      TaskDefinition.Start start,
      List<TableStatistics> earlier) {
    ObjectNode given = SettingsDocument.parse(json);
    ObjectNode merged = SettingsDocument.merge(SettingsDocument.defaults(), given);
    merged.withObject("FullLoadSettings").put("MaxFullLoadSubTasks", 1);
    TaskDefinition definition =
        new TaskDefinition(
            "TASK",
            TableMapping.parse(
                """
                {"rules":[{"rule-type":"selection","rule-id":1,"rule-name":"all","rule-action":"include",
                  "object-locator":{"schema-name":"%","table-name":"%"}}]}\
                """),
            TaskSettings.of(merged, given),
            start,
            earlier);
    return new ReplicationTask(definition, source, target, new Silence(), new ByteBudget(64 << 20));
  }

  /** Nobody listens. */
  private static final class Silence implements TaskListener {
    @Override
    public void running() {}

    @Override
    public void tableChanged(TableStatistics statistics) {}

    @Override
    public void snapshotTaken(String position) {}

    @Override
    public void loaded() {}

    @Override
    public void retrying(DmsException failure, int attempt, int afterSeconds) {}

    @Override
    public void log(Component component, Severity severity, String message) {}
  }
}
