package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import wherry.chaos.Findings.Kind;

/** What is looked at when nobody writes any more. */
final class Judge {
  private static final Duration EQUAL_PATIENCE = Duration.ofMinutes(1);

  private final Place source;
  private final Place target;
  private final History history;
  private final Findings findings;

  Judge(Place source, Place target, History history, Findings findings) {
    this.source = source;
    this.target = target;
    this.history = history;
    this.findings = findings;
  }

  /**
   * Source and target become equal, or something is wrong.
   *
   * @param evidence where the rows of both are kept when they do not
   */
  void compare(Path evidence) throws InterruptedException, SQLException, IOException {
    Contents wanted = Contents.read(source);
    boolean equal = Patience.within(EQUAL_PATIENCE, () -> differences(wanted, read()).none());
    if (!equal) {
      Contents found = read();
      Checker.check(history, wanted, found, findings);
      Files.writeString(evidence.resolve("source.txt"), text(wanted));
      Files.writeString(evidence.resolve("target.txt"), text(found));
    }
  }

  private Contents read() throws SQLException {
    return Contents.read(target);
  }

  private Findings differences(Contents wanted, Contents found) {
    Findings now = new Findings();
    Checker.check(history, wanted, found, now);
    return now;
  }

  /** With equal rows to begin with there is no change that the target could refuse. */
  void checkNothingWasPutAside(String taskName) throws SQLException {
    boolean postgres = target.dialect() == Dialect.POSTGRES;
    String schema = postgres ? "public" : "awsdms_control";
    long exists =
        target.number(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = '%s'"
                    .formatted(schema)
                + " AND table_name = 'awsdms_apply_exceptions'");
    long exceptions =
        exists == 0
            ? 0
            : target.number(
                "SELECT count(*) FROM %s.awsdms_apply_exceptions WHERE %s = '%s'"
                    .formatted(schema, postgres ? "\"TASK_NAME\"" : "TASK_NAME", taskName));
    if (exceptions > 0) {
      findings.add(Kind.BROKEN, exceptions + " changes were put aside (awsdms_apply_exceptions)");
    }
  }

  /** When the task is deleted. */
  void checkNothingIsLeft() throws SQLException {
    if (source.dialect() == Dialect.POSTGRES) {
      long left =
          source.number(
              "SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())"
                  + " + (SELECT count(*) FROM pg_publication)");
      if (left > 0) {
        findings.add(Kind.BROKEN, left + " slots and publications are left in the source");
      }
    }
  }

  private static String text(Contents contents) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Table, Map<String, Integer>> table : contents.rows().entrySet()) {
      table
          .getValue()
          .forEach((row, count) ->
              text.append(table.getKey())
                  .append('|')
                  .append(row)
                  .append(" x")
                  .append(count)
                  .append('\n'));
    }
    return text.toString();
  }
}
