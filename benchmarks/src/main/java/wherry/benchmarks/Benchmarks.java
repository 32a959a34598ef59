package wherry.benchmarks;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import wherry.sandbox.SandboxException;

/** {@code ./wherry bench}: one subcommand per benchmark. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = LoadBenchmark.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures Wherry beside the limit of this machine and its peers.")
public final class Benchmarks {
  public static void main(String[] arguments) {
    // Before the first logger: the service's own configuration stands on the class path too.
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    System.exit(
        new CommandLine(new Benchmarks())
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
