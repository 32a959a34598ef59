package wherry.server.store;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import wherry.schema.TableId;

/** How far tasks have come, as JSON that only their supervisor reads. Safe for all threads. */
public final class TaskProgress {
  private final MetadataDatabase database;

  TaskProgress(MetadataDatabase database) {
    this.database = database;
  }

  /** What is known of one table of a task. */
  public record TableProgress(TableId table, String json) {}

  /** Adds or replaces tables of a task, all in one transaction. */
  public void putTables(String taskArn, Collection<TableProgress> tables) {
    database.write(sql -> {
      sql.updateMany(
          "INSERT INTO task_table (task_arn, schema_name, table_name, json) VALUES (?, ?, ?, ?)"
              + " ON CONFLICT (task_arn, schema_name, table_name) DO UPDATE SET json ="
              + " excluded.json",
          tables.stream()
              .map(each ->
                  new Object[] {taskArn, each.table().schema(), each.table().name(), each.json()})
              .toList());
      return tables.size();
    });
  }

  /** Sorted by schema and name. */
  public List<TableProgress> tables(String taskArn) {
    return database.read(sql ->
        sql.rows(
            "SELECT schema_name, table_name, json FROM task_table WHERE task_arn = ? ORDER BY"
                + " schema_name, table_name",
            row ->
                new TableProgress(
                    new TableId(row.getString(1), row.getString(2)), row.getString(3)),
            taskArn));
  }

  public void deleteTables(String taskArn) {
    database.write(sql -> sql.update("DELETE FROM task_table WHERE task_arn = ?", taskArn));
  }

  public void putRun(String taskArn, String json) {
    database.write(sql ->
        sql.update(
            "INSERT INTO task_run (task_arn, json) VALUES (?, ?)"
                + " ON CONFLICT (task_arn) DO UPDATE SET json = excluded.json",
            taskArn,
            json));
  }

  public Optional<String> run(String taskArn) {
    return database.read(sql ->
        sql.first(
            "SELECT json FROM task_run WHERE task_arn = ?", row -> row.getString(1), taskArn));
  }
}
