package wherry.postgresql;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;
import wherry.task.ReplicationTask;
import wherry.task.SettingsDocument;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskSettings;
import wherry.testing.QuietListener;

/** Tasks whose progress nobody listens to. */
final class TestTask {
  private TestTask() {}

  /** Loads all tables, one segment after the other. */
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
    return new ReplicationTask(
        definition, source, target, new QuietListener(), new ByteBudget(64 << 20));
  }

  /**
   * Loads all tables of schema public and follows them; tries again at once.
   *
   * @param rules besides their selection, each after a comma
   * @param earlier what the run to be resumed has told; empty for a fresh start
   */
  static ReplicationTask following(
      Source source, Target target, String rules, List<TableStatistics> earlier) {
    ObjectNode given =
        SettingsDocument.parse("{\"ErrorBehavior\":{\"RecoverableErrorInterval\":0}}");
    TaskDefinition definition =
        new TaskDefinition(
            "TASK",
            TableMapping.parse(
                """
                {"rules":[{"rule-type":"selection","rule-id":1,"rule-name":"all","rule-action":"include",
                  "object-locator":{"schema-name":"public","table-name":"%%"}}%s]}\
                """
                    .formatted(rules)),
            TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), given), given),
            earlier.isEmpty() ? TaskDefinition.Start.FRESH : TaskDefinition.Start.RESUME,
            earlier,
            MigrationType.FULL_LOAD_AND_CDC,
            new CdcStart.FromNow(),
            new CdcStop.Never(),
            "");
    return new ReplicationTask(
        definition, source, target, new QuietListener(), new ByteBudget(64 << 20));
  }
}
