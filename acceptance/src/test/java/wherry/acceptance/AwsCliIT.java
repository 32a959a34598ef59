package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.acceptance.Fixture.mariaDb;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.newName;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wherry.demo.ServiceProcess;

/** The tour of the README and the assessment of docs/plan.md, as they stand there, by a shell. */
class AwsCliIT {
  private static final Path README = Path.of("../README.md");
  private static final Path PLAN = Path.of("../docs/plan.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir private Path directory;

  @BeforeAll
  static void needs_the_cli() {
    boolean installed =
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "aws")));
    Assumptions.assumeTrue(installed, "The AWS CLI (aws) is not installed; its tests are skipped");
  }

  /** The only block that has these words. */
  private static String block(Path document, String words) throws IOException {
    List<String> found =
        BLOCK
            .matcher(Files.readString(document))
            .results()
            .map(match -> match.group(1))
            .filter(text -> text.contains(words))
            .toList();
    assertThat(found).as(words).hasSize(1);
    return found.getFirst();
  }

  private record Answer(int exitCode, String output) {}

  private Answer run(String script) {
    ProcessBuilder shell = new ProcessBuilder("sh", "-e", "-c", script).redirectErrorStream(true);
    shell.directory(directory.toFile());
    shell.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    try {
      Process process = shell.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(process.waitFor(), output);
    } catch (IOException e) {
      throw new IllegalStateException(script, e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void the_tour_of_the_readme_moves_a_database_as_its_plan_has_said() throws Exception {
    String from = newDatabase(postgres());
    String to = newName("tour");
    postgres()
        .executeIn(
            from,
            "CREATE SCHEMA tpch",
            "CREATE TABLE tpch.region (id int PRIMARY KEY, name text)",
            "INSERT INTO tpch.region VALUES (1, 'one'), (2, NULL)");
    try (ServiceProcess service = ServiceProcess.startTemporary()) {
      Files.createDirectory(directory.resolve("wherry-data"));
      Files.writeString(
          directory.resolve("wherry-data/aws-credentials"),
          "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
              .formatted(ServiceProcess.ACCESS_KEY_ID, ServiceProcess.SECRET_ACCESS_KEY));
      String assessed = "aws dms start-replication-task ";
      String tour =
          String.join(
                  "\n",
                  block(README, "AWS_SHARED_CREDENTIALS_FILE"),
                  block(README, "aws dms wait test-connection-succeeds"),
                  block(README, "./wherry plan --source"),
                  block(README, assessed)
                      .replace(assessed, block(PLAN, "assessment-run-name before") + assessed),
                  "aws dms describe-replication-tasks --filters Name=replication-task-arn,Values=${TASK}X")
              .replace("http://127.0.0.1:8080", service.endpoint().toString())
              .replaceFirst("POSTGRES_PORT=\\d+", "POSTGRES_PORT=" + postgres().port())
              .replaceFirst("MARIADB_PORT=\\d+", "MARIADB_PORT=" + mariaDb().port())
              .replace("--database-name shop", "--database-name " + from)
              .replace("$POSTGRES_PORT/shop", "$POSTGRES_PORT/" + from)
              .replace("\"tour\"", "\"" + to + "\"")
              .replace("./wherry plan", java() + " wherry.server.Main plan")
              .replace("aws dms wait replication-task-ready", soon("ready"))
              .replace("aws dms wait replication-task-stopped", soon("stopped"));

      Answer answer = run(tour);

      assertThat(answer.exitCode()).as(answer.output()).isNotZero();
      assertThat(answer.output())
          .contains(
              "|  from|  successful  |  None  |",
              "tpch.region -> %s.region".formatted(to),
              "Nothing would fail, and nothing that was tried would be lost.",
              "\"Status\": \"passed\"",
              "\"good\" : true",
              "Stop Reason FULL_LOAD_ONLY_FINISHED")
          .containsPattern("\\|  region +\\|  2 +\\|  0 +\\|  Table completed  \\|")
          .doesNotContain("usage:");
      assertThat(rows(mariaDb(), to, "SELECT * FROM region ORDER BY id"))
          .containsExactly("1|one", "2|null");
      assertThat(answer.output().lines().filter(line -> line.contains("An error occurred")))
          .as("the last command")
          .singleElement()
          .asString()
          .contains("ResourceNotFoundFault", "No Tasks found matching provided filters");
    }
  }

  /** The CLI's own waiter, which looks every 15 s, once there is nothing to wait for. */
  private static String soon(String status) {
    return """
    for try in $(seq 60); do
      [ "$(aws dms describe-replication-tasks --query 'ReplicationTasks[0].Status' --output text)" = %s ] && break
    done
    aws dms wait replication-task-%s\
    """
        .formatted(status, status);
  }

  /** What ./wherry would run, without building. */
  private static String java() {
    return "\"%s\" -cp \"%s\""
        .formatted(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            System.getProperty("java.class.path"));
  }
}
