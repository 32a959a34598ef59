package wherry.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class DemoIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void
      everything_that_is_loaded_and_written_meanwhile_arrives_in_both_directions_and_nothing_is_left_running() {
    long childrenBefore = ProcessHandle.current().children().count();

    int exitCode = run("--scale", "0.01");

    assertThat(exitCode).as(out + "\n" + err).isZero();
    assertThat(out.toString())
        .contains("aws dms create-replication-instance", "aws dms create-endpoint")
        .contains("aws dms test-connection", "aws dms create-replication-task")
        .contains("aws dms start-replication-task", "aws dms describe-table-statistics")
        .contains("86,805 rows in 9 tables on each side")
        .contains("aws dms stop-replication-task", "/metrics")
        .containsPattern(
            "PostgreSQL to MariaDB: the application has written [1-9][0-9,]* transactions")
        .containsPattern(
            "MariaDB to PostgreSQL: the application has written [1-9][0-9,]* transactions")
        .containsPattern(
            "MariaDB to PostgreSQL: 9/9 tables, [0-9,]+ rows, [1-9][0-9,]* changes, 0 waiting, lag 0.0 s")
        .containsPattern("PASSED: [0-9,]+ rows in 18 tables compared, every value is equal");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> ProcessHandle.current().children().count() == childrenBefore);
  }

  @Test
  void a_scale_that_cannot_be_is_a_usage_error() {
    assertThat(run("--scale", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--scale must be above 0 and at most 100");
  }

  private int run(String... arguments) {
    return new CommandLine(new Demo())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }
}
