package wherry.demo;

import java.io.PrintWriter;
import picocli.CommandLine;
import wherry.sandbox.SandboxException;

/** How a command of {@code ./wherry} that starts servers of its own runs and tells what failed. */
public final class CommandRun {
  private static final int HELP_WIDTH = 100;

  private CommandRun() {}

  /**
   * Runs it; to be called before the first logger is made.
   *
   * @param command annotated with picocli's Command
   * @return the exit code
   */
  public static int of(Object command, String... arguments) {
    // The service's own configuration stands on the class path too.
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    return new CommandLine(command)
        .setUsageHelpWidth(HELP_WIDTH)
        .setExecutionExceptionHandler(CommandRun::explain)
        .execute(arguments);
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
}
