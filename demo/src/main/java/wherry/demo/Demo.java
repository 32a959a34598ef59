package wherry.demo;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

  @Option(
      names = "--scale",
      defaultValue = "0.1",
      description =
          "TPC-H scale factor; 1 is 8.7 million rows in each direction (default: ${DEFAULT-VALUE})")
  private double scale;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli's
  private HelpOption help = new HelpOption();

  @Option(
      names = "--keep",
      description = "leave everything running at the end and print how to connect")
  private boolean keep;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(CommandRun.of(new Demo(), arguments));
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
