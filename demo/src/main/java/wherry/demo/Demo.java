package wherry.demo;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wherry.sandbox.SandboxException;

/** {@code ./wherry demo}: a whole migration in both directions on this machine, with a verdict. */
@Command(
    name = "./wherry demo",
    description =
        "Starts the service, a private PostgreSQL and a private MariaDB, fills both with TPC-H tables"
            + " and a table of every data type, moves them in both directions through the public API"
            + " while applications write to both, compares source and target row by row, and ends"
            + " everything it started."
            + " Exit code 0: every value arrived; 1: something differs or failed.")
public final class Demo implements Callable<Integer> {
  private static final double MOST_SCALE = 100;
  private static final int HELP_WIDTH = 100;

  @Option(
      names = "--scale",
      defaultValue = "0.1",
      description =
          "TPC-H scale factor; 1 is 8.7 million rows in each direction (default: ${DEFAULT-VALUE})")
  private double scale;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  @SuppressWarnings("UnusedVariable") // picocli's
  private boolean help;

  @Option(
      names = "--keep",
      description = "leave everything running at the end and print how to connect")
  private boolean keep;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  public static void main(String[] arguments) {
    // Before the first logger: the service's own configuration stands on the class path too.
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    System.exit(
        new CommandLine(new Demo())
            .setUsageHelpWidth(HELP_WIDTH)
            .setExecutionExceptionHandler(Demo::explain)
            .execute(arguments));
  }

  /**
   * Whatever went wrong is told in its own words; where in the code it happened only when it may be
   * a defect of ours.
   */
  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter out = commandLine.getErr();
    out.println();
    out.println("FAILED: " + failure.getMessage());
    if (!(failure instanceof SandboxException)) {
      failure.printStackTrace(out);
    }
    out.flush();
    return 1;
  }

  @Override
  public Integer call() throws Exception {
    if (!(scale > 0 && scale <= MOST_SCALE)) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(Locale.ROOT, "--scale must be above 0 and at most %.0f", MOST_SCALE));
    }
    PrintWriter out = spec.commandLine().getOut();
    Display display = new Display(out, Boolean.getBoolean("wherry.terminal"));
    return new Scenario(display, scale, keep).run() ? 0 : 1;
  }
}
