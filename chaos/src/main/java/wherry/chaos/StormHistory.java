package wherry.chaos;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What was done to the source and to the task, in order and with times. */
final class StormHistory {
  private final List<String> lines = new ArrayList<>();
  private int statements;

  void add(String what) {
    lines.add(Instant.now().truncatedTo(ChronoUnit.MILLIS) + "  " + what);
  }

  /** Executes it; one that the server refuses is part of the storm, too. */
  boolean execute(Statement statement, String sql) {
    String outcome;
    boolean done = false;
    Instant begun = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try {
      statement.execute(sql);
      done = true;
      statements++;
      outcome = "";
    } catch (SQLException e) {
      outcome = "   -- refused: " + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
    lines.add(begun + "  " + sql + ";" + outcome);
    return done;
  }

  /** How many were not refused. */
  int statements() {
    return statements;
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }
}
