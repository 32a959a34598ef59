package wherry.server.command;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.mapping.MappingException;
import wherry.mapping.TableMapping;
import wherry.plan.TaskPlan;
import wherry.server.command.CommandFiles.Unusable;
import wherry.server.run.Engines;
import wherry.server.run.PlanJson;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;
import wherry.task.TaskDefinition;
import wherry.task.TaskPlanner;

/** {@code ./wherry plan}: what a task between two databases would do. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what a task would do, before anything moves: which tables and columns by which rule, their names and types on",
      "the target, the statements that would run, rows that the target would not take, and what is missing with the",
      "statement that gives it. It asks the same code that a task runs, and leaves nothing behind."
    },
    footer = {
      "",
      "A database is postgresql://user@host:5432/database, mysql://user@host:3306 or mariadb://user@host:3306; behind ? stand",
      "sslmode=none|require|verify-ca|verify-full, sslrootcert=FILE and endpoint settings by their names.",
      "Passwords come from --source-password-file and --target-password-file, from WHERRY_SOURCE_PASSWORD and",
      "WHERRY_TARGET_PASSWORD, or are asked for.",
      "",
      "Exit code: 0 nothing would fail or be lost; 1 something would; 2 options or files that cannot be used."
    })
public final class PlanCommand implements Callable<Integer> {
  private static final int NOT_GOOD = 1;
  private static final int UNUSABLE = 2;

  @Option(names = "--source", paramLabel = "URL", required = true, description = "the source")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String source;

  @Option(names = "--target", paramLabel = "URL", required = true, description = "the target")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String target;

  @Option(
      names = "--mappings",
      paramLabel = "FILE",
      required = true,
      description = "table-mapping JSON")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private Path mappings;

  @Option(names = "--settings", paramLabel = "FILE", description = "task settings JSON")
  private @Nullable Path settings;

  @Option(
      names = "--migration-type",
      paramLabel = "TYPE",
      defaultValue = "full-load",
      description = "full-load, full-load-and-cdc or cdc (default: ${DEFAULT-VALUE})")
  private String migrationType = "";

  @Option(
      names = "--sample",
      paramLabel = "ROWS",
      defaultValue = "" + TaskPlanner.SAMPLE_ROWS,
      description = "rows of each table that are tried, 0 for none (default: ${DEFAULT-VALUE})")
  private long sample;

  @Option(names = "--source-password-file", paramLabel = "FILE", description = "first line counts")
  private @Nullable Path sourcePasswordFile;

  @Option(names = "--target-password-file", paramLabel = "FILE", description = "first line counts")
  private @Nullable Path targetPasswordFile;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      return run(out, System.getenv());
    } catch (MappingException e) {
      err.println("wherry plan: " + e.lines());
      return UNUSABLE;
    } catch (Unusable | DmsException e) {
      err.println("wherry plan: " + e.getMessage());
      return UNUSABLE;
    }
  }

  private int run(PrintWriter out, Map<String, String> environment) throws InterruptedException {
    if (sample < 0) {
      throw new Unusable("--sample must be 0 or more.");
    }
    TaskDefinition definition = definition();
    Engines engines = Engines.ofThisBuild();
    DatabaseUrl from = DatabaseUrl.of("source", source, sourcePasswordFile, engines, environment);
    DatabaseUrl to = DatabaseUrl.of("target", target, targetPasswordFile, engines, environment);
    try (Source sourceDatabase = from.connector().source(from.endpoint());
        Target targetDatabase = to.connector().target(to.endpoint())) {
      TaskPlan plan = new TaskPlanner(definition, sourceDatabase, targetDatabase, sample).plan();
      out.print(
          json
              ? PlanJson.of(plan)
              : PlanText.of(plan, from.shown() + " -> " + to.shown() + ", " + migrationType));
      out.flush();
      return plan.isGood() ? 0 : NOT_GOOD;
    }
  }

  private TaskDefinition definition() {
    MigrationType type;
    try {
      type = MigrationType.ofWire(migrationType);
    } catch (IllegalArgumentException e) {
      throw new Unusable(String.valueOf(e.getMessage()));
    }
    return new TaskDefinition(
        "plan",
        TableMapping.parse(CommandFiles.read(mappings), new SqliteEvaluator()),
        CommandFiles.settings(settings),
        TaskDefinition.Start.FRESH,
        List.of(),
        type,
        new CdcStart.FromNow(),
        new CdcStop.Never(),
        "plan");
  }
}
