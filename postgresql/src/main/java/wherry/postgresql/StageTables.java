package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Temporary tables that take keys and new values before one statement deletes or updates by them:
 * one for each table that changes, made when first needed, typed like it, emptied by the server at
 * each commit. Owned by one thread.
 */
final class StageTables {
  /** The server looks at each at every commit. */
  private static final int STAGES_MAX = 100;

  private static final class Stage {
    final String name;
    final TableSchema target;
    boolean holdsRows;

    Stage(String name, TableSchema target) {
      this.name = name;
      this.target = target;
    }
  }

  private final Connection session;

  /** Those that are there for sure, the one longest unused first. */
  private final Map<TableId, Stage> stages = new LinkedHashMap<>(16, 0.75f, true);

  private int made;

  StageTables(Connection session) {
    this.session = session;
  }

  /** An empty stage with the target's columns, none of them NOT NULL; its name, quoted. */
  String empty(TableSchema target) throws SQLException {
    Stage stage = stages.get(target.id());
    if (stage != null && stage.target != target && !stage.target.equals(target)) {
      drop(target.id());
      stage = null;
    }
    if (stage == null) {
      stage = create(target);
    } else if (stage.holdsRows) {
      execute("TRUNCATE " + stage.name);
    }
    stage.holdsRows = true;
    return stage.name;
  }

  private Stage create(TableSchema target) throws SQLException {
    if (stages.size() == STAGES_MAX) {
      Iterator<Stage> eldest = stages.values().iterator();
      execute("DROP TABLE " + eldest.next().name);
      eldest.remove();
    }
    Stage stage = new Stage("pg_temp.wherry_stage_" + ++made, target);
    execute(
        "CREATE TEMPORARY TABLE %s ON COMMIT DELETE ROWS AS SELECT %s FROM %s WITH NO DATA"
            .formatted(
                stage.name,
                PostgresNames.quote(target.columns()),
                PostgresNames.quote(target.id())));
    stages.put(target.id(), stage);
    return stage;
  }

  /** The table is about to change: its stage would stand in the way, or be of other types. */
  void drop(TableId table) throws SQLException {
    Stage stage = stages.remove(table);
    if (stage != null) {
      execute("DROP TABLE " + stage.name);
    }
  }

  void committed() {
    stages.values().forEach(stage -> stage.holdsRows = false);
  }

  /**
   * What was made since is gone, and what was dropped is back: dropping all of them makes both true
   * of the map.
   */
  void rolledBack() throws SQLException {
    if (!stages.isEmpty()) {
      stages.clear();
      execute("DISCARD TEMP");
    }
  }

  private void execute(String statement) throws SQLException {
    try (Statement once = session.createStatement()) {
      once.execute(statement);
    }
  }
}
