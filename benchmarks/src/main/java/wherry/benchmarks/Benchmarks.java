package wherry.benchmarks;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import wherry.sandbox.SandboxException;

/** {@code ./wherry bench}: one subcommand per benchmark. */
@Command(
    name = "./wherry bench",
    subcommands = {
      LoadBenchmark.class,
      MappingBenchmark.class,
      ChangesBenchmark.class,
      HomogeneousBenchmark.class,
      RedisBenchmark.class
    },
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures Wherry beside the limit of this machine and its peers.")
public final class Benchmarks {
  private static final int HELP_WIDTH = 100;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  @SuppressWarnings("UnusedVariable") // picocli's
  private boolean help;

  public static void main(String[] arguments) {
    // Before the first logger: the service's own configuration stands on the class path too.
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    System.exit(
        new CommandLine(new Benchmarks())
            .setUsageHelpWidth(HELP_WIDTH)
            .setExecutionExceptionHandler(Benchmarks::explain)
            .execute(arguments));
  }

  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter out = commandLine.getErr();
    out.println("FAILED: " + failure.getMessage());
    if (!(failure instanceof SandboxException)) {
      failure.printStackTrace(out);
    }
    out.flush();
    return 1;
  }
}
