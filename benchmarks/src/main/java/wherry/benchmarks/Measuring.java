package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wherry.demo.Display;
import wherry.demo.HelpOption;
import wherry.sandbox.Directories;

/** What every benchmark has: how often it measures, and where it writes. */
final class Measuring {
  @Option(names = "--runs", description = "runs of each (default: ${DEFAULT-VALUE})")
  private int runs;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli's
  private HelpOption help = new HelpOption();

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  /**
   * @param runs of each unless the user says otherwise
   */
  Measuring(int runs) {
    this.runs = runs;
  }

  int runs() {
    return runs;
  }

  /**
   * @param options that the benchmark has of its own are in their ranges
   * @param ranges of all, for the user who has left one
   */
  void check(boolean options, String ranges) {
    if (!options || runs < 1) {
      throw new ParameterException(spec.commandLine(), ranges);
    }
  }

  Display display() {
    return new Display(spec.commandLine().getOut(), Boolean.getBoolean("wherry.terminal"));
  }

  /** A directory that is deleted at the end. */
  static Path directory() throws IOException {
    Path directory = Files.createTempDirectory("wherry-bench-");
    Thread cleaning = new Thread(() -> Directories.delete(directory), "wherry-bench-cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    return directory;
  }
}
